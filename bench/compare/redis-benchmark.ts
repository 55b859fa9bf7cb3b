/** Runs redis-benchmark and reads what it prints. */
import { execa } from 'execa';
import { CLIENTS, type Load } from './loads.js';

/** A run is meant to take seconds; one that hangs must not hang everything. */
const RUN_TIMEOUT_MS = 120_000;

/** What one run of a load gave, whichever program made the load. */
export interface LoadResult {
  readonly operationsPerSecond: number;
  readonly operations: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
}

export async function runRedisBenchmark(
  port: number,
  load: Load,
  requests: number,
  signal: AbortSignal,
): Promise<LoadResult> {
  const common = ['-p', port, '-c', CLIENTS, '-d', load.valueBytes, '-r', load.keyspace, '-P', load.pipeline];
  const { stdout } = await execa('redis-benchmark', [...common, '-n', requests, ...(load.words ?? [])].map(String), {
    timeout: RUN_TIMEOUT_MS,
    cancelSignal: signal,
  });
  return { ...parseReport(stdout), operations: requests };
}

const NUMBER = '\\s+([\\d.]+)';

/** Reads the report that redis-benchmark 7 prints without -q and --csv. Throws when it is none. */
export function parseReport(text: string): Omit<LoadResult, 'operations'> {
  const summary = new RegExp(`avg\\s+min\\s+p50\\s+p95\\s+p99\\s+max\\s*\\n${NUMBER.repeat(6)}`).exec(text);
  const throughput = /throughput summary: ([\d.]+) requests per second/.exec(text);
  if (summary === null || throughput === null) {
    throw new Error(`redis-benchmark printed no summary: ${JSON.stringify(text.slice(-500))}`);
  }
  return {
    operationsPerSecond: Number(throughput[1]),
    p50Ms: Number(summary[3]),
    p99Ms: Number(summary[5]),
    p999Ms: percentileOf(text, 99.9),
  };
}

/** Of the table of percentiles, the first row that reaches `percent`. */
function percentileOf(text: string, percent: number): number {
  const end = text.indexOf('Cumulative distribution of latencies');
  const table = end === -1 ? text : text.slice(0, end);
  for (const [, share, latency] of table.matchAll(/^([\d.]+)% <= ([\d.]+) milliseconds/gm)) {
    if (Number(share) >= percent) return Number(latency);
  }
  throw new Error(`redis-benchmark printed no percentile of ${percent}`);
}
