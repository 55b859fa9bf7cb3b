/** The result of `rednode bench`: as text for people, and as the value that `--json` prints. */
import type { LatencyHistogram } from '../../client/bench/histogram.js';
import type { Measurement, OperationStats } from '../../client/bench/measurement.js';
import { formatBytes, formatDuration, plural } from '../formats.js';
import { renderTable } from '../tables.js';
import type { Theme } from '../theme.js';
import type { BenchSettings } from './bench-flags.js';
import { chartRows, latencyChart } from './latency-chart.js';

const INDENT = '  ';
const MASTERS_SHOWN_MAX = 100;

export interface BenchReport {
  /** The cluster's name, or `host:port`. */
  readonly target: string;
  readonly masters: readonly { readonly name: string; readonly host: string; readonly port: number }[];
  readonly isCluster: boolean;
  readonly settings: BenchSettings;
  readonly measured: Measurement;
  /** Keys written before the load, 0 for none. */
  readonly filledKeys: number;
  /** Keys removed after it; undefined: they were kept. */
  readonly removedKeys: number | undefined;
  /** Ended by a signal before its limit. */
  readonly isInterrupted: boolean;
}

/** `812,345`. */
export function countText(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** `0.062 ms`, `1.25 ms`, `250 ms`: three digits. */
export function latencyText(latencyMs: number): string {
  const digits = latencyMs < 1 ? 3 : latencyMs < 10 ? 2 : latencyMs < 100 ? 1 : 0;
  return `${latencyMs.toFixed(digits)} ms`;
}

/** What the load is, in one line. */
export function loadText(settings: BenchSettings): string {
  const { clients, pipeline, ratio, keyspace, valueBytes, zipf, ratePerSecond } = settings;
  return [
    plural(clients, 'client'),
    ...(pipeline === 1 ? [] : [`pipelines of ${pipeline}`]),
    `${ratio.reads}:${ratio.writes} reads:writes`,
    `${countText(keyspace)} keys${zipf === undefined ? '' : ` (zipf ${zipf})`}`,
    `values of ${formatBytes(valueBytes)}`,
    ...(ratePerSecond === undefined ? [] : [`${countText(ratePerSecond)} ops/s`]),
  ].join(', ');
}

/** Without a line feed at the end. */
export async function reportText(report: BenchReport, theme: Theme, columns: number): Promise<string> {
  const { measured, settings } = report;
  const all = measured.allLatencies();
  const parts = [
    await operationsTable(report, theme),
    ...(all.count === 0 ? [] : [`${INDENT}${theme.dim(chartTitle(settings))}`, latencyChart(all, theme, columns)]),
    ...(report.isCluster ? [await nodesTable(report, theme)] : []),
    ...troubleLines(measured, theme),
    closingLines(report, theme),
  ];
  return parts.join('\n\n');
}

function chartTitle({ pipeline, ratePerSecond }: BenchSettings): string {
  const ofBatch = pipeline === 1 ? 'latency' : 'latency of the batch that an operation is in';
  const what = ratePerSecond === undefined ? ofBatch : 'latency from the time that an operation was due';
  return `${what}: ms, share, share up to here`;
}

interface OperationRow {
  readonly name: string;
  readonly operations: number;
  readonly latency: LatencyHistogram;
}

async function operationsTable({ measured }: BenchReport, theme: Theme): Promise<string> {
  const rows: OperationRow[] = [
    { name: 'reads', operations: measured.reads.operations, latency: measured.reads.latency },
    { name: 'writes', operations: measured.writes.operations, latency: measured.writes.latency },
  ].filter(({ operations }) => operations > 0);
  if (rows.length !== 1) rows.push({ name: 'all', operations: measured.operations, latency: measured.allLatencies() });
  const percentile = (title: string, percent: number) => ({
    title,
    align: 'right' as const,
    value: ({ latency }: OperationRow) => latencyText(latency.percentileMs(percent)),
  });
  const table = await renderTable(
    rows,
    [
      { title: '', value: (row) => row.name },
      { title: 'ops/s', align: 'right', value: (row) => theme.strong(countText(perSecond(row.operations, measured))) },
      percentile('p50', 50),
      percentile('p90', 90),
      percentile('p99', 99),
      percentile('p99.9', 99.9),
      { title: 'max', align: 'right', value: ({ latency }) => latencyText(latency.maxMs) },
    ],
    theme,
  );
  return indented(table);
}

async function nodesTable({ measured, masters }: BenchReport, theme: Theme): Promise<string> {
  const served = [...measured.nodes].map(([name, operations]) => ({
    name,
    operations,
    node: masters.find((candidate) => candidate.name === name),
  }));
  served.sort((left, right) => left.name.localeCompare(right.name, 'en', { numeric: true }));
  const table = await renderTable(
    served.slice(0, MASTERS_SHOWN_MAX),
    [
      { title: 'node', value: (row) => row.name },
      { title: 'address', value: ({ node }) => (node === undefined ? '' : `${node.host}:${node.port}`) },
      { title: 'ops/s', align: 'right', value: (row) => countText(perSecond(row.operations, measured)) },
      {
        title: 'share',
        align: 'right',
        value: (row) => `${((row.operations / Math.max(1, measured.operations)) * 100).toFixed(1)} %`,
      },
    ],
    theme,
  );
  return indented(table);
}

/** What went wrong, a paragraph for each sort of it. */
function troubleLines(measured: Measurement, theme: Theme): string[] {
  const { errors, outages, redirections, unanswered, connectionsLost, connectionsReopened } = measured;
  const lines = Array.from(errors.values(), ({ kind, example, count }) => {
    const detail = kind === example ? '' : `   ${theme.dim(example)}`;
    return `${theme.failed(`${countText(count)} x`)} ${kind}${detail}`;
  });
  for (const { node, durationMs, reason } of outages) {
    const end =
      durationMs === undefined ? 'not connected again' : `all connected again after ${formatDuration(durationMs)}`;
    lines.push(`${theme.degraded(`${node} lost`)}, ${end}   ${theme.dim(reason)}`);
  }
  if (connectionsLost > 0) {
    lines.push(
      `${plural(connectionsLost, 'connection')} lost, ${connectionsReopened} opened again, ${plural(unanswered, 'operation')} without an answer`,
    );
  } else if (unanswered > 0) {
    lines.push(`${plural(unanswered, 'operation')} without an answer when the load ended`);
  }
  if (redirections > 0) lines.push(`${plural(redirections, 'operation')} redirected to another node`);
  return lines.length === 0 ? [] : [lines.map((line) => INDENT + line).join('\n')];
}

function closingLines(report: BenchReport, theme: Theme): string {
  const { measured, settings, removedKeys } = report;
  const lines = [
    `${countText(measured.operations)} operations in ${formatDuration(measured.durationMs)}${report.isInterrupted ? ', ended early' : ''}`,
  ];
  const { reads } = measured;
  if (reads.empty > 0) {
    lines.push(`${percentText(reads.empty / reads.operations)} of the reads found no key`);
  }
  const rate = settings.ratePerSecond;
  if (rate !== undefined && perSecond(measured.operations, measured) < rate * 0.99) {
    lines.push(`the server did not keep up with ${countText(rate)} ops/s`);
  }
  lines.push(
    removedKeys === undefined
      ? `the keys are kept: ${settings.prefix}*`
      : `${countText(removedKeys)} keys ${settings.prefix}* removed`,
  );
  return lines.map((line) => INDENT + theme.dim(line)).join('\n');
}

/** The value that `--json` prints; times in milliseconds. */
export function reportJson(report: BenchReport): object {
  const { measured, settings } = report;
  return {
    target: report.target,
    ...settings,
    elapsedMs: rounded(measured.durationMs),
    operations: measured.operations,
    operationsPerSecond: Math.round(perSecond(measured.operations, measured)),
    reads: { ...statsJson(measured.reads, measured), notFound: measured.reads.empty },
    writes: statsJson(measured.writes, measured),
    latencyMs: latencyJson(measured.allLatencies()),
    histogram: chartRows(measured.allLatencies()),
    nodes: report.masters
      .filter(({ name }) => measured.nodes.has(name))
      .map(({ name, host, port }) => ({
        node: name,
        address: `${host}:${port}`,
        operations: measured.nodes.get(name),
      })),
    errors: [...measured.errors.values()],
    redirections: measured.redirections,
    connectionsLost: measured.connectionsLost,
    connectionsReopened: measured.connectionsReopened,
    unanswered: measured.unanswered,
    outages: measured.outages.map((outage) => ({ ...outage, durationMs: outage.durationMs ?? null })),
    filledKeys: report.filledKeys,
    removedKeys: report.removedKeys ?? 0,
    interrupted: report.isInterrupted,
  };
}

function statsJson(stats: OperationStats, measured: Measurement): object {
  return {
    operations: stats.operations,
    operationsPerSecond: Math.round(perSecond(stats.operations, measured)),
    latencyMs: latencyJson(stats.latency),
  };
}

function latencyJson(latency: LatencyHistogram): object {
  return {
    mean: rounded(latency.meanMs),
    min: rounded(latency.minMs),
    p50: rounded(latency.percentileMs(50)),
    p90: rounded(latency.percentileMs(90)),
    p99: rounded(latency.percentileMs(99)),
    p999: rounded(latency.percentileMs(99.9)),
    max: rounded(latency.maxMs),
  };
}

function perSecond(operations: number, { durationMs }: Pick<Measurement, 'durationMs'>): number {
  return durationMs === 0 ? 0 : (operations * 1000) / durationMs;
}

function percentText(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 2 : 1)} %`;
}

function rounded(ms: number): number {
  return Number(ms.toFixed(4));
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => INDENT + line)
    .join('\n');
}
