/** What tenants do per second: from two looks at their counters, the busiest first. */
import { formatBytes } from './formats.js';
import { renderTable } from './tables.js';
import { MS_PER_SECOND, type TenantSummary } from './tenant-summary.js';
import type { Theme } from './theme.js';

export interface TenantLoad {
  readonly name: string;
  readonly opsPerSecond: number;
  readonly inputBytesPerSecond: number;
  readonly outputBytesPerSecond: number;
  /** Of the time, the part in which connections had to wait: 1 is all of it on one node. */
  readonly throttledShare: number;
  readonly rejectedPerSecond: number;
  readonly keys: number;
  readonly memoryBytes: number;
  readonly connections: number;
}

/** The load between two looks, `elapsedMs` apart. Counters that went back belong to nodes that started anew: they count as from 0. */
export function loadsOf(
  before: readonly TenantSummary[],
  now: readonly TenantSummary[],
  elapsedMs: number,
): TenantLoad[] {
  const earlier = new Map(before.map((tenant) => [tenant.name, tenant]));
  const loads = now.map((tenant) => loadOf(earlier.get(tenant.name), tenant, elapsedMs));
  return loads.sort(
    (left, right) =>
      right.opsPerSecond - left.opsPerSecond || right.keys - left.keys || left.name.localeCompare(right.name),
  );
}

function loadOf(before: TenantSummary | undefined, now: TenantSummary, elapsedMs: number): TenantLoad {
  const gained = (read: (tenant: TenantSummary) => number): number => {
    const was = before === undefined ? read(now) : read(before);
    return read(now) >= was ? read(now) - was : read(now);
  };
  const perSecond = (read: (tenant: TenantSummary) => number): number => (gained(read) * MS_PER_SECOND) / elapsedMs;
  return {
    name: now.name,
    opsPerSecond: Math.round(perSecond(({ stats }) => stats.commands)),
    inputBytesPerSecond: Math.round(perSecond(({ stats }) => stats.inputBytes)),
    outputBytesPerSecond: Math.round(perSecond(({ stats }) => stats.outputBytes)),
    throttledShare: Math.round((gained(({ stats }) => stats.throttledMs) / elapsedMs) * 100) / 100,
    rejectedPerSecond: Math.round(
      perSecond(({ stats }) => stats.rejectedKeys + stats.rejectedMemory + stats.rejectedConnections),
    ),
    keys: now.keys,
    memoryBytes: now.memoryBytes,
    connections: now.connections,
  };
}

/** The busiest `rowsMax` as a table; what is cut off is told below it. */
export async function loadTable(loads: readonly TenantLoad[], rowsMax: number, theme: Theme): Promise<string> {
  const shown = loads.slice(0, rowsMax);
  const table = await renderTable(
    shown,
    [
      { title: 'tenant', value: (load) => load.name },
      { title: 'ops/s', value: (load) => `${load.opsPerSecond}`, align: 'right' },
      { title: 'in/s', value: (load) => formatBytes(load.inputBytesPerSecond), align: 'right' },
      { title: 'out/s', value: (load) => formatBytes(load.outputBytesPerSecond), align: 'right' },
      { title: 'keys', value: (load) => `${load.keys}`, align: 'right' },
      { title: 'memory', value: (load) => formatBytes(load.memoryBytes), align: 'right' },
      { title: 'connections', value: (load) => `${load.connections}`, align: 'right' },
      { title: 'slowed', value: (load) => slowedText(load, theme), align: 'right' },
      { title: 'refused/s', value: (load) => refusedText(load, theme), align: 'right' },
    ],
    theme,
  );
  const hidden = loads.length - shown.length;
  return hidden > 0 ? `${table}\n${theme.dim(`and ${hidden} more`)}` : table;
}

function slowedText({ throttledShare }: TenantLoad, theme: Theme): string {
  return throttledShare > 0 ? theme.degraded(`${Math.round(throttledShare * 100)}%`) : '';
}

function refusedText({ rejectedPerSecond }: TenantLoad, theme: Theme): string {
  return rejectedPerSecond > 0 ? theme.failed(`${rejectedPerSecond}`) : '';
}
