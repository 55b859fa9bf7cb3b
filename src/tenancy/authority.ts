/** Who decides on changes of the tenant registry: the node itself when it is alone, the launcher in a cluster. */
import type { TenantChange, TenantRecord } from '../ipc/messages.js';
import { DEFAULT_TENANT, nameRefusal } from './registry.js';

/** Resolves once the change holds everywhere; rejects with an Error whose message is the reply (`ERR ...`). */
export interface TenantAuthority {
  apply(change: TenantChange): Promise<void>;
}

/** The registry after a change, or the error to answer with. Pure: the launcher and a lone node share the rules. */
export function changedRegistry(
  records: readonly TenantRecord[],
  change: TenantChange,
  nextDatabase: number,
  nowMs: number,
): { readonly records: readonly TenantRecord[] } | { readonly refusal: string } {
  const exists = change.name === DEFAULT_TENANT || records.some((record) => record.name === change.name);
  if (change.op === 'drop') {
    if (change.name === DEFAULT_TENANT) return { refusal: `ERR tenant '${DEFAULT_TENANT}' cannot be dropped` };
    if (!exists) return { refusal: `ERR no such tenant '${change.name}'` };
    return { records: records.filter((record) => record.name !== change.name) };
  }
  const refusal = nameRefusal(change.name);
  if (refusal !== undefined) return { refusal };
  if (exists) return { refusal: `ERR tenant '${change.name}' exists already` };
  const { name, tokenHash } = change;
  return { records: [...records, { name, database: nextDatabase, tokenHashes: [tokenHash], createdAtMs: nowMs }] };
}
