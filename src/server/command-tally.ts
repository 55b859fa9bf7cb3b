/** What commands have cost, by command id: calls, time, errors, and how the times are spread. */

/** Eight buckets per doubling: a time is known to 12 %. */
const STEPS_PER_DOUBLING = 8;
const BUCKET_COUNT = 32 * STEPS_PER_DOUBLING;
const NS_PER_US = 1000;

/** Bucket of a time; those below a microsecond share the first. */
function bucketOf(micros: number): number {
  return micros < 1 ? 0 : Math.min(BUCKET_COUNT - 1, Math.floor(Math.log2(micros) * STEPS_PER_DOUBLING) + 1);
}

/** The longest time of a bucket, in microseconds. */
function upperBoundOf(bucket: number): number {
  return 2 ** (bucket / STEPS_PER_DOUBLING);
}

export class CommandTally {
  readonly calls: Float64Array;
  readonly micros: Float64Array;
  /** Refused before they ran. */
  readonly rejected: Float64Array;
  /** Ran, and answered with an error. */
  readonly failed: Float64Array;
  /** Calls per bucket of time, made when a command is first called. */
  private readonly spreads: (Uint32Array | undefined)[];

  constructor(commandCount: number) {
    this.calls = new Float64Array(commandCount);
    this.micros = new Float64Array(commandCount);
    this.rejected = new Float64Array(commandCount);
    this.failed = new Float64Array(commandCount);
    this.spreads = new Array<Uint32Array | undefined>(commandCount).fill(undefined);
  }

  add(id: number, micros: number): void {
    this.calls[id]++;
    this.micros[id] += micros;
    const spread = (this.spreads[id] ??= new Uint32Array(BUCKET_COUNT));
    spread[bucketOf(micros)]++;
  }

  reset(): void {
    for (const column of [this.calls, this.micros, this.rejected, this.failed]) column.fill(0);
    this.spreads.fill(undefined);
  }

  /** The time that this share (0 to 1) of the calls took at the most, in microseconds. */
  percentile(id: number, share: number): number {
    const wanted = this.calls[id] * share;
    let seen = 0;
    const spread = this.spreads[id];
    for (let bucket = 0; spread !== undefined && bucket < BUCKET_COUNT; bucket++) {
      seen += spread[bucket];
      if (seen >= wanted && seen > 0) return Math.round(upperBoundOf(bucket) * NS_PER_US) / NS_PER_US;
    }
    return 0;
  }

  /** Calls that took at most so many microseconds, by powers of two, up to where all of them are counted. */
  cumulative(id: number): (readonly [micros: number, calls: number])[] {
    const rows: [number, number][] = [];
    const spread = this.spreads[id];
    let seen = 0;
    let shown = 0;
    for (let bucket = 0; spread !== undefined && bucket < BUCKET_COUNT; bucket++) {
      seen += spread[bucket];
      if (bucket % STEPS_PER_DOUBLING !== 0 || seen === shown) continue;
      rows.push([upperBoundOf(bucket), seen]);
      shown = seen;
    }
    if (seen > shown) rows.push([upperBoundOf(BUCKET_COUNT), seen]);
    return rows;
  }
}
