/** Choices at random that a seed repeats, and seeds that nobody chose. */
import { seededRandom } from './seeded-random.js';

export class SeededRandom {
  private readonly draw: () => number;

  constructor(readonly seed: number) {
    this.draw = seededRandom(seed);
  }

  /** In [0, 1). */
  next(): number {
    return this.draw();
  }

  /** A whole number in [low, high]. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.next() * items.length)];
  }
}

/** A seed that nobody chose, for runs that look for what is new. */
export function freshSeed(): number {
  return Math.floor(Math.random() * 2 ** 31);
}
