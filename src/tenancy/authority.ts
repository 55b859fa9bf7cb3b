/** Who decides on changes of the tenant registry, and by which rules: the node itself when it is alone, the launcher in a cluster. */
import type { TenantChange, TenantEffect, TenantRecord } from '../ipc/messages.js';
import { DEFAULT_DATABASE, DEFAULT_TENANT, nameRefusal } from './names.js';
import type { TenantRecords } from './records.js';

/** More would only be forgotten ones: two are enough to rotate. */
const MAX_TOKENS = 64;

/** Resolves once the change holds everywhere; rejects with an Error whose message is the reply (`ERR ...`). */
export interface TenantAuthority {
  apply(change: TenantChange): Promise<void>;
}

export type Decision = { readonly effect: TenantEffect } | { readonly refusal: string };

/** What a change comes to, or the error to answer with. Pure: the launcher and a lone node share the rules. */
export function decide(records: TenantRecords, change: TenantChange, nowMs: number): Decision {
  if (change.op === 'create') return decideCreate(records, change, nowMs);
  if (change.name === DEFAULT_TENANT) return decideDefault(change.op);
  const record = records.find(change.name);
  if (record === undefined) return { refusal: `ERR no such tenant '${change.name}'` };
  switch (change.op) {
    case 'drop':
      return { effect: { op: 'remove', database: record.database } };
    case 'flush':
      return { effect: { op: 'flush', database: record.database } };
    case 'rename':
      return decideRename(records, record, change.newName);
    case 'limit':
      return put({ ...record, limits: limitsAfter(record, change) });
    case 'add-token':
      return decideToken(record, change.token);
    case 'revoke-token':
      return decideRevoke(record, change.id);
  }
}

function decideCreate(
  records: TenantRecords,
  { name, token, limits }: Extract<TenantChange, { op: 'create' }>,
  nowMs: number,
): Decision {
  const refusal = newNameRefusal(records, name);
  if (refusal !== undefined) return { refusal };
  return put({ name, database: records.nextDatabase, tokens: [token], limits, createdAtMs: nowMs });
}

function decideRename(records: TenantRecords, record: TenantRecord, newName: string): Decision {
  const refusal = newNameRefusal(records, newName);
  return refusal === undefined ? put({ ...record, name: newName }) : { refusal };
}

function newNameRefusal(records: TenantRecords, name: string): string | undefined {
  const refusal = nameRefusal(name);
  if (refusal !== undefined) return refusal;
  const isTaken = name === DEFAULT_TENANT || records.find(name) !== undefined;
  return isTaken ? `ERR tenant '${name}' exists already` : undefined;
}

function limitsAfter(record: TenantRecord, change: Extract<TenantChange, { op: 'limit' }>): TenantRecord['limits'] {
  const merged = { ...record.limits, ...change.limits };
  return Object.fromEntries(Object.entries(merged).filter(([name]) => !change.cleared.some((gone) => gone === name)));
}

function decideToken(record: TenantRecord, token: TenantRecord['tokens'][number]): Decision {
  if (record.tokens.length >= MAX_TOKENS) {
    return { refusal: `ERR tenant '${record.name}' has ${MAX_TOKENS} tokens already: revoke one first` };
  }
  if (record.tokens.some(({ id }) => id === token.id)) {
    return { refusal: `ERR tenant '${record.name}' has a token '${token.id}' already: try again` };
  }
  return put({ ...record, tokens: [...record.tokens, token] });
}

function decideRevoke(record: TenantRecord, id: string): Decision {
  const tokens = record.tokens.filter((token) => token.id !== id);
  if (tokens.length === record.tokens.length) return { refusal: `ERR tenant '${record.name}' has no token '${id}'` };
  return put({ ...record, tokens });
}

/** The default tenant is the admin's: it is always there, as it is. */
function decideDefault(op: Exclude<TenantChange['op'], 'create'>): Decision {
  if (op === 'flush') return { effect: { op, database: DEFAULT_DATABASE } };
  const participle = { drop: 'dropped', rename: 'renamed', limit: 'limited', 'add-token': '', 'revoke-token': '' }[op];
  const what = participle === '' ? 'has no tokens: the admin password lets in' : `cannot be ${participle}`;
  return { refusal: `ERR tenant '${DEFAULT_TENANT}' ${what}` };
}

function put(record: TenantRecord): Decision {
  return { effect: { op: 'put', record } };
}
