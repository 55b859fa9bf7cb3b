/** The requests of a load as bytes: encoded once for each kind, with only the digits of the key written for each request. */
import { encodeCommand } from '../../resp/encode.js';
import { slotOf } from '../../topology/slots.js';

/** Digits of a key's number, as in redis-benchmark's keys. */
export const KEY_DIGITS = 12;

const ZERO = 0x30;
/** The characters of a value: any text will do, but not one that a server could store as a number. */
const VALUE_PATTERN = 'rednode-';

export const RequestKind = { read: 0, write: 1, remove: 2 } as const;
export type RequestKind = (typeof RequestKind)[keyof typeof RequestKind];

/** A GET, SET or DEL of one key, with zeros in place of its number. */
interface Template {
  readonly bytes: Buffer;
  /** Where the digits end. */
  readonly digitsEnd: number;
}

export class Requests {
  /** Room that the longest request takes. */
  readonly sizeBytesMax: number;
  private readonly templates: readonly Template[];
  private readonly key: Buffer;

  /** Keys are `prefix` and a number of twelve digits; values have `valueBytes` bytes. */
  constructor(prefix: string, valueBytes: number) {
    const key = prefix + '0'.repeat(KEY_DIGITS);
    const value = Buffer.alloc(valueBytes, VALUE_PATTERN);
    this.key = Buffer.from(key);
    this.templates = [templateOf('GET', key), templateOf('SET', key, value), templateOf('DEL', key)];
    this.sizeBytesMax = Math.max(...this.templates.map(({ bytes }) => bytes.length));
  }

  /** Room that requests of a kind take. */
  sizeBytes(kind: RequestKind): number {
    return this.templates[kind].bytes.length;
  }

  /** Writes a request and returns where it ends. */
  write(target: Buffer, at: number, kind: RequestKind, keyNumber: number): number {
    const { bytes, digitsEnd } = this.templates[kind];
    target.set(bytes, at);
    writeDigits(target, at + digitsEnd, keyNumber);
    return at + bytes.length;
  }

  /** The slot of a key, as a cluster computes it. */
  slotOf(keyNumber: number): number {
    this.key.fill(ZERO, this.key.length - KEY_DIGITS);
    writeDigits(this.key, this.key.length, keyNumber);
    return slotOf(this.key, 0, this.key.length);
  }
}

function templateOf(name: string, key: string, ...more: readonly Buffer[]): Template {
  const head = encodeCommand([name, key, ...more]);
  const digitsEnd = head.indexOf(key) + Buffer.byteLength(key);
  return { bytes: head, digitsEnd };
}

function writeDigits(target: Buffer, end: number, keyNumber: number): void {
  let rest = keyNumber;
  for (let at = end - 1; rest > 0; at--) {
    const quotient = Math.floor(rest / 10);
    target[at] = ZERO + rest - quotient * 10;
    rest = quotient;
  }
}
