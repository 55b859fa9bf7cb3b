/** What TENANT INFO, STATS, LIST and TOKEN LIST answer: maps of the same fields everywhere. */
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { TenantInfo, TenantStats, TenantTokenInfo } from './context.js';

type Field<T> = readonly [name: string, read: (of: T) => number | string | readonly string[]];

const infoFields: readonly Field<TenantInfo>[] = [
  ['name', (tenant) => tenant.name],
  ['database', (tenant) => tenant.database],
  ['keys', (tenant) => tenant.keys],
  ['expires', (tenant) => tenant.expires],
  ['memory-bytes', (tenant) => tenant.memoryBytes],
  ['connections', (tenant) => tenant.connections],
  ['tokens', (tenant) => tenant.tokens],
  ['created-at-ms', (tenant) => tenant.createdAtMs],
  ['max-keys', (tenant) => tenant.maxKeys],
  ['max-memory-bytes', (tenant) => tenant.maxMemoryBytes],
  ['max-ops', (tenant) => tenant.maxOpsPerSecond],
  ['max-connections', (tenant) => tenant.maxConnections],
  ['default-ttl-seconds', (tenant) => tenant.defaultTtlSeconds],
  ['evict', (tenant) => tenant.evict],
];

const statsFields: readonly Field<TenantStats>[] = [
  ['commands', (stats) => stats.commands],
  ['hits', (stats) => stats.hits],
  ['misses', (stats) => stats.misses],
  ['expired', (stats) => stats.expired],
  ['evicted', (stats) => stats.evicted],
  ['throttled-ms', (stats) => stats.throttledMs],
  ['rejected-keys', (stats) => stats.rejectedKeys],
  ['rejected-memory', (stats) => stats.rejectedMemory],
  ['rejected-connections', (stats) => stats.rejectedConnections],
  ['input-bytes', (stats) => stats.inputBytes],
  ['output-bytes', (stats) => stats.outputBytes],
];

const tokenFields: readonly Field<TenantTokenInfo>[] = [
  ['id', (token) => token.id],
  ['created-at-ms', (token) => token.createdAtMs],
  ['expires-at-ms', (token) => token.expiresAtMs],
  ['last-used-at-ms', (token) => token.lastUsedAtMs],
  ['connections', (token) => token.connections],
  ['readonly', (token) => Number(token.readOnly)],
  ['commands', (token) => token.commands],
  ['keys', (token) => token.keys],
];

export function writeInfo(reply: ReplyWriter, info: TenantInfo): void {
  reply.map(infoFields.length);
  writeFields(reply, infoFields, info);
}

export function writeStats(reply: ReplyWriter, name: string, stats: TenantStats): void {
  reply.map(statsFields.length + 1);
  reply.bulkText('name');
  reply.bulkText(name);
  writeFields(reply, statsFields, stats);
}

export function writeInfoAndStats(reply: ReplyWriter, info: TenantInfo, stats: TenantStats): void {
  reply.map(infoFields.length + statsFields.length);
  writeFields(reply, infoFields, info);
  writeFields(reply, statsFields, stats);
}

export function writeToken(reply: ReplyWriter, token: TenantTokenInfo): void {
  reply.map(tokenFields.length);
  writeFields(reply, tokenFields, token);
}

function writeFields<T>(reply: ReplyWriter, fields: readonly Field<T>[], of: T): void {
  for (const [name, read] of fields) {
    reply.bulkText(name);
    const value = read(of);
    if (typeof value === 'number') reply.integer(value);
    else if (typeof value === 'string') reply.bulkText(value);
    else writeTexts(reply, value);
  }
}

export function writeTexts(reply: ReplyWriter, texts: readonly string[]): void {
  reply.array(texts.length);
  for (const text of texts) reply.bulkText(text);
}
