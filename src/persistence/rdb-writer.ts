/** Writes the primitives of the RDB format into buffers of fixed size, and keeps the checksum of what it wrote. */
import { Crc64 } from './crc64.js';
import { Opcode } from './rdb-format.js';

const BUFFER_BYTES = 64 * 1024;
/** The longest primitive besides strings: an opcode with a 64-bit number. */
const LONGEST_PRIMITIVE_BYTES = 16;

export class RdbWriter {
  private buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  private length = 0;
  private readonly crc = new Crc64();

  /** `consume` is handed each finished piece of the stream, in order, and may keep it. */
  constructor(private readonly consume: (piece: Buffer) => void) {}

  byte(value: number): void {
    this.makeRoom(LONGEST_PRIMITIVE_BYTES);
    this.buffer[this.length++] = value;
  }

  /** A length in RDB's variable-length form. */
  lengthOf(value: number): void {
    this.makeRoom(LONGEST_PRIMITIVE_BYTES);
    const { buffer } = this;
    if (value < 0x40) {
      buffer[this.length++] = value;
    } else if (value < 0x4000) {
      buffer[this.length++] = 0x40 | (value >>> 8);
      buffer[this.length++] = value & 0xff;
    } else if (value <= 0xffffffff) {
      buffer[this.length++] = 0x80;
      this.length = buffer.writeUInt32BE(value, this.length);
    } else {
      buffer[this.length++] = 0x81;
      this.length = buffer.writeBigUInt64BE(BigInt(value), this.length);
    }
  }

  /** An absolute time: the opcode, then milliseconds since the epoch. */
  deadline(deadlineMs: number): void {
    this.byte(Opcode.expireTimeMs);
    this.length = this.buffer.writeBigInt64LE(BigInt(Math.trunc(deadlineMs)), this.length);
  }

  /** Bytes without a length in front. */
  raw(bytes: Uint8Array): void {
    this.fill(bytes.length, (target, at) => {
      target.set(bytes, at);
    });
  }

  text(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    this.lengthOf(bytes.length);
    this.raw(bytes);
  }

  /** Reserves `sizeBytes` and has `copy` fill them, without a copy in between. */
  fill(sizeBytes: number, copy: (target: Buffer, at: number) => void): void {
    if (sizeBytes > BUFFER_BYTES - this.length) this.flush();
    if (sizeBytes <= BUFFER_BYTES) {
      copy(this.buffer, this.length);
      this.length += sizeBytes;
      return;
    }
    const piece = Buffer.allocUnsafeSlow(sizeBytes);
    copy(piece, 0);
    this.crc.update(piece);
    this.consume(piece);
  }

  /** The end of the stream: the opcode and the checksum of everything before. Hands over the last piece. */
  end(): void {
    this.byte(Opcode.end);
    this.flush();
    const checksum = Buffer.alloc(8);
    checksum.writeBigUInt64LE(this.crc.value);
    this.consume(checksum);
  }

  /** Hands over what has been written so far. */
  flush(): void {
    if (this.length === 0) return;
    const piece = this.buffer.subarray(0, this.length);
    this.crc.update(piece);
    this.buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
    this.length = 0;
    this.consume(piece);
  }

  private makeRoom(sizeBytes: number): void {
    if (BUFFER_BYTES - this.length < sizeBytes) this.flush();
  }
}
