/** The histogram of latencies, drawn with a bar for each range of a scale that suits them. */
import type { LatencyBucket, LatencyHistogram } from '../../client/bench/histogram.js';
import type { Theme } from '../theme.js';

/** Bounds of the rows within a power of ten, the finest scale first. */
const SCALES: readonly (readonly number[])[] = [
  [1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 5, 6, 8],
  [1, 1.5, 2, 3, 4, 6],
  [1, 2, 5],
  [1],
];
const ROWS_MAX = 18;
/** The fastest and the slowest operations have one row each where they would be spread over many. */
const EDGE_SHARE = 0.0005;
const LABEL_WIDTH = 21;
const NUMBERS_WIDTH = 20;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** Operations whose latency is in [fromMs, toMs). */
export interface ChartRow {
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
}

/** The rows of a chart, without gaps, from the fastest operation to the slowest. */
export function chartRows(histogram: LatencyHistogram): ChartRow[] {
  if (histogram.count === 0) return [];
  const buckets = [...histogram.buckets()];
  const headUntilMs = histogram.percentileMs(100 * EDGE_SHARE);
  const tailFromMs = histogram.percentileMs(100 * (1 - EDGE_SHARE));
  for (const scale of SCALES) {
    const rows = rowsOf(buckets, scale, headUntilMs, tailFromMs);
    if (rows.length <= ROWS_MAX || scale === SCALES.at(-1)) return rows;
  }
  return [];
}

function rowsOf(
  buckets: readonly LatencyBucket[],
  scale: readonly number[],
  headUntilMs: number,
  tailFromMs: number,
): ChartRow[] {
  const rows: { fromMs: number; toMs: number; count: number }[] = [];
  for (const { fromMs, toMs, count } of buckets) {
    // A bucket belongs to the row of its middle: it may lie across a bound by less than its own width.
    const middleMs = (fromMs + toMs) / 2;
    let row = rows.at(-1);
    row ??= openRow(rows, boundsAround(middleMs, scale)[0], boundsAround(Math.max(middleMs, headUntilMs), scale)[1]);
    while (middleMs >= row.toMs) {
      if (row.fromMs >= tailFromMs) row.toMs = boundsAround(middleMs, scale)[1];
      else row = openRow(rows, row.toMs, boundsAround(row.toMs * 1.0001, scale)[1]);
    }
    row.count += count;
  }
  return rows;
}

function openRow(
  rows: { fromMs: number; toMs: number; count: number }[],
  fromMs: number,
  toMs: number,
): { fromMs: number; toMs: number; count: number } {
  const row = { fromMs, toMs, count: 0 };
  rows.push(row);
  return row;
}

function boundsAround(valueMs: number, scale: readonly number[]): [number, number] {
  const power = Math.floor(Math.log10(valueMs));
  const bounds = [...scale.map((step) => bound(step, power)), bound(1, power + 1)];
  // Rounding of the logarithm may miss the power by one.
  if (valueMs >= bounds[bounds.length - 1]) return [bounds[bounds.length - 1], bound(scale[1] ?? 10, power + 1)];
  const above = bounds.findIndex((candidate) => candidate > valueMs);
  return above === 0 ? [bound(scale[scale.length - 1], power - 1), bounds[0]] : [bounds[above - 1], bounds[above]];
}

/** Written in decimal, so that 1.5 times 10^-1 is 0.15 to the last bit. */
function bound(step: number, power: number): number {
  return Number(`${step}e${power}`);
}

/** The drawing in `columns` columns, without a line feed at the end. */
export function latencyChart(histogram: LatencyHistogram, theme: Theme, columns: number): string {
  const rows = chartRows(histogram);
  const largest = Math.max(...rows.map(({ count }) => count));
  const barWidth = columns - LABEL_WIDTH - NUMBERS_WIDTH;
  let seen = 0;
  return rows
    .map(({ fromMs, toMs, count }) => {
      seen += count;
      const bar = barText((count / largest) * barWidth, count > 0, theme.unicode);
      const label = `${scaleText(fromMs).padStart(7)} - ${scaleText(toMs).padStart(7)}`.padEnd(LABEL_WIDTH - 2);
      const numbers = `${shareText(count / histogram.count).padStart(9)} ${theme.dim(shareText(seen / histogram.count).padStart(9))}`;
      return `  ${label}${theme.accent(bar)}${' '.repeat(barWidth - bar.length)}${numbers}`;
    })
    .join('\n');
}

function barText(length: number, isVisible: boolean, isUnicode: boolean): string {
  if (!isUnicode) return '#'.repeat(Math.max(isVisible ? 1 : 0, Math.round(length)));
  const eighths = Math.max(isVisible ? 1 : 0, Math.round(length * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
}

function scaleText(valueMs: number): string {
  return String(Number(valueMs.toPrecision(4)));
}

/** Shares that are not all and not nothing are never shown as if they were. */
function shareText(share: number): string {
  const percent = share * 100;
  if (share === 0 || share === 1) return `${percent} %`;
  if (percent >= 99.995) return '>99.99 %';
  return percent < 0.005 ? '<0.01 %' : `${percent.toFixed(2)} %`;
}
