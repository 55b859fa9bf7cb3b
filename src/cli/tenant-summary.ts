/** What the nodes tell of a tenant, added up over the masters. */
import type { RoutingClient } from '../client/routing-client.js';
import { serverError } from './server-errors.js';
import { replyText } from './reply-json.js';
import type { Reply } from '../resp/reply.js';

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
}

export async function tenantNames(client: RoutingClient): Promise<string[]> {
  const words = ['TENANT', 'LIST'];
  const { reply, nodes } = await client.execute(words);
  if (reply.type === 'error') throw serverError(reply.value, words, nodes, client.nodes());
  return reply.type === 'array' || reply.type === 'set' ? reply.items.map(replyText) : [];
}

/** Asks every master. Throws SERVER_ERROR when there is no such tenant or one may not see it. */
export async function readTenant(client: RoutingClient, name: string): Promise<TenantSummary> {
  const masters = client.nodes().filter((node) => node.role === 'master');
  const words = ['TENANT', 'INFO', name];
  const replies = await Promise.all(
    masters.map(async (node) => {
      const { reply } = await client.executeOn(node.name, words);
      if (reply.type === 'error') throw serverError(reply.value, words, [node.name], client.nodes());
      return fieldsOf(reply);
    }),
  );
  const sum = (field: string): number => replies.reduce((total, fields) => total + (fields.get(field) ?? 0), 0);
  const any = (field: string): number => Math.max(0, ...replies.map((fields) => fields.get(field) ?? 0));
  return {
    name,
    keys: sum('keys'),
    expires: sum('expires'),
    memoryBytes: sum('memory-bytes'),
    connections: sum('connections'),
    tokens: any('tokens'),
    createdAtMs: any('created-at-ms'),
  };
}

/** The numeric fields of a map, which RESP2 servers send as a flat list. */
function fieldsOf(reply: Reply): Map<string, number> {
  const entries = reply.type === 'map' ? reply.entries : reply.type === 'array' ? pairsOf(reply.items) : [];
  const fields = new Map<string, number>();
  for (const [key, value] of entries) if (value.type === 'integer') fields.set(replyText(key), Number(value.value));
  return fields;
}

function pairsOf(items: readonly Reply[]): [Reply, Reply][] {
  const pairs: [Reply, Reply][] = [];
  for (let index = 0; index + 1 < items.length; index += 2) pairs.push([items[index], items[index + 1]]);
  return pairs;
}
