/** The tenants as they are kept: found by name and by database number, changed by effects alone. */
import type { TenantEffect, TenantRecord } from '../ipc/messages.js';

/** All of it as plain data, for files. */
export interface TenantsState {
  readonly records: readonly TenantRecord[];
  /** Database number of the next tenant: one that was given away does not come back. */
  readonly nextDatabase: number;
}

export class TenantRecords {
  private readonly byDatabase = new Map<number, TenantRecord>();
  private readonly byName = new Map<string, TenantRecord>();
  private next: number;

  constructor(state: TenantsState = { records: [], nextDatabase: 1 }) {
    this.next = state.nextDatabase;
    for (const record of state.records) this.apply({ op: 'put', record });
  }

  get nextDatabase(): number {
    return this.next;
  }

  get size(): number {
    return this.byDatabase.size;
  }

  get state(): TenantsState {
    return { records: [...this.byDatabase.values()], nextDatabase: this.next };
  }

  find(name: string): TenantRecord | undefined {
    return this.byName.get(name);
  }

  apply(effect: TenantEffect): void {
    if (effect.op === 'flush') return;
    const database = effect.op === 'put' ? effect.record.database : effect.database;
    const before = this.byDatabase.get(database);
    if (before !== undefined && this.byName.get(before.name) === before) this.byName.delete(before.name);
    if (effect.op === 'remove') {
      this.byDatabase.delete(database);
      return;
    }
    this.byDatabase.set(database, effect.record);
    this.byName.set(effect.record.name, effect.record);
    this.next = Math.max(this.next, database + 1);
  }
}
