/** Decimal numbers as bytes, written without making a string. */

const ZERO = 0x30;
const MAX_INT32 = 0x7fff_ffff;
const BILLION = 1_000_000_000;
const BILLION_DIGITS = 9;

/** Most bytes that `writeDecimal` takes. */
export const MAX_DECIMAL_BYTES = 16;

/** Number of decimal digits of a non-negative safe integer. */
export function decimalDigits(value: number): number {
  let digits = 1;
  for (let bound = 10; bound <= value; bound *= 10) digits++;
  return digits;
}

/** Writes a non-negative safe integer at `at`; returns where it ends. */
export function writeDecimal(target: Uint8Array, at: number, value: number): number {
  if (value < 10) {
    target[at] = ZERO + value;
    return at + 1;
  }
  if (value <= MAX_INT32) return writeDigits(target, at, value, decimalDigits(value));
  const high = Math.floor(value / BILLION);
  return writeDigits(target, writeDecimal(target, at, high), value - high * BILLION, BILLION_DIGITS);
}

/** Writes a 31-bit integer in exactly `digits` digits. */
function writeDigits(target: Uint8Array, at: number, value: number, digits: number): number {
  let rest = value;
  for (let position = at + digits - 1; position >= at; position--) {
    const quotient = (rest / 10) | 0;
    target[position] = ZERO + rest - quotient * 10;
    rest = quotient;
  }
  return at + digits;
}
