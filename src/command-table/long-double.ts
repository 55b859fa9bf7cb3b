/**
 * The arithmetic of INCRBYFLOAT: Redis computes with the 80-bit long double of x86 (64 bits of mantissa) and prints 17
 * decimals, so that 0.1 + 0.2 is 0.3. Done here in big integers, bit for bit.
 */

/** `mantissa * 2^exponent`, the mantissa signed and below 2^64 in magnitude. */
export interface LongDouble {
  readonly mantissa: bigint;
  readonly exponent: number;
}

const MANTISSA_BITS = 64;
/** Exponent of the largest long double, below 2^16384. */
const MAX_BINARY_EXPONENT = 16_384;
/** Exponent of the smallest denormal. */
const MIN_BINARY_EXPONENT = -16_445;
/** Beyond these nothing decimal is representable; keeps the powers of ten bounded. */
const MAX_DECIMAL_EXPONENT = 10_000;
/** Longest text that Redis reads as a long double (MAX_LONG_DOUBLE_CHARS). */
const MAX_TEXT_BYTES = 5 * 1024 - 1;
const PRINTED_DECIMALS = 17;

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
const HEXADECIMAL = /^([+-]?)0[xX]([\da-fA-F]*)(?:\.([\da-fA-F]*))?(?:[pP]([+-]?\d+))?$/;
const INFINITE = /^[+-]?inf(?:inity)?$/i;

export type Parsed = LongDouble | 'infinite' | undefined;

/** What strtold makes of the text; undefined where Redis refuses it (also when it over- or underflows). */
export function parseLongDouble(text: string): Parsed {
  if (text.length === 0 || text.length > MAX_TEXT_BYTES) return undefined;
  if (INFINITE.test(text)) return 'infinite';
  const hexadecimal = HEXADECIMAL.exec(text);
  const match = hexadecimal ?? DECIMAL.exec(text);
  if (match === null) return undefined;
  const [, sign, whole, fraction = '', exponentText = '0'] = match;
  const digits = whole + fraction;
  if (digits === '') return undefined;
  const magnitude = BigInt(hexadecimal === null ? digits : `0x${digits}`);
  if (magnitude === 0n) return { mantissa: 0n, exponent: 0 };
  const signed = sign === '-' ? -magnitude : magnitude;
  const exponent = Number(exponentText);
  if (hexadecimal !== null) return inRange(rounded(signed, 1n, exponent - 4 * fraction.length));
  return fromDecimal(signed, exponent - fraction.length, digits.length);
}

function fromDecimal(digits: bigint, exponent: number, digitCount: number): LongDouble | undefined {
  if (exponent + digitCount > MAX_DECIMAL_EXPONENT || exponent + digitCount < -MAX_DECIMAL_EXPONENT) return undefined;
  const power = 10n ** BigInt(Math.abs(exponent));
  return inRange(exponent >= 0 ? rounded(digits * power, 1n, 0) : rounded(digits, power, 0));
}

/** The sum, rounded; undefined when it overflows. */
export function addLongDoubles(left: LongDouble, right: LongDouble): LongDouble | undefined {
  const exponent = Math.min(left.exponent, right.exponent);
  const sum =
    (left.mantissa << BigInt(left.exponent - exponent)) + (right.mantissa << BigInt(right.exponent - exponent));
  return sum === 0n ? { mantissa: 0n, exponent: 0 } : inRange(rounded(sum, 1n, exponent));
}

/** As Redis's ld2string in its human mode: 17 decimals, trailing zeros removed. */
export function formatLongDouble({ mantissa, exponent }: LongDouble): string {
  const scaled = mantissa * 10n ** BigInt(PRINTED_DECIMALS);
  const units = exponent >= 0 ? scaled << BigInt(exponent) : divideToEven(scaled, 1n << BigInt(-exponent));
  const digits = abs(units)
    .toString()
    .padStart(PRINTED_DECIMALS + 1, '0');
  const whole = digits.slice(0, -PRINTED_DECIMALS);
  const fraction = digits.slice(-PRINTED_DECIMALS).replace(/0+$/, '');
  return `${units < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** `numerator / denominator * 2^exponent` with the mantissa rounded to nearest, ties to even. */
function rounded(numerator: bigint, denominator: bigint, exponent: number): LongDouble {
  const surplus = bitLength(numerator) - bitLength(denominator);
  let shift = surplus - MANTISSA_BITS;
  let mantissa = shifted(numerator, denominator, shift);
  if (bitLength(mantissa) > MANTISSA_BITS) mantissa = shifted(numerator, denominator, ++shift);
  return { mantissa, exponent: exponent + shift };
}

function shifted(numerator: bigint, denominator: bigint, shift: number): bigint {
  if (shift >= 0) return divideToEven(numerator, denominator << BigInt(shift));
  return divideToEven(numerator << BigInt(-shift), denominator);
}

function inRange(value: LongDouble): LongDouble | undefined {
  const topBit = bitLength(value.mantissa) + value.exponent;
  return topBit > MAX_BINARY_EXPONENT || topBit < MIN_BINARY_EXPONENT ? undefined : value;
}

function divideToEven(numerator: bigint, denominator: bigint): bigint {
  const magnitude = abs(numerator);
  const quotient = magnitude / denominator;
  const twice = (magnitude % denominator) * 2n;
  const roundsUp = twice > denominator || (twice === denominator && (quotient & 1n) === 1n);
  const result = roundsUp ? quotient + 1n : quotient;
  return numerator < 0n ? -result : result;
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}

const doubleView = new Float64Array(1);
const doubleWords = new Int32Array(doubleView.buffer);
const HIGH_WORD = new Uint8Array(Int32Array.of(1).buffer)[0] === 1 ? 1 : 0;
const DOUBLE_EXPONENT_BIAS = 1023;
const DOUBLE_FRACTION_BITS_IN_HIGH_WORD = 20;

/** Number of bits of the magnitude; of a double's size it is in its exponent, but for one that was rounded up to a power of two. */
function bitLength(value: bigint): number {
  const magnitude = abs(value);
  doubleView[0] = Number(magnitude);
  if (doubleView[0] === Infinity) return longBitLength(magnitude);
  const bits = (doubleWords[HIGH_WORD] >>> DOUBLE_FRACTION_BITS_IN_HIGH_WORD) - DOUBLE_EXPONENT_BIAS + 1;
  return magnitude >> BigInt(bits - 1) === 0n ? bits - 1 : bits;
}

function longBitLength(magnitude: bigint): number {
  const hexadecimal = magnitude.toString(16);
  return (hexadecimal.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(hexadecimal[0], 16)));
}
