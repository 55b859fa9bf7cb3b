/** Proves the layer rules: each rule of .dependency-cruiser.cjs catches an import that breaks it. */
import assert from 'node:assert/strict';
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { temporaryFolder } from './support/temporary-folder.js';

interface Ruleset {
  readonly forbidden: readonly { readonly name: string; readonly comment: string }[];
  readonly options: Record<string, unknown>;
}

const root = path.join(import.meta.dirname, '..');
const ruleset = createRequire(import.meta.url)('../.dependency-cruiser.cjs') as Ruleset;

/** File -> its source. Every file breaks the rule it is named for in the table of expectations below. */
const files: Record<string, string> = {
  'src/errors.ts': "import '../src/clock.js';",
  'src/clock.ts': "import './config/options.js';",
  'src/config/options.ts': "import '../resp/codec.js';",
  'src/resp/codec.ts': "import '../topology/slots.js';\nimport 'node:net';",
  'src/topology/slots.ts': "import '../ipc/messages.js';",
  'src/ipc/messages.ts': "import '../cluster/launcher.js';",
  'src/storage/arena.ts': "import '../keyspace/keyspace.js';",
  'src/keyspace/keyspace.ts':
    "import type { Command } from '../command-table/command.js';\nexport type Keyspace = Command;",
  'src/command-table/command.ts':
    "import '../keyspace/keyspace.js';\nimport '../server/server.js';\nexport type Command = 1;",
  'src/glob.ts': "import './clock.js';",
  'src/tenancy/registry.ts': "import '../server/server.js';",
  'src/persistence/rdb.ts': "import '../replication/link.js';",
  'src/replication/link.ts': "import '../server/server.js';",
  'src/server/server.ts': "import '../node/main.js';\nimport 'chalk';\nimport 'mocha';",
  'src/node/main.ts': "import '../client/connection.js';",
  'src/cluster/launcher.ts': "import '../node/main.js';",
  'src/library/index.ts': "import '../keyspace/keyspace.js';",
  'src/client/connection.ts': "import '../storage/arena.js';",
  'src/shell/shell.ts': "import '../keyspace/keyspace.js';",
  'src/cli/main.ts': "import '../server/server.js';\nimport './nowhere.js';\nimport '../../test/support/fake.js';",
  'src/utils/strings.ts': '',
  'src/cli/first.ts': "import './second.js';\nimport '../utils/strings.js';\nimport 'left-pad';",
  'src/cli/second.ts': "import './first.js';\nimport '../../commands/get.js';",
  'commands/get.ts': "import '../src/keyspace/keyspace.js';",
  'bin/run.js': "import '../src/server/server.ts';",
  'test/support/fake.ts': '',
};

const packageJson = { name: 'fixture', type: 'module', devDependencies: { chalk: '*', mocha: '*' } };

async function cruiseViolations(): Promise<Map<string, string[]>> {
  await using folder = await temporaryFolder('layers');
  for (const [file, source] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder.path, file)), { recursive: true });
    await writeFile(path.join(folder.path, file), `${source}\nexport {};\n`);
  }
  await writeFile(path.join(folder.path, 'package.json'), JSON.stringify(packageJson));
  await cp(path.join(root, 'tsconfig.json'), path.join(folder.path, 'tsconfig.json'));
  for (const name of ['chalk', 'mocha']) await fakePackage(folder.path, name);
  await fakePackage(folder.path, 'left-pad');
  await symlink(path.join(root, 'node_modules/typescript'), path.join(folder.path, 'node_modules/typescript'));
  const { tsConfig: _unused, ...options } = ruleset.options;
  const result = await cruise(['bin', 'commands', 'src', 'test'], {
    ...options,
    baseDir: folder.path,
    validate: true,
    ruleSet: { forbidden: ruleset.forbidden } as never,
  });
  const violations = new Map<string, string[]>();
  for (const { rule, from, to } of (result.output as ICruiseResult).summary.violations) {
    violations.set(rule.name, [...(violations.get(rule.name) ?? []), `${from} -> ${to}`]);
  }
  return violations;
}

async function fakePackage(folder: string, name: string): Promise<void> {
  const home = path.join(folder, 'node_modules', name);
  await mkdir(home, { recursive: true });
  await writeFile(path.join(home, 'package.json'), JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
  await writeFile(path.join(home, 'index.js'), '');
}

describe('the layer rules', function () {
  this.timeout(60_000);
  let violations: Map<string, string[]>;

  before(async () => {
    violations = await cruiseViolations();
  });

  for (const { name, comment } of ruleset.forbidden) {
    it(`${name} catches an import that breaks it: ${comment}`, () => {
      assert.ok(violations.has(name), `no violation of ${name} in ${JSON.stringify([...violations])}`);
    });
  }

  it('allow command-table to import keyspace for types only', () => {
    assert.deepEqual(violations.get('command-table-sees-keyspace-as-types'), [
      'src/command-table/command.ts -> src/keyspace/keyspace.ts',
    ]);
  });

  it('allow the product the packages that are bundled', () => {
    assert.deepEqual(violations.get('no-development-packages'), [
      'src/server/server.ts -> node_modules/mocha/index.js',
    ]);
  });

  it('name the file that breaks them', () => {
    assert.deepEqual(violations.get('layer-client'), ['src/client/connection.ts -> src/storage/arena.ts']);
    assert.deepEqual(violations.get('layer-cluster'), ['src/cluster/launcher.ts -> src/node/main.ts']);
  });
});
