/** A tenant as text: its limits, what it holds and what it has done. */
import { formatBytes, formatDuration, formatMinute } from './formats.js';
import { MS_PER_SECOND, type TenantSummary } from './tenant-summary.js';

type Row = readonly [name: string, value: string];

/** One row per limit that there is. */
export function limitRows({ limits }: TenantSummary): Row[] {
  const { maxKeys, maxMemoryBytes, maxOpsPerSecond, maxConnections, defaultTtlSeconds, evict } = limits;
  const rows: readonly (readonly [name: string, isSet: boolean, value: string])[] = [
    ['max keys', maxKeys > 0, `${maxKeys}`],
    ['max memory', maxMemoryBytes > 0, formatBytes(maxMemoryBytes)],
    ['max ops', maxOpsPerSecond > 0, `${maxOpsPerSecond} per second`],
    ['max connections', maxConnections > 0, `${maxConnections} to each node`],
    ['default ttl', defaultTtlSeconds > 0, formatDuration(defaultTtlSeconds * MS_PER_SECOND)],
    ['evict', evict !== 'noeviction', evict],
  ];
  return rows.filter(([, isSet]) => isSet).map(([name, , value]) => [name, value]);
}

export function tenantRows(tenant: TenantSummary): Row[] {
  const { stats } = tenant;
  const rejected: readonly (readonly [number, string])[] = [
    [stats.rejectedKeys, 'for the number of keys'],
    [stats.rejectedMemory, 'for memory'],
    [stats.rejectedConnections, 'connections'],
  ];
  const refused = rejected.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return [
    ['tenant', tenant.name],
    ['keys', `${tenant.keys}`],
    ['with a time to live', `${tenant.expires}`],
    ['memory', formatBytes(tenant.memoryBytes)],
    ['connections', `${tenant.connections}`],
    ['tokens', `${tenant.tokens}`],
    ...(tenant.createdAtMs > 0 ? [['created', formatMinute(tenant.createdAtMs)] as const] : []),
    ...limitRows(tenant),
    ['commands', `${stats.commands}`],
    ['hits, misses', `${stats.hits}, ${stats.misses}`],
    ['expired, evicted', `${stats.expired}, ${stats.evicted}`],
    ['bytes in, out', `${formatBytes(stats.inputBytes)}, ${formatBytes(stats.outputBytes)}`],
    ...(stats.throttledMs > 0 ? [['slowed for', formatDuration(stats.throttledMs)] as const] : []),
    ...(refused.length > 0 ? [['refused', refused.join(', ')] as const] : []),
  ];
}
