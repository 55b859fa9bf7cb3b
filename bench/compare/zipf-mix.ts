/** Reads and writes over a zipf keyspace, which redis-benchmark cannot make: `rednode bench` does, on both servers. */
import { execa } from 'execa';
import { PROGRAM } from './servers.js';
import { CLIENTS, type Load } from './loads.js';
import type { LoadResult } from './redis-benchmark.js';

const RUN_TIMEOUT_MS = 120_000;

interface BenchOutput {
  readonly operations: number;
  readonly operationsPerSecond: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly p999: number };
  readonly errors: readonly unknown[];
}

export async function runZipfMix(
  port: number,
  load: Load,
  durationMs: number,
  signal: AbortSignal,
): Promise<LoadResult> {
  const words = ['bench', '--url', `redis://127.0.0.1:${port}`, '--json', '--no-fill', '--keep', '--prefix', 'key:'];
  const numbers = ['--clients', CLIENTS, '--pipeline', load.pipeline, '--keyspace', load.keyspace];
  const shape = ['--size', load.valueBytes, '--ratio', '9:1', '--zipf', '0.99', '--duration', `${durationMs}ms`];
  const { stdout } = await execa(process.execPath, [PROGRAM, ...words, ...[...numbers, ...shape].map(String)], {
    timeout: RUN_TIMEOUT_MS,
    cancelSignal: signal,
  });
  const output = JSON.parse(stdout) as BenchOutput;
  if (output.errors.length > 0) throw new Error(`the load met errors: ${JSON.stringify(output.errors)}`);
  const { p50, p99, p999 } = output.latencyMs;
  const { operations, operationsPerSecond } = output;
  return { operations, operationsPerSecond, p50Ms: p50, p99Ms: p99, p999Ms: p999 };
}
