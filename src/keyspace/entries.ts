/**
 * Entries as such: making, reading and changing what a ref names, whichever table it is in. Addresses are worked out anew in
 * every function, since the arena may have grown in between.
 */
import { byteOf, chunkOf, wordOf, type Arena } from '../storage/arena.js';
import { copyRange, rangesEqual } from '../storage/byte-range.js';
import {
  ACCESS_WORD,
  ENTRY_HEADER_BYTES,
  entryMeta,
  EXPIRY_WORD,
  EXTERNAL_BIT,
  FORM_BITS,
  GROWN_BIT,
  MAX_KEY_BYTES,
  TEXT_BIT,
  typeOfMeta,
  VALUE_WORD,
  ValueType,
} from '../storage/entry.js';
import type { ObjectTable } from '../storage/object-table.js';
import { MAX_BLOCK_BYTES } from '../storage/size-classes.js';
import { parseInt64 } from '../resp/integer.js';

/** Larger values get a Buffer of their own. */
const MAX_INLINE_VALUE_BYTES = 64 * 1024;
/** Most room that a growing value gets beyond what it needs when it leaves its block. */
const MAX_SPARE_BYTES = 1024 * 1024;
/** Longest value that Redis keeps in one block with its header (OBJ_ENCODING_EMBSTR_SIZE_LIMIT). */
const MAX_EMBEDDED_BYTES = 44;

export type StringEncoding = 'int' | 'embstr' | 'raw';

export class Entries {
  constructor(
    private readonly arena: Arena,
    private readonly objects: ObjectTable,
  ) {}

  /**
   * A new entry with copies of key and value, in no table yet. Throws OutOfMemoryError.
   * @param capacityBytes Room for the value, the value itself included.
   */
  create(
    key: Uint8Array,
    keyOffset: number,
    keyLength: number,
    value: Uint8Array,
    valueOffset: number,
    valueLength: number,
    capacityBytes = valueLength,
  ): number {
    const inline = isInline(keyLength, capacityBytes);
    const ref = this.arena.allocate(ENTRY_HEADER_BYTES + keyLength + (inline ? capacityBytes : 0));
    let valueWord = valueLength;
    if (!inline) valueWord = this.addObject(ref, value, valueOffset, valueLength, capacityBytes);
    const chunk = chunkOf(ref);
    const words = this.arena.words[chunk];
    const word = wordOf(ref);
    words[word] = entryMeta(keyLength, ValueType.string, !inline);
    words[word + VALUE_WORD] = valueWord;
    words[word + ACCESS_WORD] = 0;
    words[word + EXPIRY_WORD] = 0;
    const bytes = this.arena.bytes[chunk];
    const keyAt = byteOf(ref) + ENTRY_HEADER_BYTES;
    copyRange(key, keyOffset, bytes, keyAt, keyLength);
    if (inline) copyRange(value, valueOffset, bytes, keyAt + keyLength, valueLength);
    return ref;
  }

  /** An entry with another key and the same value; an external one belongs to both until `releaseRenamed` frees the old entry. */
  createRenamed(key: Uint8Array, keyOffset: number, keyLength: number, source: number): number {
    const isExternal = this.isExternal(source);
    const length = isExternal ? 0 : this.valueLength(source);
    const from = this.valueOffset(source);
    const ref = this.create(key, keyOffset, keyLength, this.arena.bytes[chunkOf(source)], from, length);
    this.setWord(ref, 0, entryMeta(keyLength, this.type(source), isExternal) | this.form(source));
    this.setWord(ref, VALUE_WORD, this.word(source, VALUE_WORD));
    return ref;
  }

  /**
   * An entry with the same key and the value made longer, with room for more. What the new bytes are is undefined where they
   * lie in the arena, and zeros elsewhere. Throws OutOfMemoryError.
   */
  createGrown(source: number, newLength: number): number {
    const ref = this.create(
      this.keyBuffer(source),
      this.keyOffset(source),
      this.keyLength(source),
      this.valueBuffer(source),
      this.valueOffset(source),
      this.valueLength(source),
      newLength + Math.min(newLength, MAX_SPARE_BYTES),
    );
    this.grow(ref, newLength);
    return ref;
  }

  /** Frees an entry and its value. */
  release(ref: number): void {
    if (this.isExternal(ref)) this.objects.remove(this.word(ref, VALUE_WORD));
    this.arena.free(ref);
  }

  /** Frees an entry that was renamed: an external value lives on in the other one. */
  releaseRenamed(ref: number): void {
    this.arena.free(ref);
  }

  /** Bytes that the entry and its value take. */
  footprint(ref: number): number {
    const blockBytes = this.arena.blockBytes(ref);
    return this.isExternal(ref) ? blockBytes + this.objects.capacity(this.word(ref, VALUE_WORD)) : blockBytes;
  }

  /** Sets the value where it lies, when it fits without wasting more than half of the block; false otherwise. */
  assign(ref: number, value: Uint8Array, offset: number, length: number): boolean {
    const keyLength = this.keyLength(ref);
    const neededBytes = ENTRY_HEADER_BYTES + keyLength + length;
    const blockBytes = this.arena.blockBytes(ref);
    if (this.isExternal(ref) || neededBytes > blockBytes || neededBytes * 2 < blockBytes) return false;
    if (length > MAX_INLINE_VALUE_BYTES) return false;
    const chunk = chunkOf(ref);
    const words = this.arena.words[chunk];
    const word = wordOf(ref);
    words[word] &= ~FORM_BITS;
    words[word + VALUE_WORD] = length;
    copyRange(value, offset, this.arena.bytes[chunk], byteOf(ref) + ENTRY_HEADER_BYTES + keyLength, length);
    return true;
  }

