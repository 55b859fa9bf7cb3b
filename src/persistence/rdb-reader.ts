/**
 * Reads the primitives of the RDB format from a buffer that may end anywhere. What is not there yet is reported by
 * throwing `incomplete`; the decoder then starts the record anew when more bytes have arrived.
 */
import { corruptRdb, MAX_STRING_BYTES, StringEncoding } from './rdb-format.js';
import { decompressLzf } from './lzf.js';

/** Thrown when the buffer ends inside a record: made once, since it is no failure and needs no stack. */
class Incomplete extends Error {}
export const incomplete = new Incomplete('more bytes are needed');

/** Upper two bits of a length byte. */
const LengthForm = { bits6: 0, bits14: 1, wide: 2, encoded: 3 } as const;
const LENGTH_32 = 0x80;
const LENGTH_64 = 0x81;

export class RdbReader {
  private buffer: Buffer = Buffer.alloc(0);
  private end = 0;
  /** Offset of the stream's first byte relative to `buffer`. */
  private streamStart = 0;
  /** Where the next primitive begins in the buffer. */
  position = 0;
  /** After `incomplete`: a lower bound of where the buffer must end for the record to be complete. */
  neededEnd = 0;

  /** Continues on the half-open range `[start, end)` of `buffer`, whose first byte is byte `offset` of the stream. */
  reset(buffer: Buffer, start: number, end: number, offset: number): void {
    this.buffer = buffer;
    this.position = start;
    this.end = end;
    this.streamStart = start - offset;
  }

  /** Offset of `position` in the stream. */
  get offset(): number {
    return this.position - this.streamStart;
  }

  byte(): number {
    return this.buffer[this.take(1)];
  }

  uint32LittleEndian(): number {
    return this.buffer.readUInt32LE(this.take(4));
  }

  uint64LittleEndian(): bigint {
    return this.buffer.readBigUInt64LE(this.take(8));
  }

  int64LittleEndian(): bigint {
    return this.buffer.readBigInt64LE(this.take(8));
  }

  /** A length in RDB's variable-length form. */
  length(): number {
    const first = this.byte();
    if (first >>> 6 === LengthForm.encoded) {
      throw corruptRdb(`byte ${String(first)} where a length belongs`, this.offset - 1);
    }
    return this.lengthAfter(first);
  }

  /** A view of `sizeBytes` raw bytes; valid until the next `reset`. */
  raw(sizeBytes: number): Buffer {
    const start = this.take(sizeBytes);
    return this.buffer.subarray(start, start + sizeBytes);
  }

  /** A string in any of its encodings: a view of the buffer when it is stored plainly, else a buffer of its own. */
  string(): Buffer {
    const first = this.byte();
    if (first >>> 6 !== LengthForm.encoded) return this.raw(this.boundedSize(this.lengthAfter(first)));
    switch (first & 0x3f) {
      case StringEncoding.int8:
        return Buffer.from(String(this.buffer.readInt8(this.take(1))));
      case StringEncoding.int16:
        return Buffer.from(String(this.buffer.readInt16LE(this.take(2))));
      case StringEncoding.int32:
        return Buffer.from(String(this.buffer.readInt32LE(this.take(4))));
      case StringEncoding.lzf:
        return this.compressedString();
      default:
        throw corruptRdb(`unknown string encoding ${String(first & 0x3f)}`, this.offset - 1);
    }
  }

  private compressedString(): Buffer {
    const compressedBytes = this.boundedSize(this.length());
    const sizeBytes = this.boundedSize(this.length());
    const start = this.offset;
    const text = decompressLzf(this.raw(compressedBytes), sizeBytes);
    if (text === undefined) throw corruptRdb('a compressed string does not unpack', start);
    return text;
  }

  private boundedSize(sizeBytes: number): number {
    if (sizeBytes <= MAX_STRING_BYTES) return sizeBytes;
    throw corruptRdb(`a string of ${String(sizeBytes)} bytes, ${String(MAX_STRING_BYTES)} at the most`, this.offset);
  }

  private lengthAfter(first: number): number {
    if (first >>> 6 === LengthForm.bits6) return first & 0x3f;
    if (first >>> 6 === LengthForm.bits14) return ((first & 0x3f) << 8) | this.byte();
    if (first === LENGTH_32) return this.buffer.readUInt32BE(this.take(4));
    if (first === LENGTH_64) return Number(this.buffer.readBigUInt64BE(this.take(8)));
    throw corruptRdb(`byte ${String(first)} where a length belongs`, this.offset - 1);
  }

  private take(sizeBytes: number): number {
    const start = this.position;
    if (this.end - start < sizeBytes) {
      this.neededEnd = start + sizeBytes;
      throw incomplete;
    }
    this.position = start + sizeBytes;
    return start;
  }
}
