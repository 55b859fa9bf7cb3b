/** Where the program of a node lies: found from the package's root, since bundling moves this very file. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ExitCode, RedNodeError } from '../errors.js';

const PACKAGE_NAME = 'rednode';

/** `dist/node/main.js` when this is the compiled program, `src/node/main.ts` when it runs from source. */
export function defaultNodeEntry(moduleUrl: string = import.meta.url): string {
  return packagedProgram('node/main', moduleUrl);
}

/** A program of this package that is started by its path: `node/main` names src/node/main.ts and dist/node/main.js. */
export function packagedProgram(name: string, moduleUrl: string = import.meta.url): string {
  const file = fileURLToPath(moduleUrl);
  const root = packageRootAbove(dirname(file));
  return file.endsWith('.ts') ? join(root, 'src', `${name}.ts`) : join(root, 'dist', `${name}.js`);
}

function packageRootAbove(folder: string): string {
  for (let current = folder; ; current = dirname(current)) {
    if (isPackageRoot(join(current, 'package.json'))) return current;
    if (current === dirname(current)) break;
  }
  throw new RedNodeError(
    'BROKEN_INSTALLATION',
    `no package.json of ${PACKAGE_NAME} above ${folder}`,
    ExitCode.internal,
    {
      hint: 'install the package again',
    },
  );
}

function isPackageRoot(manifestPath: string): boolean {
  if (!existsSync(manifestPath)) return false;
  const manifest: unknown = JSON.parse(readFileSync(manifestPath, 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'name' in manifest && manifest.name === PACKAGE_NAME;
}

/** Options of the `node` executable for an entry: TypeScript needs its loader, found from here and not from the working folder. */
export function nodeOptionsFor(entry: string): string[] {
  if (!entry.endsWith('.ts')) return [];
  // Not import.meta.resolve, which modules lack that a test runner loads by `require`.
  return ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href];
}
