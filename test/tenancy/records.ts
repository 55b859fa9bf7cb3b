/** Tenants for tests of the registry. */
import type { TenantChange, TenantRecord, TenantToken } from '../../src/ipc/messages.js';

export function tokenWith(id: string): TenantToken {
  return { id, hash: id, createdAtMs: 1 };
}

export function recordOf(name: string, database: number, more: Partial<TenantRecord> = {}): TenantRecord {
  return { name, database, tokens: [], limits: {}, createdAtMs: 5, ...more };
}

export function creation(name: string): TenantChange {
  return { op: 'create', name, token: tokenWith('aa'), limits: {} };
}
