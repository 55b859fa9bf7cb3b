/** Encodes a snapshot as an RDB stream that Redis 7.0 loads. It is a snapshot's sink: entries may come in any order. */
import type { Store } from '../keyspace/store.js';
import { Opcode, RDB_VERSION, TENANT_FIELD_PREFIX } from './rdb-format.js';
import { codecOf } from './rdb-values.js';
import { RdbWriter } from './rdb-writer.js';

/** Told to readers as `redis-ver`: the Redis release whose format this is. */
const REDIS_VERSION = '7.0.15';

export interface RdbHeader {
  readonly createdAtMs: number;
  /** Database number and name of each tenant. */
  readonly tenants: ReadonlyMap<number, string>;
}

export class RdbEncoder {
  private readonly writer: RdbWriter;
  private database = -1;
  /** Databases whose size the stream has yet to tell, with their keys and keys with a deadline. */
  private readonly sizes = new Map<number, readonly [keys: number, keysWithDeadline: number]>();

  /** `consume` is handed the stream piece by piece (64 KiB, or one large value), in order, and may keep the pieces. */
  constructor(
    private readonly store: Store,
    consume: (piece: Buffer) => void,
  ) {
    this.writer = new RdbWriter(consume);
  }

  /** Must come first, when the snapshot begins. */
  begin(header: RdbHeader): void {
    for (const { database, size, expiresCount } of this.store.keyspaces())
      this.sizes.set(database, [size, expiresCount]);
    this.writer.raw(Buffer.from(`REDIS${String(RDB_VERSION).padStart(4, '0')}`, 'latin1'));
    this.auxiliary('redis-ver', REDIS_VERSION);
    this.auxiliary('redis-bits', '64');
    this.auxiliary('ctime', String(Math.floor(header.createdAtMs / 1000)));
    this.auxiliary('used-mem', String(this.store.usedBytes));
    for (const [database, name] of header.tenants) this.auxiliary(`${TENANT_FIELD_PREFIX}${String(database)}`, name);
  }

  /** One key with its value and deadline; `ref` names its entry. */
  entry(database: number, ref: number): void {
    const { writer } = this;
    const { entries } = this.store;
    if (database !== this.database) this.selectDatabase(database);
    const deadlineMs = entries.deadline(ref);
    if (deadlineMs >= 0) writer.deadline(deadlineMs);
    const codec = codecOf(entries.typeOf(ref));
    writer.byte(codec.rdbType);
    const keyBytes = entries.keyLength(ref);
    writer.lengthOf(keyBytes);
    writer.fill(keyBytes, (target, at) => {
      entries.copyKey(ref, target, at);
    });
    codec.encode(writer, entries, ref);
  }

  /** Must come last: the end mark and the checksum. */
  end(): void {
    this.writer.end();
  }

  private selectDatabase(database: number): void {
    const { writer } = this;
    this.database = database;
    writer.byte(Opcode.selectDatabase);
    writer.lengthOf(database);
    const sizes = this.sizes.get(database);
    if (sizes === undefined) return;
    // Once per database: a hint for the reader's tables.
    this.sizes.delete(database);
    writer.byte(Opcode.resizeDatabase);
    for (const size of sizes) writer.lengthOf(size);
  }

  private auxiliary(name: string, value: string): void {
    this.writer.byte(Opcode.auxiliary);
    this.writer.text(name);
    this.writer.text(value);
  }
}
