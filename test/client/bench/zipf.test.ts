import assert from 'node:assert/strict';
import { SeededRandom } from '../../../src/client/bench/random.js';
import { ZipfSampler } from '../../../src/client/bench/zipf.js';

const SAMPLES = 200_000;
/** Five standard deviations: a right sampler misses this once in a million runs, and the seed is fixed. */
const DEVIATIONS = 5;

function frequencies(ranks: number, exponent: number): number[] {
  const sampler = new ZipfSampler(ranks, exponent, new SeededRandom(42));
  const counts = new Array<number>(ranks).fill(0);
  for (let sample = 0; sample < SAMPLES; sample++) counts[sampler.next() - 1]++;
  return counts;
}

describe('Zipf-distributed ranks', () => {
  for (const exponent of [0.5, 0.99, 1, 1.2, 3]) {
    it(`come as often as 1 / rank^${exponent} says`, () => {
      const ranks = 50;
      const weights = Array.from({ length: ranks }, (_, index) => (index + 1) ** -exponent);
      const sum = weights.reduce((total, weight) => total + weight, 0);
      frequencies(ranks, exponent).forEach((count, index) => {
        const share = weights[index] / sum;
        const deviation = Math.sqrt(SAMPLES * share * (1 - share));
        assert.ok(
          Math.abs(count - SAMPLES * share) <= DEVIATIONS * deviation + 1,
          `rank ${index + 1}: ${count} times, not ${SAMPLES * share}`,
        );
      });
    });
  }

  it('stay within a billion ranks, and favour the first of them', () => {
    const ranks = 1_000_000_000;
    const sampler = new ZipfSampler(ranks, 0.99, new SeededRandom(7));
    let ofFirstThousand = 0;
    for (let sample = 0; sample < SAMPLES; sample++) {
      const rank = sampler.next();
      assert.ok(Number.isInteger(rank) && rank >= 1 && rank <= ranks);
      if (rank <= 1000) ofFirstThousand++;
    }
    // The exact share is 0.317: (sum of k^-0.99 up to 1000) / (up to 10^9).
    assert.ok(Math.abs(ofFirstThousand / SAMPLES - expectedShare(1000, ranks)) < 0.01);
  });

  it('are all 1 when there is one', () => {
    const sampler = new ZipfSampler(1, 0.99, new SeededRandom(1));
    for (let sample = 0; sample < 100; sample++) assert.equal(sampler.next(), 1);
  });
});

/** Sums by the first terms and an integral for the rest (Euler-Maclaurin). */
function expectedShare(first: number, ranks: number): number {
  const sumUpTo = (count: number): number => {
    let sum = 0;
    const exact = Math.min(count, 1000);
    for (let k = 1; k <= exact; k++) sum += k ** -0.99;
    return sum + (count ** 0.01 - exact ** 0.01) / 0.01;
  };
  return sumUpTo(first) / sumUpTo(ranks);
}

describe('a seeded random generator', () => {
  const numbers = (seed: number, stream = 0): number[] => {
    const random = new SeededRandom(seed, stream);
    return Array.from({ length: 10_000 }, () => random.next());
  };

  it('gives the same numbers for the same seed, others for another seed or stream', () => {
    assert.deepEqual(numbers(1), numbers(1));
    assert.notDeepEqual(numbers(1), numbers(2));
    assert.notDeepEqual(numbers(1), numbers(1, 1));
  });

  it('spreads them evenly over [0, 1)', () => {
    const drawn = numbers(3);
    assert.ok(drawn.every((value) => value >= 0 && value < 1));
    for (let tenth = 0; tenth < 10; tenth++) {
      const count = drawn.filter((value) => Math.floor(value * 10) === tenth).length;
      assert.ok(Math.abs(count - 1000) < DEVIATIONS * 30, `${count} in tenth ${tenth}`);
    }
  });
});
