/** Keeps what an RDB stream holds, as text. */
import type { RdbSink } from '../../src/persistence/rdb-decoder.js';
import type { RdbValue } from '../../src/persistence/rdb-values.js';

export interface RecordedEntry {
  readonly database: number;
  readonly key: string;
  readonly value: string;
  readonly deadlineMs: number;
}

export class RecordingSink implements RdbSink {
  readonly entries: RecordedEntry[] = [];
  readonly fields = new Map<string, string>();
  readonly sizes: (readonly [database: number, keys: number, keysWithDeadline: number])[] = [];

  entry(database: number, key: Buffer, value: RdbValue, deadlineMs: number): void {
    this.entries.push({ database, key: key.toString('latin1'), value: value.bytes.toString('latin1'), deadlineMs });
  }

  auxiliary(name: string, value: string): void {
    this.fields.set(name, value);
  }

  databaseSize(database: number, keys: number, keysWithDeadline: number): void {
    this.sizes.push([database, keys, keysWithDeadline]);
  }
}
