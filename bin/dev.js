#!/usr/bin/env node
// The program from source, for work on RedNode itself: compiles TypeScript as it is imported.
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';

register();
const { runCli } = await import('../src/cli/main.ts');
await runCli({
  root: fileURLToPath(new URL('..', import.meta.url)),
  argv: process.argv.slice(2),
  fromSource: true,
});
