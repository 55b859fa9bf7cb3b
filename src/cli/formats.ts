/** Numbers for people: bytes, durations, points in time, counts, slot ranges; and the durations and sizes that people type. */
import { ExitCode, RedNodeError } from '../errors.js';
import type { SlotRange } from '../topology/topology.js';

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `0 B`, `1.5 KiB`, `64 MiB`: three significant digits at the most. */
export function formatBytes(sizeBytes: number): string {
  let value = sizeBytes;
  let unit = 0;
  while (value >= 1024 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${trimmed(value)} ${BYTE_UNITS[unit]}`;
}

function trimmed(value: number): string {
  const digits = value >= 100 || Number.isInteger(value) ? 0 : 1;
  return value.toFixed(digits).replace(/\.0$/, '');
}

/** `3 ms`, `0.42 s`, `12 s`, `4m 05s`, `3h 12m`, `2d 4h`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
  const seconds = durationMs / 1000;
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const wholeSeconds = Math.floor(seconds);
  if (wholeSeconds < 3600) return `${Math.floor(wholeSeconds / 60)}m ${padded(wholeSeconds % 60)}s`;
  if (wholeSeconds < 86_400)
    return `${Math.floor(wholeSeconds / 3600)}h ${padded(Math.floor((wholeSeconds % 3600) / 60))}m`;
  return `${Math.floor(wholeSeconds / 86_400)}d ${Math.floor((wholeSeconds % 86_400) / 3600)}h`;
}

/** A time since something began, in whole units: `0 s`, `12 s`, `4m 05s`. */
export function formatUptime(uptimeMs: number): string {
  return uptimeMs < 60_000 ? `${Math.floor(uptimeMs / 1000)} s` : formatDuration(uptimeMs);
}

/** A point in time to the minute: `2026-03-01 12:04 UTC`. */
export function formatMinute(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function padded(value: number): string {
  return String(value).padStart(2, '0');
}

/** `1 key`, `2 keys`. */
export function plural(count: number, noun: string, many = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : many}`;
}

/** `0-5460, 9000`; both ends belong to a range. */
export function formatSlotRanges(ranges: readonly SlotRange[], maxRanges = 4): string {
  const shown = ranges.slice(0, maxRanges).map(({ start, end }) => (start === end ? `${start}` : `${start}-${end}`));
  const hidden = ranges.length - shown.length;
  return hidden > 0 ? `${shown.join(', ')} and ${hidden} more` : shown.join(', ');
}

const DURATION_UNITS: Readonly<Record<string, number | undefined>> = {
  '': 1000,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Reads `10`, `10s`, `5m`, `1.5h`, `250ms`, `2d` into whole milliseconds; a bare number is in seconds. Throws BAD_VALUE. */
export function parseDurationMs(text: string, name: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|)$/i.exec(text.trim());
  const unitMs = DURATION_UNITS[match?.[2].toLowerCase() ?? ''];
  const durationMs = match === null || unitMs === undefined ? NaN : Math.round(Number(match[1]) * unitMs);
  if (Number.isSafeInteger(durationMs) && durationMs > 0) return durationMs;
  throw new RedNodeError('BAD_VALUE', `${name} ${JSON.stringify(text)} is not a duration above zero`, ExitCode.usage, {
    hint: 'a number of seconds, or a number with a unit: 250ms, 10s, 5m, 1h, 2d',
  });
}

const SIZE_UNITS: Readonly<Record<string, number | undefined>> = {
  b: 1,
  k: 1000,
  kb: 1024,
  kib: 1024,
  m: 1000 ** 2,
  mb: 1024 ** 2,
  mib: 1024 ** 2,
  g: 1000 ** 3,
  gb: 1024 ** 3,
  gib: 1024 ** 3,
};

/** Reads `1048576`, `64mb`, `1gib` into bytes, with the units of redis.conf (kb = 1024, k = 1000). Throws BAD_VALUE. */
export function parseSizeBytes(text: string, name: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = match === null ? undefined : SIZE_UNITS[match[2].toLowerCase() || 'b'];
  const sizeBytes = match === null || unit === undefined ? NaN : Math.round(Number(match[1]) * unit);
  if (Number.isSafeInteger(sizeBytes)) return sizeBytes;
  throw new RedNodeError('BAD_VALUE', `${name} ${JSON.stringify(text)} is not a size`, ExitCode.usage, {
    hint: 'a number of bytes, or a number with a unit: 512kb, 64mb, 2gb',
  });
}
