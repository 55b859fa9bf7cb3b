/** Signed 64-bit integers in their canonical decimal form, as Redis's string2ll reads them. */
import { writeDecimal } from './decimal.js';

const ZERO = 0x30;
const NINE = 0x39;
const MINUS = 0x2d;
/** Any number of at most this many digits is exact as a double. */
const SAFE_DIGITS = 15;
const INT64_MAX_DIGITS = 19;

export const INT64_MAX = 2n ** 63n - 1n;
export const INT64_MIN = -(2n ** 63n);

/**
 * The integer in `length` bytes at `offset`: a number where it is safe as one, else a bigint; undefined where it is not the
 * canonical form of a signed 64-bit integer (leading zeros, plus signs, blanks and `-0` are not).
 */
export function parseInt64(bytes: Uint8Array, offset: number, length: number): number | bigint | undefined {
  if (length === 0) return undefined;
  const negative = bytes[offset] === MINUS;
  const first = negative ? offset + 1 : offset;
  const digits = offset + length - first;
  if (digits === 0 || digits > INT64_MAX_DIGITS) return undefined;
  if (bytes[first] === ZERO) return digits === 1 && !negative ? 0 : undefined;
  let value = 0;
  for (let i = first; i < first + digits; i++) {
    const byte = bytes[i];
    if (byte < ZERO || byte > NINE) return undefined;
    value = value * 10 + (byte - ZERO);
  }
  if (digits <= SAFE_DIGITS) return negative ? -value : value;
  return largeInteger(bytes, offset, length);
}

function largeInteger(bytes: Uint8Array, offset: number, length: number): number | bigint | undefined {
  const value = BigInt(Buffer.from(bytes.subarray(offset, offset + length)).toString('latin1'));
  if (value < INT64_MIN || value > INT64_MAX) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Sum of two signed 64-bit integers; undefined when it overflows. */
export function addInt64(left: number | bigint, right: number | bigint): number | bigint | undefined {
  if (typeof left === 'number' && typeof right === 'number') {
    const sum = left + right;
    if (Number.isSafeInteger(sum)) return sum;
  }
  const sum = BigInt(left) + BigInt(right);
  return sum < INT64_MIN || sum > INT64_MAX ? undefined : sum;
}

/** Writes an integer as decimal text into `target`; returns how many bytes it took (at most 20). */
export function writeInteger(target: Uint8Array, at: number, value: number | bigint): number {
  if (typeof value === 'number' && value >= 0) return writeDecimal(target, at, value) - at;
  const text = value.toString();
  for (let i = 0; i < text.length; i++) target[at + i] = text.charCodeAt(i);
  return text.length;
}
