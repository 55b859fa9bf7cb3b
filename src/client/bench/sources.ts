/** Where the requests of a load come from: drawn at random, or one for each key in turn. */
import type { SeededRandom } from './random.js';
import { RequestKind } from './requests.js';
import { ZipfSampler } from './zipf.js';

/** After `next` has answered true, `kind` and `keyNumber` say what to send. */
export interface RequestSource {
  readonly kind: RequestKind;
  readonly keyNumber: number;
  /** False when there is nothing more to send. */
  next(): boolean;
}

/** Which keys were written, a bit for each: only those are removed in the end. */
export class WrittenKeys {
  private readonly bits: Uint8Array;

  constructor(readonly keyspace: number) {
    this.bits = new Uint8Array(Math.ceil(keyspace / 8));
  }

  mark(keyNumber: number): void {
    this.bits[keyNumber >>> 3] |= 1 << (keyNumber & 7);
  }

  has(keyNumber: number): boolean {
    return (this.bits[keyNumber >>> 3] & (1 << (keyNumber & 7))) !== 0;
  }

  get count(): number {
    let count = 0;
    for (const byte of this.bits) for (let rest = byte; rest !== 0; rest &= rest - 1) count++;
    return count;
  }
}

export interface MixOptions {
  /** How many of the requests are reads: 0 to 1. */
  readonly readShare: number;
  /** Keys have numbers below this. */
  readonly keyspace: number;
  /** Exponent of the Zipf distribution of the keys; undefined: all alike. Key 0 is the most frequent. */
  readonly zipf: number | undefined;
}

/** Reads and writes without end. */
export class MixSource implements RequestSource {
  kind: RequestKind = RequestKind.read;
  keyNumber = 0;
  private readonly zipf: ZipfSampler | undefined;

  constructor(
    private readonly options: MixOptions,
    private readonly random: SeededRandom,
    private readonly written: WrittenKeys,
  ) {
    this.zipf = options.zipf === undefined ? undefined : new ZipfSampler(options.keyspace, options.zipf, random);
  }

  next(): boolean {
    const { readShare, keyspace } = this.options;
    this.keyNumber = this.zipf === undefined ? Math.floor(this.random.next() * keyspace) : this.zipf.next() - 1;
    // One draw less where there is nothing to draw for.
    const isRead = readShare === 1 || (readShare > 0 && this.random.next() < readShare);
    this.kind = isRead ? RequestKind.read : RequestKind.write;
    if (!isRead) this.written.mark(this.keyNumber);
    return true;
  }
}

/** A SET of every key of the keyspace. */
export class FillSource implements RequestSource {
  readonly kind = RequestKind.write;
  keyNumber = -1;

  constructor(private readonly written: WrittenKeys) {}

  next(): boolean {
    if (this.keyNumber + 1 >= this.written.keyspace) return false;
    this.keyNumber++;
    this.written.mark(this.keyNumber);
    return true;
  }
}

/** A DEL of every key that was written. */
export class RemovalSource implements RequestSource {
  readonly kind = RequestKind.remove;
  keyNumber = -1;

  constructor(private readonly written: WrittenKeys) {}

  next(): boolean {
    while (++this.keyNumber < this.written.keyspace) if (this.written.has(this.keyNumber)) return true;
    return false;
  }
}
