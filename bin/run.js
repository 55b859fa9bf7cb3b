#!/usr/bin/env node
// The program as it is installed: runs the bundle that `npm run build` made.
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

// A token or password given as an argument is not left for `ps` to show.
const argv = process.argv.slice(2);
process.title = 'rednode';

// Node 22 and later keep compiled code between starts.
module.enableCompileCache?.();

const bundle = new URL('../dist/cli.js', import.meta.url);
if (existsSync(bundle)) {
  const { runCli } = await import(bundle.href);
  await runCli({ root: fileURLToPath(new URL('..', import.meta.url)), argv });
} else {
  process.stderr.write('error: RedNode is not built\n  try      npm run build\n');
  process.exitCode = 70;
}
