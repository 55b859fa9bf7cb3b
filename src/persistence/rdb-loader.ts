/** Puts the entries of an RDB stream into a store. */
import type { Store } from '../keyspace/store.js';
import type { RdbSink } from './rdb-decoder.js';
import { TENANT_FIELD_PREFIX } from './rdb-format.js';
import { codecOf, type RdbValue } from './rdb-values.js';

/** A sink that stores what it receives; keys keep their absolute deadlines, also those that have passed. */
export class RdbLoader implements RdbSink {
  /** Database number and name of each tenant that the stream names. */
  readonly tenants = new Map<number, string>();

  constructor(private readonly store: Store) {}

  entry(database: number, key: Buffer, value: RdbValue, deadlineMs: number): void {
    const keyspace = this.store.keyspace(database);
    const ref = codecOf(value.type).load(keyspace, key, value);
    if (deadlineMs >= 0) keyspace.setDeadline(key, 0, key.length, ref, deadlineMs);
  }

  auxiliary(name: string, value: string): void {
    if (!name.startsWith(TENANT_FIELD_PREFIX)) return;
    const database = Number(name.slice(TENANT_FIELD_PREFIX.length));
    if (Number.isSafeInteger(database) && database >= 0) this.tenants.set(database, value);
  }
}
