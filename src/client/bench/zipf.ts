/** Zipf-distributed ranks: rank k of n comes up in proportion to 1 / k^exponent, as the keys of a cache do. */
import type { SeededRandom } from './random.js';

/** Below this, the first terms of a series are exact to the last digit, where the formula would divide by nearly 0. */
const SERIES_BELOW = 1e-8;

/**
 * Rejection-inversion after W. Hoermann and G. Derflinger, "Rejection-inversion to generate variates from monotone discrete
 * distributions" (ACM TOMACS 6(3), 1996): no table, and constant time for any number of ranks.
 */
export class ZipfSampler {
  private readonly areaOfFirst: number;
  private readonly areaOfAll: number;
  /** A point is accepted without computing anything when it is this close below its rank. */
  private readonly sureDistance: number;

  /** `exponent` is above 0; 1 is no special case. */
  constructor(
    private readonly ranks: number,
    private readonly exponent: number,
    private readonly random: SeededRandom,
  ) {
    this.areaOfFirst = this.area(1.5) - 1;
    this.areaOfAll = this.area(ranks + 0.5);
    this.sureDistance = 2 - this.inverseArea(this.area(2.5) - this.density(2));
  }

  /** A rank from 1 to `ranks`. */
  next(): number {
    for (;;) {
      const area = this.areaOfAll + this.random.next() * (this.areaOfFirst - this.areaOfAll);
      const point = this.inverseArea(area);
      const rank = Math.min(this.ranks, Math.max(1, Math.floor(point + 0.5)));
      if (rank - point <= this.sureDistance || area >= this.area(rank + 0.5) - this.density(rank)) return rank;
    }
  }

  private density(x: number): number {
    return Math.exp(-this.exponent * Math.log(x));
  }

  /** The integral of the density, up to a constant: (x^(1-exponent) - 1) / (1 - exponent), or log x. */
  private area(x: number): number {
    const logX = Math.log(x);
    return expm1OverX((1 - this.exponent) * logX) * logX;
  }

  private inverseArea(area: number): number {
    // Rounding may take it below -1, where there is no logarithm.
    const t = Math.max(-1, area * (1 - this.exponent));
    return Math.exp(log1pOverX(t) * area);
  }
}

function expm1OverX(x: number): number {
  return Math.abs(x) > SERIES_BELOW ? Math.expm1(x) / x : 1 + x / 2;
}

function log1pOverX(x: number): number {
  return Math.abs(x) > SERIES_BELOW ? Math.log1p(x) / x : 1 - x / 2;
}
