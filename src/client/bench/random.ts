/** A seeded stream of random numbers, so that a load can be run again as it was. */

const TWO_TO_26 = 2 ** 26;
const TWO_TO_53 = 2 ** 53;
/** Rounds after which the state no longer shows the seed. */
const MIXING_ROUNDS = 20;

/** sfc32 of Chris Doty-Humphrey's PractRand: 128 bits of state, a few additions and shifts a number. */
export class SeededRandom {
  private a = 0;
  private b: number;
  private c: number;
  private counter = 1;

  /** `stream` gives numbers of their own to each of those that share a seed. */
  constructor(seed: number, stream = 0) {
    this.b = seed | 0;
    this.c = stream | 0;
    for (let round = 0; round < MIXING_ROUNDS; round++) this.nextInt32();
  }

  /** Uniform in [0, 1), with 53 random bits. */
  next(): number {
    return ((this.nextInt32() >>> 5) * TWO_TO_26 + (this.nextInt32() >>> 6)) / TWO_TO_53;
  }

  private nextInt32(): number {
    const sum = (this.a + this.b + this.counter++) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum;
  }
}
