/**
 * The benchmarks that stand by themselves: run one after the other, and what they print taken over. A line that they end in
 * `<value> [unit]   to reach <= <goal>   ok` is a figure.
 */
import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { systemCodeOf } from '../../src/errors.js';
import type { Goal } from './goal.js';

const RUN_TIMEOUT_MS = 15 * 60_000;

/** By the name of their file in bench/; one that is not there is left out. */
export const OTHER_BENCHES = ['start-up', 'stalls', 'isolation', 'memory', 'tenants'] as const;

const FIGURE =
  /^\s*(?<what>\S.*?):?\s+(?<value>\d[\d,.]*)(?: (?<unit>[^\s\d]+))?\s{2,}to reach (?<side>[<>]=) (?<goal>[\d.]+)(?: \S+)?\s+(?:ok|short)\s*$/gm;

export interface Figure extends Goal {
  /** `isolation: ratio of p99`. */
  readonly what: string;
  readonly value: number;
  /** `ms`, `bytes`; empty for a ratio. */
  readonly unit: string;
}

export interface OtherResult {
  readonly name: string;
  readonly figures: readonly Figure[];
  readonly printed: string;
  /** Why it could not be measured; undefined when it was. */
  readonly failure: string | undefined;
}

/** Undefined where there is no such benchmark. */
export async function runOtherBench(name: string, signal: AbortSignal): Promise<OtherResult | undefined> {
  const file = fileURLToPath(new URL(`../${name}.ts`, import.meta.url));
  if (!(await exists(file))) return undefined;
  const result = await execa(process.execPath, ['--import=tsx', file], {
    timeout: RUN_TIMEOUT_MS,
    cancelSignal: signal,
    all: true,
    reject: false,
  });
  signal.throwIfAborted();
  const failure = result.failed ? failureText(result) : undefined;
  return { name, figures: figuresIn(result.all, name), printed: result.all, failure };
}

/** Without the command line, whose paths are of this machine. */
function failureText({
  timedOut,
  exitCode,
  signal,
}: {
  timedOut: boolean;
  exitCode?: number;
  signal?: string;
}): string {
  if (timedOut) return 'it took longer than its time limit';
  return exitCode === undefined ? `it was ended by ${signal ?? 'a signal'}` : `it ended with exit code ${exitCode}`;
}

/** The figures among the lines that a benchmark printed. */
export function figuresIn(printed: string, name: string): Figure[] {
  return Array.from(printed.matchAll(FIGURE), ({ groups = {} }) => {
    const { what, value, unit = '', side, goal } = groups as Readonly<Record<string, string | undefined>>;
    const limit = Number(goal);
    return {
      what: `${name}: ${what ?? ''}`,
      value: Number((value ?? '').replaceAll(',', '')),
      unit,
      ...(side === '<=' ? { atMost: limit } : { atLeast: limit }),
    };
  });
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
