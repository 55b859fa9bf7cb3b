/**
 * The seeded hash of keys: HalfSipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", with 32-bit words),
 * keyed per process, so that nobody outside can choose keys that collide. Reads a socket buffer and the arena alike.
 */
import { randomBytes } from 'node:crypto';

const INITIAL_V2 = 0x6c796765;
const INITIAL_V3 = 0x74656462;
const FINALIZATION_ROUNDS = 3;

export interface HashSeed {
  /** Two 32-bit halves of the hash key. */
  readonly low: number;
  readonly high: number;
}

function randomHashSeed(): HashSeed {
  const bytes = randomBytes(8);
  return { low: bytes.readInt32LE(0), high: bytes.readInt32LE(4) };
}

export class KeyHash {
  private readonly low: number;
  private readonly high: number;
  /** A hash that was worked out before, and the place of its key; see `expect`. */
  private expectedBytes: Uint8Array | undefined;
  private expectedOffset = -1;
  private expectedHash = 0;

  constructor(seed: HashSeed = randomHashSeed()) {
    this.low = seed.low | 0;
    this.high = seed.high | 0;
  }

  /** The hash of the key at this place is known: `of` answers it until `forget`. The bytes must not change meanwhile. */
  expect(bytes: Uint8Array, offset: number, hash: number): void {
    this.expectedBytes = bytes;
    this.expectedOffset = offset;
    this.expectedHash = hash;
  }

  forget(): void {
    this.expectedOffset = -1;
  }

  /** Hash of `length` bytes from `offset`, as an int32. */
  of(bytes: Uint8Array, offset: number, length: number): number {
    if (offset === this.expectedOffset && bytes === this.expectedBytes) return this.expectedHash;
    return this.compute(bytes, offset, length);
  }

  private compute(bytes: Uint8Array, offset: number, length: number): number {
    let v0 = this.low;
    let v1 = this.high;
    let v2 = INITIAL_V2 ^ this.low;
    let v3 = INITIAL_V3 ^ this.high;
    const end = offset + length;
    const wordsEnd = end - (length & 3);
    let at = offset;
    for (let isLast = false; !isLast;) {
      let word: number;
      if (at < wordsEnd) {
        word = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
        at += 4;
      } else {
        // The last word holds the remaining 0 to 3 bytes and the length.
        word = length << 24;
        if (at < end) word |= bytes[at];
        if (at + 1 < end) word |= bytes[at + 1] << 8;
        if (at + 2 < end) word |= bytes[at + 2] << 16;
        isLast = true;
      }
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
    }
    v2 ^= 0xff;
    for (let round = 0; round < FINALIZATION_ROUNDS; round++) {
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
    }
    return v1 ^ v3;
  }
}
