/** The packed package: what linters say of it, what it holds, and that it runs, imports and type-checks where nothing else is. */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { InstalledPackage, run } from './installed-package.js';

const TSC = path.join(import.meta.dirname, '../../node_modules/typescript/bin/tsc');

/** A test suite that uses everything there is. `@ts-expect-error` fails where there is no error. */
const CONSUMER = `
import { RedNodeError, startCluster, startServer, type ClusterStatus, type RunningCluster, type Tenant } from 'rednode';

export async function suite(): Promise<void> {
  await using server = await startServer({ tenants: ['acme'], maxMemoryBytes: 1024 * 1024, logLevel: 'warn' });
  const acme: Tenant = server.tenants.acme;
  const port: number = server.port;
  // @ts-expect-error -- no tenant of that name was asked for
  void server.tenants.globex;
  // @ts-expect-error -- there is no such option
  await startServer({ maxmemory: '1mb' });
  // @ts-expect-error -- results are not for changing
  server.url = '';
  const cluster: RunningCluster = await startCluster({ masters: 3, replicas: 1, startTimeoutMs: 10_000 });
  const status: ClusterStatus = await cluster.status();
  const promoted: string | undefined = (await cluster.kill(status.nodes[0]!.name)).promoted?.node;
  const { token, url } = await cluster.createTenant('globex', { maxKeys: 1000, evictionPolicy: 'allkeys-lru' });
  await cluster.stop().catch((error: unknown) => {
    if (error instanceof RedNodeError) throw new Error([error.code, error.hint, port, promoted, token, url, acme.url].join());
  });
}
`;

describe('the package', function () {
  this.timeout(120_000);
  let installed: InstalledPackage;
  let home: string;

  before(async () => {
    installed = await InstalledPackage.create();
    home = path.join(installed.folder, 'node_modules/rednode');
  });

  after(() => installed[Symbol.asyncDispose]());

  it('pleases publint', async () => {
    const tarball = await readFile(installed.tarball);
    const bytes = tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.length);
    const { messages, pkg } = await publint({ pack: { tarball: bytes }, strict: true });
    assert.deepEqual(
      messages.map((message) => formatMessage(message, pkg)),
      [],
    );
  });

  it('has types that are right for every way of importing it', async () => {
    const analysis = await checkPackage(createPackageFromTarballData(await readFile(installed.tarball)));
    assert.ok(analysis.types);
    // Node.js 20.19 and later load ES modules by require() too.
    const problems = analysis.problems.filter(({ kind }) => kind !== 'CJSResolvesToESM');
    assert.deepEqual(problems, []);
  });

  it('depends on no other package, and brings the licences of those it holds', async () => {
    assert.deepEqual((await readdir(path.join(installed.folder, 'node_modules'))).filter(isVisible), ['rednode']);
    const description = JSON.parse(await readFile(path.join(home, 'package.json'), 'utf8')) as Record<string, unknown>;
    assert.equal(description.dependencies, undefined);
    const licenses = await readFile(path.join(home, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8');
    for (const name of ['@oclif/core', 'zod', 'pino', 'execa']) assert.ok(licenses.includes(`\n${name} `), name);
  });

  it('holds declarations of the library and of nothing behind it', async () => {
    const files = (await readdir(home, { recursive: true })).filter((file) => file.endsWith('.ts')).sort();
    assert.deepEqual(files, [
      'dist/types/errors.d.ts',
      'dist/types/library/index.d.ts',
      'dist/types/library/start-cluster.d.ts',
      'dist/types/library/start-server.d.ts',
      'dist/types/library/types.d.ts',
    ]);
    for (const file of files) {
      const imports = [...(await readFile(path.join(home, file), 'utf8')).matchAll(/from '([^']+)'/g)];
      for (const [, specifier] of imports) assert.match(specifier, /^\.\.?\/[\w-]+\.js$/, file);
    }
  });

  for (const [module, moduleResolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ] as const) {
    it(`type-checks in a project with moduleResolution ${moduleResolution} and no types but its own`, async () => {
      const folder = path.join(installed.folder, moduleResolution);
      await mkdir(folder);
      await writeFile(path.join(folder, 'suite.mts'), CONSUMER);
      const compilerOptions = {
        ...{ module, moduleResolution, target: 'es2022', lib: ['es2022'], types: [] },
        ...{ strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, skipLibCheck: false },
        noEmit: true,
      };
      await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.mts'] }));
      await run(process.execPath, [TSC, '-p', folder], installed.folder);
    });
  }

  it('is imported by ES modules and required by CommonJS, and leaves no path into its inside', async () => {
    const use =
      'startServer().then((server) => server.stop()).then(() => console.log(Object.keys(library).sort().join()));';
    const programs = {
      'import.mjs': `import * as library from 'rednode'; const { startServer } = library; ${use}`,
      'require.cjs': `const library = require('rednode'); const { startServer } = library; ${use}`,
    };
    for (const [name, source] of Object.entries(programs)) {
      await writeFile(path.join(installed.folder, name), source);
      const { stdout } = await run(process.execPath, ['--no-warnings', name], installed.folder);
      assert.equal(stdout, 'RedNodeError,startCluster,startServer\n', name);
    }
    const inside = "import('rednode/dist/library/index.js').catch((error) => console.log(error.code))";
    const { stdout } = await run(process.execPath, ['-e', inside], installed.folder);
    assert.equal(stdout, 'ERR_PACKAGE_PATH_NOT_EXPORTED\n');
  });

  it('runs as a program: a cluster, commands and a shell', async () => {
    const rednode = async (...args: string[]): Promise<string> =>
      (await run('npx', ['--offline', 'rednode', ...args], installed.folder)).stdout;
    assert.match(await rednode('--version'), /^rednode\/\d+\.\d+\.\d+ /);
    await rednode('cluster', 'up', 'packed', '--detach', '--masters', '2', '--replicas', '1');
    try {
      await rednode('set', 'greeting', 'hello');
      assert.equal(await rednode('get', 'greeting'), 'hello\n');
      const status = JSON.parse(await rednode('cluster', 'status', '--json')) as { state: string };
      assert.equal(status.state, 'ready');
    } finally {
      await rednode('cluster', 'down', 'packed', '--purge', '--yes');
    }
  });
});

function isVisible(name: string): boolean {
  return !name.startsWith('.');
}
