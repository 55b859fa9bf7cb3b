/** What the bit commands do, worked out bit by bit in the plainest way. A test must not trust what it tests. */

/** A string value as bits, the most significant one of the first byte first. Its length is a multiple of 8. */
export type Bits = (0 | 1)[];

export function bitsOf(bytes: Uint8Array): Bits {
  return Array.from(bytes).flatMap((byte) => Array.from({ length: 8 }, (_, index) => (byte & (0x80 >> index) ? 1 : 0)));
}

export function bytesOf(bits: Bits): Buffer {
  const bytes = Buffer.alloc(bits.length / 8);
  bits.forEach((bit, index) => (bytes[Math.floor(index / 8)] |= bit << (7 - (index % 8))));
  return bytes;
}

export function extend(bits: Bits, lengthBytes: number): void {
  while (bits.length < lengthBytes * 8) bits.push(0);
}

export function setBit(bits: Bits, offset: number, bit: 0 | 1): number {
  extend(bits, Math.floor(offset / 8) + 1);
  const old = bits[offset];
  bits[offset] = bit;
  return old;
}

/** The bits of a range, with the position of the first one; undefined when it is empty. */
function rangeOf(
  bits: Bits,
  start: number,
  end: number,
  unit: 'BYTE' | 'BIT',
): { from: number; to: number } | undefined {
  const size = unit === 'BIT' ? 1 : 8;
  const length = bits.length / size;
  const first = Math.max(0, start < 0 ? length + start : start);
  const last = Math.min(length - 1, Math.max(0, end < 0 ? length + end : end));
  return length === 0 || first > last ? undefined : { from: first * size, to: (last + 1) * size };
}

export function count(bits: Bits, start: number, end: number, unit: 'BYTE' | 'BIT'): number {
  if (start < 0 && end < 0 && start > end) return 0;
  const range = rangeOf(bits, start, end, unit);
  return range === undefined ? 0 : bits.slice(range.from, range.to).filter((bit) => bit === 1).length;
}

export function position(bits: Bits, bit: 0 | 1, start: number, end: number, unit: 'BYTE' | 'BIT'): number {
  const range = rangeOf(bits, start, end, unit);
  if (range === undefined) return -1;
  const found = bits.slice(range.from, range.to).indexOf(bit);
  return found === -1 ? -1 : found + range.from;
}

export function combine(operation: string, operands: readonly Bits[]): Bits {
  const length = Math.max(...operands.map((bits) => bits.length));
  return Array.from({ length }, (_, index) => {
    const column = operands.map((bits) => bits.at(index) ?? 0);
    const ones = column.filter((bit) => bit === 1).length;
    return isOne(operation, ones, column.length) ? 1 : 0;
  });
}

function isOne(operation: string, ones: number, operands: number): boolean {
  if (operation === 'AND') return ones === operands;
  if (operation === 'OR') return ones > 0;
  return operation === 'XOR' ? ones % 2 === 1 : ones === 0;
}

/** `i5`, `u12`. */
export interface FieldType {
  readonly isSigned: boolean;
  readonly bits: number;
}

export function readField(bits: Bits, offset: number, type: FieldType): bigint {
  let value = 0n;
  for (let index = offset; index < offset + type.bits; index++) {
    value = value * 2n + BigInt(index < bits.length ? bits[index] : 0);
  }
  const isNegative = type.isSigned && value >= 2n ** BigInt(type.bits - 1);
  return isNegative ? value - 2n ** BigInt(type.bits) : value;
}

function writeField(bits: Bits, offset: number, type: FieldType, value: bigint): void {
  extend(bits, Math.floor((offset + type.bits - 1) / 8) + 1);
  const unsigned = BigInt.asUintN(type.bits, value);
  for (let index = 0; index < type.bits; index++) {
    bits[offset + index] = (unsigned >> BigInt(type.bits - 1 - index)) & 1n ? 1 : 0;
  }
}

/** Adds to a field; the new value, or undefined when it overflows and may not. */
export function increment(
  bits: Bits,
  offset: number,
  type: FieldType,
  by: bigint,
  overflow: string,
): bigint | undefined {
  extend(bits, Math.floor((offset + type.bits - 1) / 8) + 1);
  const size = 2n ** BigInt(type.bits);
  const min = type.isSigned ? -size / 2n : 0n;
  const max = min + size - 1n;
  let value = readField(bits, offset, type) + by;
  if (value < min || value > max) {
    if (overflow === 'FAIL') return undefined;
    if (overflow === 'SAT') value = value > max ? max : min;
    else while (value < min || value > max) value = ((((value - min) % size) + size) % size) + min;
  }
  writeField(bits, offset, type, value);
  return value;
}
