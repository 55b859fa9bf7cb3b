/**
 * Layout of an entry in the arena: a 16-byte header, then the key's bytes, then the value's.
 * Word 0: key length (16 bits) | type (4 bits) | encoding (4 bits) | flags (8 bits).
 * Word 1: value length in bytes, or the object id when the encoding is external.
 * Word 2: last access or number of accesses. Word 3: expiry record id, 0 = none.
 */
import { byteOf, chunkOf, wordOf, type Arena } from './arena.js';
import { rangesEqual } from './byte-range.js';

export const ENTRY_HEADER_BYTES = 16;
export const MAX_KEY_BYTES = 0xffff;

export const VALUE_WORD = 1;
export const ACCESS_WORD = 2;
export const EXPIRY_WORD = 3;

const TYPE_SHIFT = 16;
const FIELD_MASK = 0xf;
/** Encoding external: the value is in the object table, not behind the key. */
export const EXTERNAL_BIT = 1 << 20;
/** Flag: the value was grown in place (APPEND), which OBJECT ENCODING tells from one that was set whole. */
export const GROWN_BIT = 1 << 24;
/** Flag: the value is text even where it reads as an integer (INCRBYFLOAT), which OBJECT ENCODING tells as well. */
export const TEXT_BIT = 1 << 25;
/** What a value that is set whole loses. */
export const FORM_BITS = GROWN_BIT | TEXT_BIT;

/** Type numbers, as they lie in word 0. */
export const ValueType = { string: 0 } as const;
export type ValueType = (typeof ValueType)[keyof typeof ValueType];

/** Word 0 of a new entry. */
export function entryMeta(keyLength: number, type: ValueType, isExternal: boolean): number {
  return keyLength | (type << TYPE_SHIFT) | (isExternal ? EXTERNAL_BIT : 0);
}

export function typeOfMeta(meta: number): number {
  return (meta >>> TYPE_SHIFT) & FIELD_MASK;
}

/** Whether the entry's key is these bytes. */
export function entryHasKey(arena: Arena, ref: number, bytes: Uint8Array, offset: number, length: number): boolean {
  const chunk = chunkOf(ref);
  if ((arena.words[chunk][wordOf(ref)] & MAX_KEY_BYTES) !== length) return false;
  return rangesEqual(arena.bytes[chunk], byteOf(ref) + ENTRY_HEADER_BYTES, bytes, offset, length);
}
