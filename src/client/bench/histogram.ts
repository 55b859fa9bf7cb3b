/** How latencies are kept: a log-linear histogram of fixed size, as HdrHistogram's, into which recording costs a few instructions. */

/** Resolution: 100 ns. What is shorter counts as none, what is longer than 214 s as that. */
const UNITS_PER_MS = 10_000;
const UNITS_MAX = 0x7fff_ffff;
/** Each power of two is cut into 128 buckets, so that a value is off by less than 0.8 %. */
const SUB_BUCKET_BITS = 7;
const BUCKET_COUNT = (32 - SUB_BUCKET_BITS) << SUB_BUCKET_BITS;

/** Latencies of one range: [fromMs, toMs). */
export interface LatencyBucket {
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
}

export class LatencyHistogram {
  private readonly counts = new Float64Array(BUCKET_COUNT);
  private total = 0;
  private sumMs = 0;
  private shortestMs = Infinity;
  private longestMs = 0;

  /** Adds `count` operations that took this long each. */
  record(latencyMs: number, count = 1): void {
    const units = Math.min(UNITS_MAX, Math.max(0, Math.floor(latencyMs * UNITS_PER_MS)));
    this.counts[indexOf(units)] += count;
    this.total += count;
    this.sumMs += latencyMs * count;
    if (latencyMs < this.shortestMs) this.shortestMs = latencyMs;
    if (latencyMs > this.longestMs) this.longestMs = latencyMs;
  }

  /** Adds everything that another histogram holds. */
  add(other: LatencyHistogram): void {
    for (let index = 0; index < BUCKET_COUNT; index++) this.counts[index] += other.counts[index];
    this.total += other.total;
    this.sumMs += other.sumMs;
    this.shortestMs = Math.min(this.shortestMs, other.shortestMs);
    this.longestMs = Math.max(this.longestMs, other.longestMs);
  }

  get count(): number {
    return this.total;
  }

  /** 0 when nothing was recorded; so are the others. */
  get meanMs(): number {
    return this.total === 0 ? 0 : this.sumMs / this.total;
  }

  get minMs(): number {
    return this.total === 0 ? 0 : this.shortestMs;
  }

  get maxMs(): number {
    return this.longestMs;
  }

  /** The latency that `percent` of all operations stayed within; the upper end of its bucket, never beyond the longest seen. */
  percentileMs(percent: number): number {
    if (this.total === 0) return 0;
    const wanted = Math.max(1, Math.ceil((percent / 100) * this.total));
    let seen = 0;
    for (let index = 0; index < BUCKET_COUNT; index++) {
      seen += this.counts[index];
      if (seen >= wanted) return Math.min(this.longestMs, lowestOf(index + 1) / UNITS_PER_MS);
    }
    return this.longestMs;
  }

  /** The buckets that hold something, in order. */
  *buckets(): Generator<LatencyBucket> {
    for (let index = 0; index < BUCKET_COUNT; index++) {
      if (this.counts[index] === 0) continue;
      yield {
        fromMs: lowestOf(index) / UNITS_PER_MS,
        toMs: lowestOf(index + 1) / UNITS_PER_MS,
        count: this.counts[index],
      };
    }
  }
}

/** Values below 256 have a bucket each; above, the leading bits choose the bucket. */
function indexOf(units: number): number {
  const shift = Math.max(0, 31 - SUB_BUCKET_BITS - Math.clz32(units));
  return (shift << SUB_BUCKET_BITS) + (units >>> shift);
}

/** The least value that falls into a bucket: what `indexOf` has as its inverse. */
function lowestOf(index: number): number {
  const shift = Math.max(0, (index >>> SUB_BUCKET_BITS) - 1);
  return (index - (shift << SUB_BUCKET_BITS)) * 2 ** shift;
}
