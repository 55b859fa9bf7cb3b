/** The tokens of a tenant as the masters tell of them: the registry is the same everywhere, their use is not. */
import { readFields, readInteger, readItems, readText } from '../client/reply-fields.js';
import type { RoutingClient } from '../client/routing-client.js';
import type { Reply } from '../resp/reply.js';
import { askMasters } from './tenant-summary.js';

export interface TokenSummary {
  readonly id: string;
  readonly createdAtMs: number;
  /** 0: never. */
  readonly expiresAtMs: number;
  /** 0: not since the nodes started. */
  readonly lastUsedAtMs: number;
  readonly connections: number;
  readonly readOnly: boolean;
  readonly commands: readonly string[];
  readonly keys: readonly string[];
}

/** Throws SERVER_ERROR when there is no such tenant. */
export async function readTokens(client: RoutingClient, name: string): Promise<TokenSummary[]> {
  const byId = new Map<string, TokenSummary>();
  for (const reply of await askMasters(client, ['TENANT', 'TOKEN', 'LIST', name])) {
    for (const token of readItems(reply).map(readToken)) {
      const known = byId.get(token.id);
      byId.set(token.id, known === undefined ? token : together(known, token));
    }
  }
  return [...byId.values()];
}

function together(left: TokenSummary, right: TokenSummary): TokenSummary {
  const lastUsedAtMs = Math.max(left.lastUsedAtMs, right.lastUsedAtMs);
  return { ...left, lastUsedAtMs, connections: left.connections + right.connections };
}

function readToken(reply: Reply): TokenSummary {
  const fields = readFields(reply);
  const number = (field: string): number => readInteger(fields.get(field));
  const texts = (field: string): string[] => readItems(fields.get(field)).map(readText);
  return {
    id: readText(fields.get('id')),
    createdAtMs: number('created-at-ms'),
    expiresAtMs: number('expires-at-ms'),
    lastUsedAtMs: number('last-used-at-ms'),
    connections: number('connections'),
    readOnly: number('readonly') === 1,
    commands: texts('commands'),
    keys: texts('keys'),
  };
}
