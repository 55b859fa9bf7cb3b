/** Integers as Redis stores them: the canonical decimal text of an int64, and nothing else (string2ll in Redis's util.c). */

const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
/** Sign and 19 digits. */
const MAX_TEXT_BYTES = 20;
/** Numbers of this many digits are exact as doubles. */
const SAFE_DIGITS = 15;
const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);

/**
 * The integer that these bytes are, or undefined when they are not one: no spaces, plus sign, leading zeros or "-0".
 * A number when it is safe as one, else a bigint.
 */
export function parseInteger(bytes: Buffer, offset: number, length: number): number | bigint | undefined {
  if (length === 0 || length > MAX_TEXT_BYTES) return undefined;
  const isNegative = bytes[offset] === MINUS;
  const digitsAt = isNegative ? offset + 1 : offset;
  const end = offset + length;
  if (digitsAt === end) return undefined;
  if (bytes[digitsAt] === ZERO) return length === 1 ? 0 : undefined;
  let magnitude = 0;
  for (let at = digitsAt; at < end; at++) {
    const byte = bytes[at];
    if (byte < ZERO || byte > NINE) return undefined;
    magnitude = magnitude * 10 + (byte - ZERO);
  }
  if (end - digitsAt <= SAFE_DIGITS) return isNegative ? -magnitude : magnitude;
  return parseLong(bytes.toString('latin1', offset, end));
}

function parseLong(text: string): number | bigint | undefined {
  const value = BigInt(text);
  if (value > MAX_INT64 || value < MIN_INT64) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
