/** The server's answers: RESP2 or RESP3 appended to one growing buffer, to be written to the socket at once. */
import { MAX_DECIMAL_BYTES, writeDecimal } from './decimal.js';
import { formatDouble } from './format-double.js';

const INITIAL_BYTES = 16 * 1024;
/** A buffer that has grown past this is given back by `reset`. */
const RETAINED_BYTES = 1024 * 1024;
/** Up to here a loop over the bytes beats a call of `Buffer.copy`. */
const LOOP_COPY_BYTES = 64;
/** Marker, minus sign, digits, CR LF. */
const MAX_HEADER_BYTES = MAX_DECIMAL_BYTES + 4;

const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const MINUS = 0x2d;

/** First byte of each type. */
const Marker = {
  simple: 0x2b,
  error: 0x2d,
  integer: 0x3a,
  bulk: 0x24,
  array: 0x2a,
  map: 0x25,
  set: 0x7e,
  push: 0x3e,
  double: 0x2c,
  bigNumber: 0x28,
  verbatim: 0x3d,
} as const;

const OK = Buffer.from('+OK\r\n');
const NULL = Buffer.from('_\r\n');
const NULL_BULK = Buffer.from('$-1\r\n');
const NULL_ARRAY = Buffer.from('*-1\r\n');
const TRUE = Buffer.from('#t\r\n');
const FALSE = Buffer.from('#f\r\n');

/**
 * Appends replies. Types that RESP2 lacks are written as Redis writes them there: maps as flat arrays, sets and pushes
 * as arrays, doubles, big numbers and verbatim text as bulk strings, booleans as integers.
 * Of an aggregate only the header is written; the caller appends as many replies as it announced.
 */
export class ReplyWriter {
  /** The version that the client asked for with HELLO. */
  protocol: 2 | 3 = 2;
  /** Holds what was written; replaced when it grows. */
  buffer: Buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  /** Bytes written. Setting it back to an earlier value takes back what was written since. */
  length = 0;

  ok(): void {
    this.raw(OK);
  }

  /** A status line; CR and LF in it become spaces. */
  simple(text: string): void {
    this.line(Marker.simple, text);
  }

  /** An error line, code word included (`ERR unknown command`); CR and LF in it become spaces. */
  error(text: string): void {
    this.line(Marker.error, text);
  }

  /** An error line of any bytes, as when it shows what the client sent. */
  errorBytes(bytes: Uint8Array): void {
    this.reserve(bytes.length + 3);
    const start = this.length + 1;
    this.buffer[this.length] = Marker.error;
    copyBytes(bytes, 0, bytes.length, this.buffer, start);
    this.endLine(start, start + bytes.length);
  }