  /** Makes the value longer where it lies; false when there is no room. What the new bytes are: see `createGrown`. */
  grow(ref: number, newLength: number): boolean {
    if (this.isExternal(ref)) {
      this.objects.grow(this.word(ref, VALUE_WORD), newLength);
    } else {
      const neededBytes = ENTRY_HEADER_BYTES + this.keyLength(ref) + newLength;
      if (neededBytes > this.arena.blockBytes(ref) || newLength > MAX_INLINE_VALUE_BYTES) return false;
      this.setWord(ref, VALUE_WORD, newLength);
    }
    return true;
  }

  /** Makes zeros of the bytes `[from, to)` of a value that has just grown by them. */
  zeroGrown(ref: number, from: number, to: number): void {
    if (this.isExternal(ref)) return;
    const start = this.valueOffset(ref);
    this.valueBuffer(ref).fill(0, start + from, start + to);
  }

  /** The value is changed byte by byte from now on, as after APPEND. */
  markGrown(ref: number): void {
    this.setWord(ref, 0, this.word(ref, 0) | GROWN_BIT);
  }

  /** The value is text, whatever it reads as. */
  markText(ref: number): void {
    this.setWord(ref, 0, this.word(ref, 0) | TEXT_BIT);
  }

  /** How the value came about, as `setForm` takes it; see FORM_BITS. */
  form(ref: number): number {
    return this.word(ref, 0) & FORM_BITS;
  }

  setForm(ref: number, form: number): void {
    this.setWord(ref, 0, (this.word(ref, 0) & ~FORM_BITS) | form);
  }

  type(ref: number): ValueType {
    return typeOfMeta(this.word(ref, 0)) as ValueType;
  }

  keyLength(ref: number): number {
    return this.word(ref, 0) & MAX_KEY_BYTES;
  }

  /** The buffer that the key lies in, at `keyOffset(ref)`. */
  keyBuffer(ref: number): Buffer {
    return this.arena.bytes[chunkOf(ref)];
  }

  keyOffset(ref: number): number {
    return byteOf(ref) + ENTRY_HEADER_BYTES;
  }

  valueLength(ref: number): number {
    const word = this.word(ref, VALUE_WORD);
    return this.isExternal(ref) ? this.objects.length(word) : word;
  }

  /** The buffer that the value lies in, at `valueOffset(ref)`. */
  valueBuffer(ref: number): Buffer {
    return this.isExternal(ref) ? this.objects.buffer(this.word(ref, VALUE_WORD)) : this.arena.bytes[chunkOf(ref)];
  }

  valueOffset(ref: number): number {
    return this.isExternal(ref) ? 0 : byteOf(ref) + ENTRY_HEADER_BYTES + this.keyLength(ref);
  }

  copyKey(ref: number, target: Buffer, at: number): void {
    copyRange(this.keyBuffer(ref), this.keyOffset(ref), target, at, this.keyLength(ref));
  }

  copyValue(ref: number, target: Buffer, at: number): void {
    copyRange(this.valueBuffer(ref), this.valueOffset(ref), target, at, this.valueLength(ref));
  }

  valueEquals(ref: number, bytes: Uint8Array, offset: number, length: number): boolean {
    if (this.valueLength(ref) !== length) return false;
    return rangesEqual(this.valueBuffer(ref), this.valueOffset(ref), bytes, offset, length);
  }

  /** See `parseInteger`. */
  integer(ref: number): number | bigint | undefined {
    return parseInt64(this.valueBuffer(ref), this.valueOffset(ref), this.valueLength(ref));
  }

  /** What OBJECT ENCODING says in Redis; here all are bytes. */
  encoding(ref: number): StringEncoding {
    const form = this.form(ref);
    if ((form & GROWN_BIT) !== 0) return 'raw';
    if ((form & TEXT_BIT) === 0 && this.integer(ref) !== undefined) return 'int';
    return this.valueLength(ref) <= MAX_EMBEDDED_BYTES ? 'embstr' : 'raw';
  }

  /** Id of the entry's expiry record, 0 when it has no deadline. */
  expiryRecord(ref: number): number {
    return this.arena.words[chunkOf(ref)][wordOf(ref) + EXPIRY_WORD];
  }

  setExpiryRecord(ref: number, record: number): void {
    this.setWord(ref, EXPIRY_WORD, record);
  }

  /** What is remembered of the entry's accesses; see AccessClock. */
  accessWord(ref: number): number {
    return this.word(ref, ACCESS_WORD);
  }

  setAccessWord(ref: number, word: number): void {
    const words = this.arena.words[chunkOf(ref)];
    const at = wordOf(ref) + ACCESS_WORD;
    // Written only when it changes: a cache line that was only read need not go back to memory.
    if (words[at] !== word) words[at] = word;
  }

  private isExternal(ref: number): boolean {
    return (this.word(ref, 0) & EXTERNAL_BIT) !== 0;
  }

  private word(ref: number, index: number): number {
    return this.arena.words[chunkOf(ref)][wordOf(ref) + index];
  }

  private setWord(ref: number, index: number, value: number): void {
    this.arena.words[chunkOf(ref)][wordOf(ref) + index] = value;
  }

  private addObject(ref: number, value: Uint8Array, offset: number, length: number, capacityBytes: number): number {
    try {
      return this.objects.add(value, offset, length, capacityBytes);
    } catch (error) {
      this.arena.free(ref);
      throw error;
    }
  }
}

function isInline(keyLength: number, valueLength: number): boolean {
  return valueLength <= MAX_INLINE_VALUE_BYTES && ENTRY_HEADER_BYTES + keyLength + valueLength <= MAX_BLOCK_BYTES;
}
