/** Floating point numbers as Redis 7.0 prints them in replies: C's `%.17g`. */

const SIGNIFICANT_DIGITS = 17;
/** `toExponential` gives exactly this many digits behind the point at the most. */
const MOST_FRACTION_DIGITS = 100;
/** Integers below this have at most 17 digits and no exponent. */
const PLAIN_INTEGER_BOUND = 1e17;
const LOWEST_FIXED_EXPONENT = -4;

/** The text of a double: `3`, `3.1000000000000001`, `1e+20`, `inf`, `-inf`, `nan`. */
export function formatDouble(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  if (Number.isInteger(value) && Math.abs(value) < PLAIN_INTEGER_BOUND) return BigInt(value).toString();
  const sign = value < 0 ? '-' : '';
  return sign + layOut(roundedToEven(Math.abs(value)));
}

interface Scientific {
  /** Significant digits, the first before the point, without trailing zeros. */
  readonly digits: string;
  readonly exponent: number;
}

function split(text: string): Scientific {
  const [mantissa, exponent] = text.split('e');
  return { digits: mantissa.replace('.', '').replace(/0+$/, ''), exponent: Number(exponent) };
}

/** Rounds to 17 digits. JavaScript rounds an exact half up and C to even; they differ where that leaves an odd digit. */
function roundedToEven(value: number): Scientific {
  const rounded = split(value.toExponential(SIGNIFICANT_DIGITS - 1));
  const isOdd = rounded.digits.length === SIGNIFICANT_DIGITS && Number(rounded.digits.at(-1)) % 2 === 1;
  if (!isOdd) return rounded;
  const exact = split(value.toExponential(MOST_FRACTION_DIGITS));
  if (exact.digits.length !== SIGNIFICANT_DIGITS + 1 || !exact.digits.endsWith('5')) return rounded;
  const cut = exact.digits.slice(0, SIGNIFICANT_DIGITS);
  return { digits: cut.replace(/0+$/, ''), exponent: exact.exponent };
}

function layOut({ digits, exponent }: Scientific): string {
  if (exponent < LOWEST_FIXED_EXPONENT || exponent >= SIGNIFICANT_DIGITS) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
    const magnitude = String(Math.abs(exponent)).padStart(2, '0');
    return `${digits[0]}${fraction}e${exponent < 0 ? '-' : '+'}${magnitude}`;
  }
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}
