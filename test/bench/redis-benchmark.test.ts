import assert from 'node:assert/strict';
import { parseReport } from '../../bench/compare/redis-benchmark.js';

const REPORT = `
====== GET ======
  300000 requests completed in 0.18 seconds
  50 parallel clients

Latency by percentile distribution:
0.000% <= 0.111 milliseconds (cumulative count 64)
50.000% <= 0.375 milliseconds (cumulative count 150912)
99.805% <= 1.527 milliseconds (cumulative count 299440)
99.902% <= 1.583 milliseconds (cumulative count 299712)
100.000% <= 1.703 milliseconds (cumulative count 300000)

Cumulative distribution of latencies:
0.000% <= 0.103 milliseconds (cumulative count 0)
99.941% <= 1.607 milliseconds (cumulative count 299824)

Summary:
  throughput summary: 1675977.62 requests per second
  latency summary (msec):
          avg       min       p50       p95       p99       max
        0.393     0.104     0.375     0.607     0.711     1.703
`;

describe('the report of redis-benchmark', () => {
  it('is read, the p99.9 from the table of percentiles and not from the cumulative one', () => {
    assert.deepEqual(parseReport(REPORT), {
      operationsPerSecond: 1675977.62,
      p50Ms: 0.375,
      p99Ms: 0.711,
      p999Ms: 1.583,
    });
  });

  it('is refused when it is cut short or something else', () => {
    assert.throws(() => parseReport(REPORT.slice(0, -40)), /printed no summary/);
    assert.throws(() => parseReport('Error: connection refused'), /connection refused/);
    assert.throws(() => parseReport(REPORT.replace(/^(99\.902|100).*\n/gm, '')), /no percentile of 99\.9/);
  });
});
