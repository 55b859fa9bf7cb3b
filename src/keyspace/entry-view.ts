/** What can be read of an entry by its ref. A ref is valid until the next write. */
import type { ValueType } from '../storage/entry.js';
import type { StringEncoding } from './entries.js';
import type { Glob } from '../glob.js';
import type { Shared } from './shared.js';

export class EntryView {
  constructor(protected readonly shared: Shared) {}

  typeOf(ref: number): ValueType {
    return this.shared.entries.type(ref);
  }

  keyLength(ref: number): number {
    return this.shared.entries.keyLength(ref);
  }

  /** The buffer that the key lies in, from `keyOffset` on; valid until the next write. */
  keyBuffer(ref: number): Buffer {
    return this.shared.entries.keyBuffer(ref);
  }

  keyOffset(ref: number): number {
    return this.shared.entries.keyOffset(ref);
  }

  copyKey(ref: number, target: Buffer, at: number): void {
    this.shared.entries.copyKey(ref, target, at);
  }

  /** A copy of the key. */
  keyOf(ref: number): Buffer {
    const key = Buffer.allocUnsafe(this.keyLength(ref));
    this.copyKey(ref, key, 0);
    return key;
  }

  keyMatches(ref: number, glob: Glob): boolean {
    const { entries } = this.shared;
    return glob.matches(entries.keyBuffer(ref), entries.keyOffset(ref), entries.keyLength(ref));
  }

  /** Bytes of the value. */
  valueLength(ref: number): number {
    return this.shared.entries.valueLength(ref);
  }

  copyValue(ref: number, target: Buffer, at: number): void {
    this.shared.entries.copyValue(ref, target, at);
  }

  /** The buffer that the value lies in, from `valueOffset` on; valid until the next write. */
  valueBuffer(ref: number): Buffer {
    return this.shared.entries.valueBuffer(ref);
  }

  valueOffset(ref: number): number {
    return this.shared.entries.valueOffset(ref);
  }

  /** A copy of the value. */
  value(ref: number): Buffer {
    const value = Buffer.allocUnsafe(this.valueLength(ref));
    this.copyValue(ref, value, 0);
    return value;
  }

  valueEquals(ref: number, bytes: Uint8Array, offset: number, length: number): boolean {
    return this.shared.entries.valueEquals(ref, bytes, offset, length);
  }

  /** The value as an int64 in canonical form, undefined when it is none; a bigint beyond 2^53. */
  integerValue(ref: number): number | bigint | undefined {
    return this.shared.entries.integer(ref);
  }

  encodingOf(ref: number): StringEncoding {
    return this.shared.entries.encoding(ref);
  }

  /** When the entry expires, in ms since the epoch; -1 when it does not. */
  deadline(ref: number): number {
    const record = this.shared.entries.expiryRecord(ref);
    return record === 0 ? -1 : this.shared.expiry.deadline(record);
  }

  /** Whole seconds since the entry was last read or written; by frequency, only minutes are known. */
  idleSeconds(ref: number): number {
    return Math.floor(this.shared.access.idleMs(this.shared.entries.accessWord(ref)) / 1000);
  }

  /** How often the entry is used, on Redis's logarithmic scale of 0 to 255. Means something under an LFU policy. */
  accessFrequency(ref: number): number {
    return this.shared.access.frequency(this.shared.entries.accessWord(ref));
  }
}
