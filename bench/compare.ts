/**
 * `npm run bench`: RedNode beside redis-server, in one run on one machine. Prints tables and writes docs/benchmarks.md.
 * Options: --rounds N, --quick (short rounds), --only ID,ID (see compare/loads.ts; also memory and the files of bench/), --out FILE.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { messageOf } from '../src/errors.js';
import { benchmarkPage, type Results } from './compare/document.js';
import { loads } from './compare/loads.js';
import { describeMachine } from './compare/machine.js';
import { measureMemory } from './compare/memory.js';
import { OTHER_BENCHES, runOtherBench, type OtherResult } from './compare/other-benches.js';
import { compareLoads } from './compare/rounds.js';
import {
  cpuTable,
  latencyTable,
  memoryTable,
  otherTable,
  terminalTable,
  throughputTable,
  type ResultTable,
} from './compare/tables.js';

const DEFAULT_ROUNDS = 5;
const ROUND_MS = 2500;
const QUICK_ROUNDS = 3;
const QUICK_ROUND_MS = 500;
const MEMORY_REPEATS_MAX = 3;
/** Whatever hangs, the run ends. */
const RUN_TIMEOUT_MS = 60 * 60_000;
const USAGE_EXIT_CODE = 2;
const INTERRUPTED_EXIT_CODE = 130;
const MEMORY = 'memory-per-key';

interface Options {
  readonly rounds: number;
  readonly roundMs: number;
  readonly only: ReadonlySet<string>;
  readonly out: string;
  readonly isPartial: boolean;
}

const knownIds: readonly string[] = [...loads.map(({ id }) => id), MEMORY, ...OTHER_BENCHES];

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string' },
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      out: { type: 'string', default: 'docs/benchmarks.md' },
    },
  });
  const rounds = Number(values.rounds ?? (values.quick ? QUICK_ROUNDS : DEFAULT_ROUNDS));
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds ${values.rounds ?? ''} is not a number above 0`);
  const only = new Set(values.only?.split(',') ?? knownIds);
  for (const id of only) if (!knownIds.includes(id)) throw new Error(`--only ${id}: there is ${knownIds.join(', ')}`);
  const isPartial = values.quick || values.only !== undefined;
  return { rounds, roundMs: values.quick ? QUICK_ROUND_MS : ROUND_MS, only, out: values.out, isPartial };
}

async function measure(options: Options, signal: AbortSignal): Promise<Results> {
  const { rounds, roundMs, only, isPartial } = options;
  const machine = await describeMachine();
  const measuredAt = new Date();
  const onStep = (text: string): void => {
    console.error(`  ${text}`);
  };
  const chosen = loads.filter(({ id }) => only.has(id));
  const comparisons = await compareLoads(chosen, { rounds, roundMs, signal, onStep });
  const tables: ResultTable[] = [];
  if (comparisons.length > 0)
    tables.push(throughputTable(comparisons), cpuTable(comparisons), latencyTable(comparisons));
  if (only.has(MEMORY)) {
    onStep(MEMORY);
    const repeats = Math.min(rounds, MEMORY_REPEATS_MAX);
    const redis = await measureMemory('redis', repeats, signal);
    tables.push(memoryTable(redis, await measureMemory('rednode', repeats, signal)));
  }
  const others = await runOthers(only, signal, onStep);
  const table = otherTable(others);
  if (table !== undefined) tables.push(table);
  const commandLine = ['npm run bench', ...(process.argv.length > 2 ? ['--'] : []), ...process.argv.slice(2)].join(' ');
  return { machine, commandLine, rounds, roundMs, isPartial, measuredAt, tables, others };
}

async function runOthers(
  only: ReadonlySet<string>,
  signal: AbortSignal,
  onStep: (text: string) => void,
): Promise<OtherResult[]> {
  const results: OtherResult[] = [];
  for (const name of OTHER_BENCHES) {
    if (!only.has(name)) continue;
    onStep(`bench/${name}.ts`);
    const result = await runOtherBench(name, signal);
    if (result === undefined) onStep(`bench/${name}.ts is not there`);
    else results.push(result);
  }
  return results;
}

/** Ends what it has started when it is told to stop; a second time, it does not wait for that. */
function abortOnSignals(controller: AbortController): void {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(INTERRUPTED_EXIT_CODE);
      controller.abort(new Error(`ended by ${name}`));
    });
  }
}

async function run(options: Options): Promise<void> {
  const controller = new AbortController();
  abortOnSignals(controller);
  const timer = setTimeout(() => {
    controller.abort(new Error('the run took longer than an hour'));
  }, RUN_TIMEOUT_MS);
  try {
    const results = await measure(options, controller.signal);
    for (const table of results.tables) console.log(`\n${terminalTable(table)}`);
    for (const { name, failure, printed } of results.others) {
      if (failure !== undefined) console.log(`\n${name}: ${failure}\n${printed}`);
    }
    await writeFile(options.out, benchmarkPage(results));
    console.log(`\nwritten to ${options.out}`);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    console.error(messageOf(controller.signal.reason));
    process.exitCode = INTERRUPTED_EXIT_CODE;
  } finally {
    clearTimeout(timer);
  }
}

let chosen: Options | undefined;
try {
  chosen = readOptions();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = USAGE_EXIT_CODE;
}
if (chosen !== undefined) await run(chosen);
