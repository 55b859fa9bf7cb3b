/** The loads that both servers are given, and what their ratios are to reach. */
import type { Goal } from './goal.js';

export const KEY_COUNT = 1_000_000;
export const CLIENTS = 50;
const SMALL_VALUE_BYTES = 16;
const KIB = 1024;

export interface Load {
  /** For `--only`: `get-16`. */
  readonly id: string;
  readonly name: string;
  readonly pipeline: number;
  readonly valueBytes: number;
  /** Keys are drawn from so many. */
  readonly keyspace: number;
  /** Arguments of redis-benchmark behind the common ones; undefined: a mix that only the own generator makes. */
  readonly words: readonly string[] | undefined;
  /** Operations a second, RedNode's divided by Redis's. */
  readonly throughput: Goal;
  /** Processor time of the server for an operation, RedNode's divided by Redis's. */
  readonly cpu: Goal;
}

const KEY = 'key:__rand_int__';
const VALUE = 'v'.repeat(SMALL_VALUE_BYTES);

const pipelines: readonly { readonly pipeline: number; readonly throughput: Goal; readonly cpu: Goal }[] = [
  { pipeline: 1, throughput: { atLeast: 0.95 }, cpu: { atMost: 1.25 } },
  { pipeline: 16, throughput: { atLeast: 1.2 }, cpu: { atMost: 0.8 } },
  { pipeline: 64, throughput: { atLeast: 1.5 }, cpu: {} },
];

/** SET and GET with each pipeline. */
const basics: readonly Load[] = pipelines.flatMap(({ pipeline, throughput, cpu }) =>
  ['SET', 'GET'].map((name) => ({
    id: `${name.toLowerCase()}-${pipeline}`,
    name,
    pipeline,
    valueBytes: SMALL_VALUE_BYTES,
    keyspace: KEY_COUNT,
    words: ['-t', name.toLowerCase()],
    throughput,
    cpu,
  })),
);

/** At a pipeline of 16: no slower than Redis. */
function other(id: string, name: string, words: readonly string[] | undefined, more: Partial<Load> = {}): Load {
  return {
    id,
    name,
    pipeline: 16,
    valueBytes: SMALL_VALUE_BYTES,
    keyspace: KEY_COUNT,
    words,
    throughput: { atLeast: 1 },
    cpu: {},
    ...more,
  };
}

/** In an order that lets the million small keys serve for most of them; those with large values come last. */
export const loads: readonly Load[] = [
  ...basics,
  other('incr', 'INCR', ['-t', 'incr']),
  other('mset', 'MSET of 10', ['MSET', ...repeated([KEY, VALUE])]),
  other('mget', 'MGET of 10', ['MGET', ...repeated([KEY])]),
  other('mix', '90/10 GET/SET, zipf 0.99', undefined),
  other('expire', 'EXPIRE', ['EXPIRE', KEY, '1000']),
  other('set-1k', 'SET of 1 KiB', ['-t', 'set'], { valueBytes: KIB, keyspace: 100_000 }),
  other('set-64k', 'SET of 64 KiB', ['-t', 'set'], { valueBytes: 64 * KIB, keyspace: 1000 }),
];

function repeated(words: readonly string[]): string[] {
  return Array.from({ length: 10 }, () => words).flat();
}
