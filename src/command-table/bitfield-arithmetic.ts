/**
 * Integers of 1 to 64 bits anywhere among the bits of a value, as BITFIELD reads, writes and adds to them. Fields of up to 40
 * bits are numbers; wider ones are bigints, since JavaScript's numbers end at 53.
 */

const BITS = 8;
const NARROW_BITS_MAX = 40;
const LOW_BITS = 32;
const SIGNED_BITS_MAX = 64;
/** Numbers up to here can be added to a narrow field with room to spare. */
const SMALL_MAX = 2 ** 52;

export type Overflow = 'WRAP' | 'SAT' | 'FAIL';
export type Integer = number | bigint;

export interface FieldType {
  readonly isSigned: boolean;
  /** 1 to 64, to 63 when it is unsigned. */
  readonly bits: number;
}

/** A value where it lies: the bytes `[start, end)` of a buffer. */
export interface ByteWindow {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** The field that begins at bit `offset` of the value; bits behind its end are 0. */
export function readField(window: ByteWindow, offset: number, { isSigned, bits }: FieldType): Integer {
  if (bits <= NARROW_BITS_MAX) {
    const value = readBits(window, offset, bits);
    return isSigned && value >= 2 ** (bits - 1) ? value - 2 ** bits : value;
  }
  const highBits = bits - LOW_BITS;
  const high = BigInt(readBits(window, offset, highBits));
  const value = (high << BigInt(LOW_BITS)) | BigInt(readBits(window, offset + highBits, LOW_BITS));
  return isSigned ? BigInt.asIntN(bits, value) : value;
}

/** Writes a value of the field's type, all of whose bits must lie in the window. */
export function writeField(window: ByteWindow, offset: number, { bits }: FieldType, value: Integer): void {
  if (bits <= NARROW_BITS_MAX) {
    const number = Number(value);
    writeBits(window, offset, bits, number < 0 ? number + 2 ** bits : number);
    return;
  }
  const unsigned = BigInt.asUintN(bits, BigInt(value));
  const highBits = bits - LOW_BITS;
  writeBits(window, offset, highBits, Number(unsigned >> BigInt(LOW_BITS)));
  writeBits(window, offset + highBits, LOW_BITS, Number(BigInt.asUintN(LOW_BITS, unsigned)));
}

/** Up to 40 bits: with what is beside them in their bytes they are 48 at the most, exact as a double. */
function readBits({ bytes, start, end }: ByteWindow, offset: number, bits: number): number {
  const last = Math.floor((offset + bits - 1) / BITS);
  let value = 0;
  for (let index = Math.floor(offset / BITS); index <= last; index++)
    value = value * 256 + (start + index < end ? bytes[start + index] : 0);
  const bitsBehind = (last + 1) * BITS - offset - bits;
  return Math.floor(value / 2 ** bitsBehind) % 2 ** bits;
}

function writeBits({ bytes, start }: ByteWindow, offset: number, bits: number, value: number): void {
  let rest = value;
  let end = offset + bits;
  while (end > offset) {
    const index = Math.floor((end - 1) / BITS);
    const bitsBehind = (index + 1) * BITS - end;
    const count = Math.min(BITS - bitsBehind, end - offset);
    const mask = ((1 << count) - 1) << bitsBehind;
    bytes[start + index] = (bytes[start + index] & ~mask) | ((rest % 2 ** count) << bitsBehind);
    rest = Math.floor(rest / 2 ** count);
    end -= count;
  }
}

/** What SET stores: the value, made to fit; undefined when it overflows and may not. */
export function valueToStore(type: FieldType, value: Integer, overflow: Overflow): Integer | undefined {
  if (!type.isSigned && value < 0) {
    // Redis takes the value of an unsigned SET for an unsigned 64-bit integer.
    return fitWide(type, BigInt.asUintN(SIGNED_BITS_MAX, BigInt(value)), 0n, overflow);
  }
  return sumToStore(type, value, 0, overflow);
}

/** What INCRBY stores: the sum, made to fit; undefined when it overflows and may not. */
export function sumToStore(
  type: FieldType,
  value: Integer,
  increment: Integer,
  overflow: Overflow,
): Integer | undefined {
  const isSmall = type.bits <= NARROW_BITS_MAX && isSmallNumber(value) && isSmallNumber(increment);
  if (isSmall) return fitNarrow(type, Number(value) + Number(increment), overflow);
  return fitWide(type, BigInt(value), BigInt(increment), overflow);
}

function isSmallNumber(value: Integer): boolean {
  return typeof value === 'number' && Math.abs(value) <= SMALL_MAX / 2;
}

function fitNarrow({ isSigned, bits }: FieldType, sum: number, overflow: Overflow): number | undefined {
  const size = 2 ** bits;
  const min = isSigned ? -size / 2 : 0;
  const max = min + size - 1;
  if (sum >= min && sum <= max) return sum;
  if (overflow === 'FAIL') return undefined;
  if (overflow === 'SAT') return sum > max ? max : min;
  const wrapped = sum % size;
  if (wrapped > max) return wrapped - size;
  return wrapped < min ? wrapped + size : wrapped;
}

function fitWide(
  { isSigned, bits }: FieldType,
  value: bigint,
  increment: bigint,
  overflow: Overflow,
): Integer | undefined {
  const min = isSigned ? -(1n << BigInt(bits - 1)) : 0n;
  const max = isSigned ? (1n << BigInt(bits - 1)) - 1n : (1n << BigInt(bits)) - 1n;
  const missed = isSigned ? signedOverflow(value, increment, bits, max, min) : unsignedOverflow(value, increment, max);
  if (missed === undefined) return value + increment;
  if (overflow === 'FAIL') return undefined;
  if (overflow === 'SAT') return missed === 'above' ? max : min;
  return isSigned ? BigInt.asIntN(bits, value + increment) : BigInt.asUintN(bits, value + increment);
}

type Bound = 'above' | 'below' | undefined;

/** Which bound is missed when `increment` is added to `value` (Redis's checkUnsignedBitfieldOverflow). */
function unsignedOverflow(value: bigint, increment: bigint, max: bigint): Bound {
  if (value > max || (increment > 0n && increment > max - value)) return 'above';
  return increment < 0n && increment < -value ? 'below' : undefined;
}

/**
 * The same for a signed field (checkSignedBitfieldOverflow). The room left is worked out in 64 bits that wrap, as in Redis:
 * that is why SET of a number far below the smallest one saturates at the largest.
 */
function signedOverflow(value: bigint, increment: bigint, bits: number, max: bigint, min: bigint): Bound {
  const roomAbove = BigInt.asIntN(SIGNED_BITS_MAX, max - value);
  const roomBelow = BigInt.asIntN(SIGNED_BITS_MAX, min - value);
  const isNarrow = bits !== SIGNED_BITS_MAX;
  if (value > max || (increment > roomAbove && (isNarrow || (value >= 0n && increment > 0n)))) return 'above';
  if (value < min || (increment < roomBelow && (isNarrow || (value < 0n && increment < 0n)))) return 'below';
  return undefined;
}
