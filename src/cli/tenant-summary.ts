/** What the nodes tell of tenants, added up over the masters. */
import { readFields, readItems } from '../client/reply-fields.js';
import type { RoutingClient } from '../client/routing-client.js';
import type { Reply } from '../resp/reply.js';
import { replyText } from './reply-json.js';
import { serverError } from './server-errors.js';

export const MS_PER_SECOND = 1000;

export interface TenantSummary {
  readonly name: string;
  readonly keys: number;
  /** Keys with a time to live. */
  readonly expires: number;
  readonly memoryBytes: number;
  /** Connections to the masters. */
  readonly connections: number;
  readonly tokens: number;
  /** 0 for the tenant `default`, which was never created. */
  readonly createdAtMs: number;
  /** What is 0, and a policy `noeviction`, is no limit. */
  readonly limits: TenantLimitsSummary;
  /** Since the nodes started. */
  readonly stats: TenantStatsSummary;
}

export interface TenantLimitsSummary {
  readonly maxKeys: number;
  readonly maxMemoryBytes: number;
  readonly maxOpsPerSecond: number;
  readonly maxConnections: number;
  readonly defaultTtlSeconds: number;
  readonly evict: string;
}

export interface TenantStatsSummary {
  readonly commands: number;
  readonly hits: number;
  readonly misses: number;
  readonly expired: number;
  readonly evicted: number;
  /** Time in which connections had to wait, on all nodes together. */
  readonly throttledMs: number;
  readonly rejectedKeys: number;
  readonly rejectedMemory: number;
  readonly rejectedConnections: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
}

type Fields = ReadonlyMap<string, Reply>;

/** All tenants that one may see, with one request per master. Throws SERVER_ERROR. */
export async function readTenants(client: RoutingClient): Promise<TenantSummary[]> {
  const byName = new Map<string, Fields[]>();
  for (const reply of await askMasters(client, ['TENANT', 'LIST', 'WITHSTATS'])) {
    for (const item of readItems(reply)) {
      if (item.type === 'null') continue;
      const fields = readFields(item);
      const name = replyText(fields.get('name') ?? item);
      const seen = byName.get(name);
      if (seen === undefined) byName.set(name, [fields]);
      else seen.push(fields);
    }
  }
  return Array.from(byName, ([name, fields]) => summaryOf(name, fields));
}

/** Throws SERVER_ERROR when there is no such tenant or one may not see it. */
export async function readTenant(client: RoutingClient, name: string): Promise<TenantSummary> {
  const info = await askMasters(client, ['TENANT', 'INFO', name]);
  const stats = await askMasters(client, ['TENANT', 'STATS', name]);
  return summaryOf(name, [...info, ...stats].map(readFields));
}

/** One command on every master; throws SERVER_ERROR when one answers with an error. */
export async function askMasters(client: RoutingClient, words: readonly string[]): Promise<Reply[]> {
  const masters = client.nodes().filter((node) => node.role === 'master');
  return Promise.all(
    masters.map(async (node) => {
      const { reply } = await client.executeOn(node.name, words);
      if (reply.type === 'error') throw serverError(reply.value, words, [node.name], client.nodes());
      return reply;
    }),
  );
}

function summaryOf(name: string, nodes: readonly Fields[]): TenantSummary {
  const values = (field: string): number[] => nodes.map((fields) => numberIn(fields.get(field)));
  const sum = (field: string): number => values(field).reduce((total, value) => total + value, 0);
  const any = (field: string): number => Math.max(0, ...values(field));
  const evict = nodes.map((fields) => fields.get('evict')).find((reply) => reply !== undefined);
  return {
    name,
    keys: sum('keys'),
    expires: sum('expires'),
    memoryBytes: sum('memory-bytes'),
    connections: sum('connections'),
    tokens: any('tokens'),
    createdAtMs: any('created-at-ms'),
    limits: {
      maxKeys: any('max-keys'),
      maxMemoryBytes: any('max-memory-bytes'),
      maxOpsPerSecond: any('max-ops'),
      maxConnections: any('max-connections'),
      defaultTtlSeconds: any('default-ttl-seconds'),
      evict: evict === undefined ? 'noeviction' : replyText(evict),
    },
    stats: {
      commands: sum('commands'),
      hits: sum('hits'),
      misses: sum('misses'),
      expired: sum('expired'),
      evicted: sum('evicted'),
      throttledMs: sum('throttled-ms'),
      rejectedKeys: sum('rejected-keys'),
      rejectedMemory: sum('rejected-memory'),
      rejectedConnections: sum('rejected-connections'),
      inputBytes: sum('input-bytes'),
      outputBytes: sum('output-bytes'),
    },
  };
}

function numberIn(reply: Reply | undefined): number {
  return reply?.type === 'integer' ? Number(reply.value) : 0;
}
