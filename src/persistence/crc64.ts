/**
 * CRC-64 as RDB files carry it: the Jones polynomial, reflected, initial value 0 (Redis, crc64.c). Eight bytes are taken
 * per step (slicing-by-8), on two 32-bit halves, since 64-bit integers are BigInts in JavaScript.
 */

const POLYNOMIAL_HIGH = 0x95ac9329;
const POLYNOMIAL_LOW = 0xac4bc9b5;
const SLICES = 8;

/** Entry `slice * 256 + byte`: what that byte contributes when `slice` more bytes follow it in the same step. */
const tableHigh = new Int32Array(SLICES * 256);
const tableLow = new Int32Array(SLICES * 256);

function fillFirstSlice(): void {
  for (let byte = 0; byte < 256; byte++) {
    let high = 0;
    let low = byte;
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = (low & 1) === 1;
      low = (low >>> 1) | (high << 31);
      high >>>= 1;
      if (isOdd) {
        high ^= POLYNOMIAL_HIGH;
        low ^= POLYNOMIAL_LOW;
      }
    }
    tableHigh[byte] = high;
    tableLow[byte] = low;
  }
}

function fillFurtherSlices(): void {
  for (let index = 256; index < SLICES * 256; index++) {
    const high = tableHigh[index - 256];
    const low = tableLow[index - 256];
    const byte = low & 0xff;
    tableHigh[index] = (high >>> 8) ^ tableHigh[byte];
    tableLow[index] = ((low >>> 8) | (high << 24)) ^ tableLow[byte];
  }
}

fillFirstSlice();
fillFurtherSlices();

/** A running checksum. */
export class Crc64 {
  private high = 0;
  private low = 0;

  /** Takes in the half-open range `[start, end)` of `bytes`. */
  update(bytes: Uint8Array, start = 0, end = bytes.length): void {
    let { high, low } = this;
    let at = start;
    for (; at + SLICES <= end; at += SLICES) {
      low ^= bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
      high ^= bytes[at + 4] | (bytes[at + 5] << 8) | (bytes[at + 6] << 16) | (bytes[at + 7] << 24);
      const i7 = 0x700 + (low & 0xff);
      const i6 = 0x600 + ((low >>> 8) & 0xff);
      const i5 = 0x500 + ((low >>> 16) & 0xff);
      const i4 = 0x400 + (low >>> 24);
      const i3 = 0x300 + (high & 0xff);
      const i2 = 0x200 + ((high >>> 8) & 0xff);
      const i1 = 0x100 + ((high >>> 16) & 0xff);
      const i0 = high >>> 24;
      const mixed = tableLow[i7] ^ tableLow[i6] ^ tableLow[i5] ^ tableLow[i4];
      low = mixed ^ tableLow[i3] ^ tableLow[i2] ^ tableLow[i1] ^ tableLow[i0];
      const mixedHigh = tableHigh[i7] ^ tableHigh[i6] ^ tableHigh[i5] ^ tableHigh[i4];
      high = mixedHigh ^ tableHigh[i3] ^ tableHigh[i2] ^ tableHigh[i1] ^ tableHigh[i0];
    }
    for (; at < end; at++) {
      const index = (low ^ bytes[at]) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ tableLow[index];
      high = (high >>> 8) ^ tableHigh[index];
    }
    this.high = high;
    this.low = low;
  }

  /** The checksum as an unsigned 64-bit integer. */
  get value(): bigint {
    return (BigInt(this.high >>> 0) << 32n) | BigInt(this.low >>> 0);
  }
}
