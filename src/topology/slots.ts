/** Which of the 16384 slots a key belongs to: CRC16 (XMODEM) of the key or of its hash tag, as in Redis Cluster. */
import { SLOT_COUNT } from './topology.js';

const SLOT_MASK = SLOT_COUNT - 1;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/** CRC-16/XMODEM: polynomial 0x1021, initial value 0, nothing reflected (Redis `crc16.c`). */
const CRC16_TABLE = makeTable();

function makeTable(): Uint16Array {
  const table = new Uint16Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021;
    table[byte] = crc & 0xffff;
  }
  return table;
}

/** CRC-16/XMODEM of `length` bytes of `bytes` from `offset` on. */
export function crc16(bytes: Uint8Array, offset = 0, length = bytes.length - offset): number {
  let crc = 0;
  for (let i = offset, end = offset + length; i < end; i++) {
    crc = ((crc << 8) & 0xffff) ^ CRC16_TABLE[((crc >> 8) ^ bytes[i]) & 0xff];
  }
  return crc;
}

/** Where a hash tag lies: its first byte, and how many there are (the braces are not part of it). */
export interface HashTagRange {
  readonly offset: number;
  readonly length: number;
}

/**
 * The hash tag of a key: what stands between its first `{` and the first `}` after it, unless that is empty.
 * Undefined when the whole key is hashed.
 */
export function hashTagRange(bytes: Uint8Array, offset = 0, length = bytes.length - offset): HashTagRange | undefined {
  const end = offset + length;
  const open = indexOfByte(bytes, OPENING_BRACE, offset, end);
  if (open === -1) return undefined;
  const close = indexOfByte(bytes, CLOSING_BRACE, open + 1, end);
  return close <= open + 1 ? undefined : { offset: open + 1, length: close - open - 1 };
}

function indexOfByte(bytes: Uint8Array, byte: number, start: number, end: number): number {
  for (let i = start; i < end; i++) if (bytes[i] === byte) return i;
  return -1;
}

/**
 * The slot of the key that lies in `bytes` at `offset`. Runs once per key of every request, so it allocates nothing:
 * one pass over the key, and a second one only if the key contains a `{`.
 */
export function slotOf(bytes: Uint8Array, offset: number, length: number): number {
  const end = offset + length;
  let crc = 0;
  for (let i = offset; i < end; i++) {
    const byte = bytes[i];
    if (byte === OPENING_BRACE) return slotOfTagged(bytes, offset, end, i);
    crc = ((crc << 8) & 0xffff) ^ CRC16_TABLE[(crc >> 8) ^ byte];
  }
  return crc & SLOT_MASK;
}

function slotOfTagged(bytes: Uint8Array, start: number, end: number, open: number): number {
  const close = indexOfByte(bytes, CLOSING_BRACE, open + 1, end);
  const crc = close <= open + 1 ? crc16(bytes, start, end - start) : crc16(bytes, open + 1, close - open - 1);
  return crc & SLOT_MASK;
}

/** The slot of a whole key; a string is hashed as UTF-8. */
export function slotOfKey(key: string | Uint8Array): number {
  const bytes = typeof key === 'string' ? Buffer.from(key) : key;
  return slotOf(bytes, 0, bytes.length);
}

/** The hash tag of a key as text, or undefined when the whole key is hashed. */
export function hashTagOf(key: string): string | undefined {
  const bytes = Buffer.from(key);
  const range = hashTagRange(bytes);
  return range && bytes.toString('utf8', range.offset, range.offset + range.length);
}
