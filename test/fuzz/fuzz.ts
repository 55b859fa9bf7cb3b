/** `npm run fuzz -- [--seed N] [--seconds N] [--rounds N]`: looks for input that the server cannot take. */
import { parseArgs } from 'node:util';
import { freshSeed } from '../support/random-source.js';
import { fuzz } from './fuzzer.js';

const { values } = parseArgs({
  options: { seed: { type: 'string' }, seconds: { type: 'string' }, rounds: { type: 'string' } },
});
const seed = Number(values.seed ?? freshSeed());
const seconds = Number(values.seconds ?? 60);
const rounds = Number(values.rounds ?? Number.MAX_SAFE_INTEGER);
process.stdout.write(`seed ${seed}, at most ${seconds} s\n`);
const startedMs = performance.now();
const result = await fuzz(seed, rounds, seconds * 1000);
const elapsedSeconds = ((performance.now() - startedMs) / 1000).toFixed(1);
process.stdout.write(
  result.failure === undefined
    ? `nothing found in ${result.rounds} rounds, ${elapsedSeconds} s\n`
    : `${result.failure}\n`,
);
process.exitCode = result.failure === undefined ? 0 : 1;
