/** docs/benchmarks.md: the tables, what they were measured on and how, and what falls short. */
import type { Machine } from './machine.js';
import type { OtherResult } from './other-benches.js';
import { markdownTable, type ResultTable } from './tables.js';

export interface Results {
  readonly machine: Machine;
  readonly commandLine: string;
  readonly rounds: number;
  readonly roundMs: number;
  /** A short run, or a part of the whole: its figures are not for quoting. */
  readonly isPartial: boolean;
  readonly measuredAt: Date;
  readonly tables: readonly ResultTable[];
  readonly others: readonly OtherResult[];
}

export function benchmarkPage(results: Results): string {
  return [
    `# Benchmarks`,
    introduction(results),
    shortfallSection(results),
    ...results.tables.map(markdownTable),
    ...results.others.filter(({ failure }) => failure === undefined).map(otherSection),
  ]
    .join('\n\n')
    .concat('\n');
}

function introduction({ machine, commandLine, rounds, roundMs, isPartial, measuredAt }: Results): string {
  const { cpu, cores, memory, system, loadBefore } = machine;
  const parts = [
    `Written by \`${commandLine}\` on ${measuredAt.toISOString().slice(0, 16).replace('T', ' ')} UTC. ` +
      `${cores} cores of ${cpu}, ${memory}, ${system}; load of the machine before: ${loadBefore.toFixed(2)}. ` +
      `RedNode ${machine.rednode} (${machine.commit}) on Node.js ${machine.node}, redis-server ${machine.redis}.`,
    `Both servers run side by side on the same machine as the load, redis-server without persistence; ${rounds} rounds of at ` +
      `least ${(roundMs / 1000).toFixed(1)} s each, in turn, after one that is not counted; the tables show medians. P is the pipeline: commands ` +
      `that each of the 50 connections sends before it waits. The load is redis-benchmark's (\`-c 50 -d 16 -r 1000000\`), except for the ` +
      `mix, which \`rednode bench\` makes. Both are closed loops: while a server stalls, nothing is asked of it, so latencies are of what was asked. ` +
      `Load and server share the cores, so that a server that is frugal gains twice.`,
  ];
  if (isPartial) parts.push('This was a short run or a part of one: its figures are no basis for comparison.');
  return parts.join('\n\n');
}

function shortfallSection({ tables, others }: Results): string {
  const missing = others.flatMap(({ name, failure }) =>
    failure === undefined ? [] : [`${name} could not be measured: ${failure}`],
  );
  const shortfalls = [...tables.flatMap((table) => table.shortfalls), ...missing];
  if (shortfalls.length === 0) return '## What is not reached\n\nNothing of what is listed here.';
  return `## What is not reached\n\n${shortfalls.map((line) => `- ${line}`).join('\n')}`;
}

function otherSection({ name, printed }: OtherResult): string {
  return `## bench/${name}.ts\n\n\`\`\`text\n${printed.trim()}\n\`\`\``;
}
