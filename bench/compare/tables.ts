/** The results as tables, for the terminal and for Markdown. */
import Table from 'cli-table3';
import { goalText, verdictOf, type Goal, type Verdict } from './goal.js';
import { MEMORY_KEYS, MEMORY_VALUE_BYTES, type MemoryFigures } from './memory.js';
import type { Figure, OtherResult } from './other-benches.js';
import type { Comparison } from './rounds.js';

/** A latency ratio may not exceed this: no worse than Redis. */
const NO_WORSE: Goal = { atMost: 1 };
const MEMORY_GOAL: Goal = { atMost: 70 };
const BYTES_PER_MIB = 1024 ** 2;

export interface ResultTable {
  readonly title: string;
  readonly head: readonly string[];
  /** The last cell is the verdict. */
  readonly rows: readonly (readonly string[])[];
  /** What of it falls short, a sentence each. */
  readonly shortfalls: readonly string[];
}

/** Collects rows, and what falls short among them. */
class TableBuilder {
  private readonly rows: string[][] = [];
  private readonly shortfalls: string[] = [];

  constructor(
    private readonly title: string,
    private readonly head: readonly string[],
  ) {}

  /** `what` is the first cell; `where` tells the row from others of the same name, in the list of what falls short. */
  add(what: string, where: string, cells: readonly string[], value: number, goal: Goal): void {
    const verdict = verdictOf(value, goal);
    this.rows.push([what, ...cells, goalText(goal), verdict]);
    if (verdict !== 'short') return;
    this.shortfalls.push(`${this.title}: ${what}${where}: ${numberText(value)}, to reach ${goalText(goal)}`);
  }

  get table(): ResultTable {
    return { title: this.title, head: [...this.head, 'to reach', ''], rows: this.rows, shortfalls: this.shortfalls };
  }
}

export function throughputTable(comparisons: readonly Comparison[]): ResultTable {
  const builder = new TableBuilder('Operations per second', [
    'load',
    'P',
    'Redis',
    'RedNode',
    'ratio',
    'over the rounds',
  ]);
  for (const { load, redis, rednode, ratioRange } of comparisons) {
    const ratio = rednode.operationsPerSecond / redis.operationsPerSecond;
    // A command of ten keys counts once.
    builder.add(
      load.name,
      ` at P=${load.pipeline}, ratio`,
      [
        String(load.pipeline),
        countText(redis.operationsPerSecond),
        countText(rednode.operationsPerSecond),
        ratio.toFixed(2),
        ratioRange.map((value) => value.toFixed(2)).join(' - '),
      ],
      ratio,
      load.throughput,
    );
  }
  return builder.table;
}

export function cpuTable(comparisons: readonly Comparison[]): ResultTable {
  const builder = new TableBuilder('Processor time per operation, in microseconds', [
    'load',
    'P',
    'Redis',
    'RedNode',
    'ratio',
  ]);
  for (const { load, redis, rednode } of comparisons) {
    const ratio = rednode.cpuMicrosecondsPerOperation / redis.cpuMicrosecondsPerOperation;
    const cells = [redis, rednode].map((figures) => figures.cpuMicrosecondsPerOperation.toFixed(2));
    builder.add(
      load.name,
      ` at P=${load.pipeline}, ratio`,
      [String(load.pipeline), ...cells, ratio.toFixed(2)],
      ratio,
      load.cpu,
    );
  }
  return builder.table;
}

export function latencyTable(comparisons: readonly Comparison[]): ResultTable {
  const builder = new TableBuilder('Latency, in milliseconds', [
    'load',
    'P',
    'percentile',
    'Redis',
    'RedNode',
    'ratio',
  ]);
  for (const { load, redis, rednode } of comparisons) {
    const percentiles: readonly (readonly [string, number, number, Goal])[] = [
      ['p50', redis.p50Ms, rednode.p50Ms, {}],
      ['p99', redis.p99Ms, rednode.p99Ms, NO_WORSE],
      ['p99.9', redis.p999Ms, rednode.p999Ms, NO_WORSE],
    ];
    for (const [percentile, ofRedis, ofRednode, goal] of percentiles) {
      const ratio = ofRednode / ofRedis;
      const cells = [String(load.pipeline), percentile, ofRedis.toFixed(3), ofRednode.toFixed(3), ratio.toFixed(2)];
      builder.add(load.name, ` at P=${load.pipeline}, ${percentile}, ratio`, cells, ratio, goal);
    }
  }
  return builder.table;
}

export function memoryTable(redis: MemoryFigures, rednode: MemoryFigures): ResultTable {
  const builder = new TableBuilder('Memory', ['what', 'Redis', 'RedNode']);
  const mib = ({ emptyBytes }: MemoryFigures): string => (emptyBytes / BYTES_PER_MIB).toFixed(1);
  builder.add('the empty process, MiB resident', '', [mib(redis), mib(rednode)], 0, {});
  builder.add(
    `bytes per key beyond it (${countText(MEMORY_KEYS)} keys of 16 bytes, values of ${MEMORY_VALUE_BYTES})`,
    '',
    [redis.bytesPerKey.toFixed(1), rednode.bytesPerKey.toFixed(1)],
    rednode.bytesPerKey,
    MEMORY_GOAL,
  );
  return builder.table;
}

/** Undefined when no benchmark told of figures. */
export function otherTable(results: readonly OtherResult[]): ResultTable | undefined {
  const figures = results.flatMap((result) => result.figures);
  if (figures.length === 0) return undefined;
  const builder = new TableBuilder('Other figures', ['what', 'RedNode']);
  for (const figure of figures) builder.add(figure.what, '', [figureText(figure)], figure.value, figure);
  return builder.table;
}

function figureText({ value, unit }: Figure): string {
  return unit === '' ? numberText(value) : `${numberText(value)} ${unit}`;
}

export function terminalTable({ title, head, rows }: ResultTable): string {
  const table = new Table({
    head: [...head],
    colAligns: alignments(head),
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) table.push([...row]);
  return `${title}\n${table.toString()}`;
}

export function markdownTable({ title, head, rows }: ResultTable): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = alignments(head).map((side) => (side === 'left' ? '---' : '---:'));
  const body = rows.map((row) => line([...row.slice(0, -1), emphasized(row[row.length - 1])]));
  return [`## ${title}`, '', line(head), line(rule), ...body].join('\n');
}

function emphasized(verdict: string): string {
  return verdict === ('short' satisfies Verdict) ? '**short**' : verdict;
}

/** The first column holds names, the last the verdict; numbers stand between. */
function alignments(head: readonly string[]): ('left' | 'right')[] {
  return head.map((_, index) => (index === 0 || index === head.length - 1 ? 'left' : 'right'));
}

function countText(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

function numberText(value: number): string {
  return value >= 100 ? countText(value) : String(Number(value.toPrecision(3)));
}
