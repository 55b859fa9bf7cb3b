#!/usr/bin/env node
// The program from source, for work on RedNode itself: compiles TypeScript as it is imported.
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';

// A token or password given as an argument is not left for `ps` to show.
const argv = process.argv.slice(2);
process.title = 'rednode';

register();
const { runCli } = await import('../src/cli/main.ts');
await runCli({
  root: fileURLToPath(new URL('..', import.meta.url)),
  argv,
  fromSource: true,
});
