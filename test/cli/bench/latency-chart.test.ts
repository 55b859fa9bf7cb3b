import assert from 'node:assert/strict';
import fc from 'fast-check';
import { chartRows, latencyChart } from '../../../src/cli/bench/latency-chart.js';
import { createTheme } from '../../../src/cli/theme.js';
import { LatencyHistogram } from '../../../src/client/bench/histogram.js';

const plain = createTheme({}, { LANG: 'C.UTF-8' });
const ascii = createTheme({}, { TERM: 'dumb' });

function histogramOf(...counts: readonly (readonly [latencyMs: number, count: number])[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const [latencyMs, count] of counts) histogram.record(latencyMs, count);
  return histogram;
}

const anyHistogram = fc
  .array(fc.tuple(fc.double({ min: 0, max: 50_000, noNaN: true }), fc.integer({ min: 1, max: 1_000_000 })), {
    minLength: 1,
    maxLength: 100,
  })
  .map((counts) => histogramOf(...counts));

describe('the rows of a latency chart', () => {
  it('hold every operation, follow each other without gaps, and fit a screen', () => {
    fc.assert(
      fc.property(anyHistogram, (histogram) => {
        const rows = chartRows(histogram);
        assert.equal(
          rows.reduce((sum, row) => sum + row.count, 0),
          histogram.count,
        );
        assert.ok(rows.length >= 1 && rows.length <= 18, `${rows.length} rows`);
        for (let index = 0; index < rows.length; index++) {
          assert.ok(rows[index].fromMs < rows[index].toMs);
          if (index > 0) assert.equal(rows[index].fromMs, rows[index - 1].toMs);
        }
        assert.ok(rows[0].count > 0 && rows[rows.length - 1].count > 0);
      }),
    );
  });

  it('are fine where all operations are alike, and coarse where they are not', () => {
    assert.deepEqual(chartRows(histogramOf([0.21, 5], [0.27, 5])), [
      { fromMs: 0.2, toMs: 0.25, count: 5 },
      { fromMs: 0.25, toMs: 0.3, count: 5 },
    ]);
    assert.deepEqual(
      chartRows(histogramOf([0.03, 5], [0.3, 5], [3, 5], [30, 5], [300, 5], [3000, 5])).map((row) => row.fromMs),
      [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000],
    );
  });

  it('gather the few slowest in one', () => {
    const rows = chartRows(histogramOf([0.2, 1_000_000], [40, 1], [400, 1]));
    assert.deepEqual(rows.at(-1)?.count, 2);
  });

  it('are none for no operation', () => {
    assert.deepEqual(chartRows(new LatencyHistogram()), []);
  });
});

describe('a latency chart', () => {
  it('draws bars in proportion to the largest, and shares that add up', () => {
    const chart = latencyChart(histogramOf([0.21, 100], [0.27, 50], [0.35, 1]), plain, 80);
    assert.deepEqual(
      chart.split('\n').map((line) => line.replace(/(█+)/, (bar) => `<${bar.length}>`)),
      [
        '      0.2 -    0.25  <39>  66.23 %   66.23 %',
        '     0.25 -     0.3  <19>▌                     33.11 %   99.34 %',
        '      0.3 -    0.35  ▍                                         0.66 %     100 %',
      ],
    );
  });

  it('fits the columns, in blocks as in ASCII, and shows a single operation among millions', () => {
    fc.assert(
      fc.property(anyHistogram, fc.integer({ min: 60, max: 120 }), (histogram, columns) => {
        for (const theme of [plain, ascii]) {
          const lines = latencyChart(histogram, theme, columns).split('\n');
          for (const line of lines) assert.ok(line.length <= columns, `${line.length} columns`);
        }
        // eslint-disable-next-line no-control-regex
        assert.match(latencyChart(histogram, ascii, columns), /^[\x00-\x7f]+$/);
      }),
    );
    assert.match(latencyChart(histogramOf([0.21, 10_000_000], [0.27, 1]), plain, 80), /▏ +<0.01 % +100 %$/);
    assert.match(latencyChart(histogramOf([0.21, 10_000_000], [0.27, 1]), ascii, 80), /# +<0.01 % +100 %$/);
    assert.match(latencyChart(histogramOf([0.21, 10_000_000], [0.27, 1]), plain, 80), />99.99 %\n/);
  });
});
