/** Work on the bits of byte ranges: counting, finding, combining. Long ranges go four bytes at a time. */

const BITS = 8;
const WORD_BYTES = 4;
const ALL_ONES = 0xff;
/** Shorter ranges are not worth a view of their words. */
const MIN_WORDS = 16;

const RUN_BYTES = 4096;
const RUN_OF_ZEROS = Buffer.alloc(RUN_BYTES);
const RUN_OF_ONES = Buffer.alloc(RUN_BYTES, ALL_ONES);

const onesInByte = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

/** An inclusive range of bits; bit 0 is the most significant one of the first byte. */
export interface BitRange {
  readonly first: number;
  readonly last: number;
}

/** The words that lie whole in the bytes `[from, to)`, of which `start` is where they begin; undefined when they are few. */
function wordsWithin(bytes: Uint8Array, from: number, to: number): { start: number; words: Int32Array } | undefined {
  const start = from + (-(bytes.byteOffset + from) & (WORD_BYTES - 1));
  const count = Math.floor((to - start) / WORD_BYTES);
  if (count < MIN_WORDS) return undefined;
  return { start, words: new Int32Array(bytes.buffer, bytes.byteOffset + start, count) };
}

/** How many bits are set in a range. */
export function countOnes(bytes: Uint8Array, range: BitRange): number {
  const firstByte = Math.floor(range.first / BITS);
  const lastByte = Math.floor(range.last / BITS);
  const count = onesInByte[byteWithin(bytes, firstByte, range, 0)];
  if (firstByte === lastByte) return count;
  return count + onesInWholeBytes(bytes, firstByte + 1, lastByte) + onesInByte[byteWithin(bytes, lastByte, range, 0)];
}

function onesInWholeBytes(bytes: Uint8Array, from: number, to: number): number {
  const aligned = wordsWithin(bytes, from, to);
  if (aligned === undefined) return onesByTable(bytes, from, to);
  const { start, words } = aligned;
  const end = start + words.length * WORD_BYTES;
  return onesByTable(bytes, from, start) + onesInWords(words) + onesByTable(bytes, end, to);
}

function onesByTable(bytes: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let index = from; index < to; index++) count += onesInByte[bytes[index]];
  return count;
}

/** Sums within the word: pairs of bits, nibbles, bytes (Hacker's Delight, 5-1). */
function onesInWords(words: Int32Array): number {
  let count = 0;
  const { length } = words;
  for (let index = 0; index < length; index++) {
    const pairs = words[index] - ((words[index] >>> 1) & 0x5555_5555);
    const nibbles = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333);
    count += Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
  }
  return count;
}

/** Byte `index` of a range of bits, those outside of it replaced by `outside` (0 or 0xff). */
function byteWithin(bytes: Uint8Array, index: number, { first, last }: BitRange, outside: number): number {
  const start = index * BITS;
  let mask = ALL_ONES;
  if (start < first) mask &= ALL_ONES >> (first - start);
  if (start + 7 > last) mask &= ALL_ONES << (start + 7 - last);
  return (bytes[index] & mask) | (outside & ~mask & ALL_ONES);
}

/** Position of the first bit of this value in the range, -1 when there is none. */
export function findBit(bytes: Uint8Array, range: BitRange, bit: number): number {
  const unwanted = bit === 1 ? 0 : ALL_ONES;
  const firstByte = Math.floor(range.first / BITS);
  const lastByte = Math.floor(range.last / BITS);
  let index = firstByte;
  while (index <= lastByte) {
    const wanted = byteWithin(bytes, index, range, unwanted) ^ unwanted;
    if (wanted !== 0) return index * BITS + Math.clz32(wanted) - 24;
    index = skipBytes(bytes, index + 1, lastByte, unwanted);
  }
  return -1;
}

/** The first of the bytes `[from, to)` that is not `unwanted`, or `to`. */
function skipBytes(bytes: Uint8Array, from: number, to: number, unwanted: number): number {
  const run = unwanted === 0 ? RUN_OF_ZEROS : RUN_OF_ONES;
  let index = from;
  // A comparison in native code is several times as fast as a loop.
  while (index + RUN_BYTES <= to && bytes[index] === unwanted && isRun(bytes, index, run)) index += RUN_BYTES;
  while (index < to && bytes[index] === unwanted) index++;
  return index;
}

function isRun(bytes: Uint8Array, index: number, run: Buffer): boolean {
  return Buffer.compare(bytes.subarray(index, index + RUN_BYTES), run) === 0;
}

export const bitOperations = ['AND', 'OR', 'XOR', 'NOT'] as const;
export type BitOperation = (typeof bitOperations)[number];

/** Combines values byte by byte into a new one of the longest's length; shorter ones go on with zeros. NOT takes one value. */
export function combine(operation: BitOperation, values: readonly Uint8Array[]): Uint8Array {
  const length = Math.max(...values.map((value) => value.length));
  const result = new Uint8Array(length);
  result.set(values[0]);
  if (operation === 'NOT') {
    invert(result);
    return result;
  }
  for (const value of values.slice(1)) {
    combineInto(operation, result, value);
    if (operation === 'AND') result.fill(0, value.length);
  }
  return result;
}

function invert(target: Uint8Array): void {
  const wordCount = Math.floor(target.length / WORD_BYTES);
  const words = new Int32Array(target.buffer, 0, wordCount);
  for (let index = 0; index < wordCount; index++) words[index] = ~words[index];
  for (let index = wordCount * WORD_BYTES; index < target.length; index++) target[index] = ~target[index];
}

/** Works on as much as `source` has. The words of both are used where those of `source` are aligned; `target` begins a buffer. */
function combineInto(operation: BitOperation, target: Uint8Array, source: Uint8Array): void {
  const isAligned = source.byteOffset % WORD_BYTES === 0;
  const wordCount = isAligned ? Math.floor(source.length / WORD_BYTES) : 0;
  const from = new Int32Array(source.buffer, isAligned ? source.byteOffset : 0, wordCount);
  combineItems(operation, new Int32Array(target.buffer, 0, wordCount), from, 0, wordCount);
  combineItems(operation, target, source, wordCount * WORD_BYTES, source.length);
}

type Items = Int32Array | Uint8Array;

function combineItems(operation: BitOperation, target: Items, source: Items, from: number, to: number): void {
  if (operation === 'AND') for (let index = from; index < to; index++) target[index] &= source[index];
  else if (operation === 'OR') for (let index = from; index < to; index++) target[index] |= source[index];
  else for (let index = from; index < to; index++) target[index] ^= source[index];
}
