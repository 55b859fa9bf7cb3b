/**
 * The build: bundles the command line, every CLI command, the node process and the library into dist/, and writes the
 * library's type declarations and oclif.manifest.json. The bundle holds every package it uses: the installed package has no
 * dependencies.
 *
 * Bundling is for start-up time: resolving and reading the several hundred small files of oclif and its friends takes
 * longer than everything that a command such as `rednode get` does. Code splitting keeps what commands share in common
 * chunks and leaves dynamic imports lazy. Nothing here is needed to run from source (`npm run dev`).
 */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { writeLicenses } from './build/licenses.js';
import { writeTypes } from './build/types.js';

const root = path.dirname(fileURLToPath(import.meta.url));
const outputFolder = path.join(root, 'dist');

/** CommonJS packages in an ESM bundle still ask for these. Each output file has its own. */
const commonJsNames = [
  "import { createRequire as __createRequire } from 'node:module';",
  "import { fileURLToPath as __fileURLToPath } from 'node:url';",
  'const require = __createRequire(import.meta.url);',
  'const __filename = __fileURLToPath(import.meta.url);',
  "const __dirname = __fileURLToPath(new URL('.', import.meta.url));",
].join('\n');

/** Output path without extension -> source. Every CLI command is an entry: its path is its id. */
async function entryPoints() {
  const entries = {
    cli: 'src/cli/main.ts',
    'node/main': 'src/node/main.ts',
    'library/index': 'src/library/index.ts',
    'library/launcher-process': 'src/library/launcher-process.ts',
  };
  const files = await readdir(path.join(root, 'commands'), { recursive: true });
  for (const file of files.filter((name) => name.endsWith('.ts'))) {
    entries[`commands/${file.replace(/\.ts$/, '')}`] = `commands/${file}`;
  }
  return entries;
}

/**
 * oclif searches the file system for commands only where there is no manifest, so its glob package is loaded when it is
 * called and not at every start.
 * @type {import('esbuild').Plugin}
 */
const lazyGlob = {
  name: 'lazy-glob',
  setup(build) {
    build.onResolve({ filter: /^tinyglobby$/ }, ({ importer }) =>
      importer.includes('@oclif') ? { path: 'tinyglobby', namespace: 'lazy' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'lazy' }, () => ({
      contents: "exports.glob = (...options) => require('tinyglobby').glob(...options);",
      resolveDir: root,
    }));
  },
};

async function bundle() {
  await rm(outputFolder, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: await entryPoints(),
    outdir: outputFolder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    chunkNames: 'chunks/[name]-[hash]',
    sourcemap: true,
    minifyWhitespace: true,
    keepNames: true,
    legalComments: 'none',
    banner: { js: commonJsNames },
    plugins: [lazyGlob],
    external: ['typescript', 'ts-node', 'tsx', 'tsx/*'],
    logLevel: 'warning',
    metafile: true,
  });
  const file = path.join(outputFolder, 'THIRD-PARTY-LICENSES.txt');
  await writeLicenses({ root, inputs: Object.keys(metafile.inputs), file });
}

/** The manifest lets a start read one file instead of loading every command to learn its flags. */
async function writeManifest() {
  const file = path.join(root, 'oclif.manifest.json');
  await rm(file, { force: true });
  const { Plugin } = await import('@oclif/core/config');
  const pjson = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  const plugin = new Plugin({ root, pjson, isRoot: true, ignoreManifest: true, errorOnManifestCreate: true });
  await plugin.load();
  await writeFile(file, JSON.stringify(plugin.manifest));
}

await bundle();
await writeTypes({ root, entry: 'library/index', outputFolder: path.join(outputFolder, 'types') });
await writeManifest();
