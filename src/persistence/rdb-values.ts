/** How the value of each type is written to an RDB stream, read from it, and put into a keyspace: one entry per type. */
import type { EntryView } from '../keyspace/entry-view.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { ValueType } from '../storage/entry.js';
import type { RdbReader } from './rdb-reader.js';
import type { RdbWriter } from './rdb-writer.js';

/** A decoded value. Its bytes are views that are valid only until the callback that received it returns. */
export interface RdbValue {
  readonly type: typeof ValueType.string;
  readonly bytes: Buffer;
}

interface ValueCodec {
  /** The type byte in front of the key. */
  readonly rdbType: number;
  encode(writer: RdbWriter, entries: EntryView, ref: number): void;
  decode(reader: RdbReader): RdbValue;
  /** Stores the value under the key, over whatever was there; returns the ref of its entry. */
  load(keyspace: Keyspace, key: Buffer, value: RdbValue): number;
}

const string: ValueCodec = {
  rdbType: 0,
  encode(writer, entries, ref) {
    const sizeBytes = entries.valueLength(ref);
    writer.lengthOf(sizeBytes);
    writer.fill(sizeBytes, (target, at) => {
      entries.copyValue(ref, target, at);
    });
  },
  decode: (reader) => ({ type: ValueType.string, bytes: reader.string() }),
  load: (keyspace, key, value) => keyspace.setString(key, 0, key.length, value.bytes, 0, value.bytes.length, false),
};

const codecs: Readonly<Record<ValueType, ValueCodec>> = { [ValueType.string]: string };
const codecsByRdbType = new Map(Object.values(codecs).map((codec) => [codec.rdbType, codec]));

/** The codec of a keyspace's value type. */
export function codecOf(type: ValueType): ValueCodec {
  return codecs[type];
}

/** The codec for a type byte of a stream; undefined when the type is not supported. */
export function codecOfRdbType(rdbType: number): ValueCodec | undefined {
  return codecsByRdbType.get(rdbType);
}
