import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TokenBucket } from '../../src/tenancy/token-bucket.js';

describe('a token bucket', () => {
  it('holds what one second gives, and is refilled at its rate', () => {
    const bucket = new TokenBucket(10, 0);
    assert.equal(bucket.take(15, 0), 10);
    assert.equal(bucket.take(1, 99), 0);
    assert.equal(bucket.take(5, 250), 2);
    assert.equal(bucket.take(100, 60_000), 10);
  });

  it('tells how long to wait for the next token', () => {
    const bucket = new TokenBucket(4, 0);
    assert.equal(bucket.waitMs(0), 0);
    bucket.take(4, 0);
    assert.equal(bucket.waitMs(0), 250);
    assert.ok(Math.abs(bucket.waitMs(200) - 50) < 1e-6);
    assert.equal(bucket.waitMs(250), 0);
  });

  it('takes back what was not used, and never holds more than it can', () => {
    const bucket = new TokenBucket(10, 0);
    bucket.giveBack(bucket.take(6, 0));
    bucket.giveBack(100);
    assert.equal(bucket.take(100, 0), 10);
  });

  it('a clock that stands still or goes back gives nothing', () => {
    const bucket = new TokenBucket(10, 1000);
    bucket.take(10, 1000);
    assert.equal(bucket.take(1, 0), 0);
    assert.equal(bucket.take(1, 1000), 0);
  });

  it('never gives more than one second of its rate beyond what time has brought', () => {
    const steps = fc.array(fc.record({ pauseMs: fc.nat(500), wanted: fc.nat(50) }), { maxLength: 100 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), steps, (rate, moves) => {
        const bucket = new TokenBucket(rate, 0);
        let [nowMs, taken] = [0, 0];
        for (const { pauseMs, wanted } of moves) {
          nowMs += pauseMs;
          taken += bucket.take(wanted, nowMs);
          assert.ok(taken <= rate + (rate * nowMs) / 1000 + 1e-6);
        }
      }),
    );
  });
});
