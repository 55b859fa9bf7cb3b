import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LatencyHistogram } from '../../../src/client/bench/histogram.js';

/** Half a bucket more than 1/128, and the resolution of 100 ns. */
const isClose = (measured: number, exact: number): boolean => Math.abs(measured - exact) <= exact * 0.008 + 0.0002;
const latencies = fc.array(fc.double({ min: 0, max: 100_000, noNaN: true }), { minLength: 1, maxLength: 300 });

function histogramOf(values: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

describe('a latency histogram', () => {
  it('tells any percentile within 0.8 % of the exact one', () => {
    fc.assert(
      fc.property(latencies, fc.double({ min: 0.1, max: 100, noNaN: true }), (values, percent) => {
        const sorted = values.toSorted((left, right) => left - right);
        const exact = sorted[Math.max(1, Math.ceil((percent / 100) * sorted.length)) - 1];
        assert.ok(isClose(histogramOf(values).percentileMs(percent), exact));
      }),
    );
  });

  it('has buckets that hold what was recorded, in order and without overlaps', () => {
    fc.assert(
      fc.property(latencies, (values) => {
        const buckets = [...histogramOf(values).buckets()];
        for (const { fromMs, toMs, count } of buckets) {
          // What is shorter than the resolution is cut off, not rounded.
          const inside = values.filter((value) => {
            const units = Math.floor(value * 10_000) / 10_000;
            return units >= fromMs && units < toMs;
          });
          assert.equal(inside.length, count);
        }
        for (let index = 1; index < buckets.length; index++) {
          assert.ok(buckets[index].fromMs >= buckets[index - 1].toMs);
        }
      }),
    );
  });

  it('is the same whether values are recorded one by one, together, or in two histograms that are added', () => {
    const single = histogramOf([1, 1, 1, 5, 5, 70]);
    const together = new LatencyHistogram();
    together.record(1, 3);
    together.record(5, 2);
    const added = histogramOf([70]);
    added.add(together);
    for (const histogram of [single, added]) {
      assert.deepEqual([...histogram.buckets()], [...single.buckets()]);
      assert.deepEqual([histogram.count, histogram.minMs, histogram.maxMs], [6, 1, 70]);
      assert.ok(Math.abs(histogram.meanMs - 83 / 6) < 1e-9);
    }
  });

  it('never shows more than the longest that came', () => {
    const histogram = histogramOf([3.1]);
    assert.equal(histogram.percentileMs(50), 3.1);
    assert.equal(histogram.percentileMs(100), 3.1);
  });

  it('takes what is longer than its range, and says nothing when it is empty', () => {
    assert.equal(histogramOf([1e9]).maxMs, 1e9);
    const empty = new LatencyHistogram();
    assert.deepEqual([empty.percentileMs(99), empty.meanMs, empty.minMs, empty.maxMs], [0, 0, 0, 0]);
  });
});
