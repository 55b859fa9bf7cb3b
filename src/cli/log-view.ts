/** Log files of nodes for people: the last lines of each, followed where asked, JSON lines made readable. */
import { open, stat, type FileHandle } from 'node:fs/promises';
import { systemCodeOf } from '../errors.js';
import { clockTime } from './cluster-status-view.js';
import { pause } from './repeat.js';
import type { Theme } from './theme.js';

/** How far back from the end of a file its last lines are looked for. */
const TAIL_BYTES_MAX = 256 * 1024;
const FOLLOW_INTERVAL_MS = 200;

/** One log to show. */
export interface LogSource {
  readonly node: string;
  readonly file: string;
}

export interface LogLine {
  readonly node: string;
  readonly text: string;
}

/** The last `count` lines of a log, oldest first, and the offset behind them. A log that is not there is empty. */
export async function tailLines(source: LogSource, count: number): Promise<{ lines: LogLine[]; endOffset: number }> {
  const sizeBytes = await fileSize(source.file);
  const start = Math.max(0, sizeBytes - TAIL_BYTES_MAX);
  const text = await readRange(source.file, start, sizeBytes);
  const all = text.split('\n');
  const complete = all.slice(start > 0 ? 1 : 0, -1);
  const lastNewline = Buffer.byteLength(text) - Buffer.byteLength(all.at(-1) ?? '');
  const lines = count === 0 ? [] : complete.slice(-count);
  return { lines: lines.map((line) => ({ node: source.node, text: line })), endOffset: start + lastNewline };
}

/** Lines of several logs in the order of their times; a line without one stays behind the line above it. */
export function mergeByTime(logs: readonly (readonly LogLine[])[]): LogLine[] {
  const timed = logs.flatMap((lines) => {
    let timeMs = 0;
    return lines.map((line) => {
      const time = parseRecord(line.text)?.time;
      if (typeof time === 'number') timeMs = time;
      return { line, timeMs };
    });
  });
  return timed.sort((a, b) => a.timeMs - b.timeMs).map(({ line }) => line);
}

/** Yields what is appended to the logs from `offsets` on, until `signal` is aborted. A file that shrank is read anew. */
export async function* followLogs(
  sources: readonly LogSource[],
  offsets: Map<string, number>,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  while (!signal.aborted) {
    for (const source of sources) {
      const from = offsets.get(source.file) ?? 0;
      const sizeBytes = await fileSize(source.file);
      const text = await readRange(source.file, sizeBytes < from ? 0 : from, sizeBytes);
      const lines = text.split('\n');
      const rest = lines.pop() ?? '';
      offsets.set(source.file, sizeBytes - Buffer.byteLength(rest));
      for (const line of lines) yield { node: source.node, text: line };
    }
    await pause(FOLLOW_INTERVAL_MS, signal);
  }
}

async function fileSize(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return 0;
    throw error;
  }
}

async function readRange(file: string, start: number, end: number): Promise<string> {
  if (end <= start) return '';
  const handle: FileHandle = await open(file, 'r');
  try {
    const buffer = Buffer.alloc(end - start);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, start);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

const LEVEL_NAMES = new Map([
  [10, 'trace'],
  [20, 'debug'],
  [30, 'info'],
  [40, 'warn'],
  [50, 'error'],
  [60, 'fatal'],
]);

/** Fields that every line has, or that the columns already say. */
const QUIET_FIELDS = new Set(['level', 'time', 'pid', 'hostname', 'msg', 'name', 'node']);

/** `12:04:31 info  listening  port=7379`; a line that is not JSON as it is. */
export function prettyLogLine(line: string, theme: Theme): string {
  const record = parseRecord(line);
  if (record === undefined) return line;
  const level = typeof record.level === 'number' ? (LEVEL_NAMES.get(record.level) ?? '') : '';
  const time = typeof record.time === 'number' ? clockTime(record.time) : '';
  const message = typeof record.msg === 'string' ? record.msg : '';
  const fields = Object.entries(record)
    .filter(([name]) => !QUIET_FIELDS.has(name))
    .map(([name, value]) => `${name}=${fieldText(value)}`);
  return `${theme.dim(time)} ${levelText(level, theme)} ${message}${fields.length === 0 ? '' : `  ${theme.dim(fields.join(' '))}`}`;
}

function fieldText(value: unknown): string {
  if (typeof value === 'number') return String(Math.round(value * 10) / 10);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function parseRecord(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function levelText(level: string, theme: Theme): string {
  const text = level.padEnd(5);
  if (level === 'error' || level === 'fatal') return theme.failed(text);
  return level === 'warn' ? theme.degraded(text) : theme.dim(text);
}