  /** An integer; throws RangeError for a number that is none. */
  integer(value: number | bigint): void {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) {
      this.line(Marker.integer, BigInt(value).toString());
      return;
    }
    this.reserve(MAX_HEADER_BYTES);
    const { buffer } = this;
    let at = this.length;
    buffer[at++] = Marker.integer;
    if (number < 0) buffer[at++] = MINUS;
    at = writeDecimal(buffer, at, number < 0 ? -number : number);
    buffer[at] = CR;
    buffer[at + 1] = LF;
    this.length = at + 2;
  }

  /** The bytes `[offset, offset + length)` as a bulk string. */
  bulk(bytes: Uint8Array, offset: number, length: number): void {
    const at = this.beginBulk(length);
    copyBytes(bytes, offset, length, this.buffer, at);
  }

  /** Text as a bulk string in UTF-8. */
  bulkText(text: string): void {
    const at = this.beginBulk(Buffer.byteLength(text));
    this.buffer.write(text, at);
  }

  /**
   * Writes all of a bulk string but its `length` bytes, and returns where in `buffer` the caller has to put them, before
   * it appends anything else.
   */
  beginBulk(length: number): number {
    this.reserve(MAX_HEADER_BYTES + length + 2);
    this.header(Marker.bulk, length);
    return this.skipPayload(length);
  }

  nullBulk(): void {
    this.raw(this.protocol === 3 ? NULL : NULL_BULK);
  }

  nullArray(): void {
    this.raw(this.protocol === 3 ? NULL : NULL_ARRAY);
  }

  array(count: number): void {
    this.reserve(MAX_HEADER_BYTES);
    this.header(Marker.array, count);
  }

  /** A map of `count` pairs: key and value of each follow in turn. */
  map(count: number): void {
    this.reserve(MAX_HEADER_BYTES);
    if (this.protocol === 3) this.header(Marker.map, count);
    else this.header(Marker.array, count * 2);
  }

  set(count: number): void {
    this.reserve(MAX_HEADER_BYTES);
    this.header(this.protocol === 3 ? Marker.set : Marker.array, count);
  }

  /** Data that no request asked for, such as a message of a channel. */
  push(count: number): void {
    this.reserve(MAX_HEADER_BYTES);
    this.header(this.protocol === 3 ? Marker.push : Marker.array, count);
  }

  double(value: number): void {
    const text = formatDouble(value);
    if (this.protocol === 3) this.line(Marker.double, text);
    else this.bulkText(text);
  }

  boolean(value: boolean): void {
    if (this.protocol === 3) this.raw(value ? TRUE : FALSE);
    else this.integer(value ? 1 : 0);
  }

  bigNumber(value: bigint): void {
    const text = value.toString();
    if (this.protocol === 3) this.line(Marker.bigNumber, text);
    else this.bulkText(text);
  }

  /** Text of a format of three characters (`txt`, `mkd`). */
  verbatim(format: string, text: string): void {
    if (this.protocol === 2) {
      this.bulkText(text);
      return;
    }
    const content = `${format}:${text}`;
    const length = Buffer.byteLength(content);
    this.reserve(MAX_HEADER_BYTES + length + 2);
    this.header(Marker.verbatim, length);
    const at = this.skipPayload(length);
    this.buffer.write(content, at);
  }

  /** Leaves the buffer to whoever still reads from it, and goes on with another. */
  abandon(): void {
    this.length = 0;
    this.buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  }

  /** Bytes that are RESP already. */
  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    copyBytes(bytes, 0, bytes.length, this.buffer, this.length);
    this.length += bytes.length;
  }

  /** Forgets what was written, and gives memory back after a large reply. */
  reset(): void {
    this.length = 0;
    if (this.buffer.length > RETAINED_BYTES) this.buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  }

  /** What was written. Shares the writer's memory: overwritten by what is written after `reset`. */
  view(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  /** Marker, number and CR LF; the caller has reserved the room. */
  private header(marker: number, count: number): void {
    const { buffer } = this;
    buffer[this.length] = marker;
    const at = writeDecimal(buffer, this.length + 1, count);
    buffer[at] = CR;
    buffer[at + 1] = LF;
    this.length = at + 2;
  }

  /** Leaves `length` bytes to be filled in, ends them with CR LF, and returns where they begin. */
  private skipPayload(length: number): number {
    const at = this.length;
    this.buffer[at + length] = CR;
    this.buffer[at + length + 1] = LF;
    this.length = at + length + 2;
    return at;
  }

  private line(marker: number, text: string): void {
    this.reserve(Buffer.byteLength(text) + 3);
    const { buffer } = this;
    const start = this.length + 1;
    buffer[this.length] = marker;
    this.endLine(start, start + buffer.write(text, start));
  }

  /** Makes one line of what stands from `start` to `end`. */
  private endLine(start: number, end: number): void {
    const { buffer } = this;
    for (let at = start; at < end; at++) {
      if (buffer[at] === CR || buffer[at] === LF) buffer[at] = SPACE;
    }
    buffer[end] = CR;
    buffer[end + 1] = LF;
    this.length = end + 2;
  }

  private reserve(extraBytes: number): void {
    const neededBytes = this.length + extraBytes;
    if (neededBytes > this.buffer.length) this.grow(neededBytes);
  }

  private grow(neededBytes: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(neededBytes, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }
}

function copyBytes(source: Uint8Array, offset: number, length: number, target: Buffer, at: number): void {
  if (length > LOOP_COPY_BYTES) {
    // Called on a plain Uint8Array too: `set` would need a subarray, an object per copy.
    (Buffer.prototype as Buffer).copy.call(source, target, at, offset, offset + length);
    return;
  }
  for (let index = 0; index < length; index++) target[at + index] = source[offset + index];
}
