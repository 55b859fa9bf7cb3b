import assert from 'node:assert/strict';
import { TenantThrottle, type ThrottledConnection } from '../../src/server/tenant-throttle.js';
import { eventually } from '../support/eventually.js';

describe('the throttle of a tenant', () => {
  let nowMs: number;
  const now = (): number => nowMs;

  /** A connection with so many commands to run, which asks for them in batches as a session does. */
  class Worker implements ThrottledConnection {
    ran = 0;

    constructor(
      private readonly throttle: TenantThrottle,
      private left: number,
    ) {}

    resume(): void {
      while (this.left > 0) {
        const wanted = Math.min(this.left, 32);
        const granted = this.throttle.take(wanted);
        this.ran += granted;
        this.left -= granted;
        if (granted === wanted) continue;
        this.throttle.wait(this);
        return;
      }
    }
  }

  beforeEach(() => {
    nowMs = 0;
  });

  it('shares what comes back among those that wait, whatever each of them wants', async () => {
    const throttle = new TenantThrottle(100, now);
    const workers = [10_000, 10_000, 10_000, 10_000].map((count) => new Worker(throttle, count));
    for (const worker of workers) worker.resume();
    const afterBurst = workers.map((worker) => worker.ran);
    assert.deepEqual(afterBurst, [100, 0, 0, 0]);
    nowMs = 1000;
    const gained = (): number[] => workers.map((worker, index) => worker.ran - afterBurst[index]);
    await eventually(() => gained().reduce((sum, ran) => sum + ran, 0) === 100);
    assert.deepEqual(gained(), [25, 25, 25, 25]);
    throttle.release();
  });

  it('counts the time in which anybody waited, once', async () => {
    const throttle = new TenantThrottle(100, now);
    const workers = [new Worker(throttle, 150), new Worker(throttle, 50)];
    for (const worker of workers) worker.resume();
    nowMs = 400;
    assert.equal(throttle.throttledMs, 400);
    nowMs = 1000;
    await eventually(() => workers[0].ran === 150 && workers[1].ran === 50);
    nowMs = 60_000;
    assert.equal(throttle.throttledMs, 1000);
  });

  it('who comes while others wait does not get in front of them', async () => {
    const throttle = new TenantThrottle(10, now);
    const first = new Worker(throttle, 100);
    first.resume();
    nowMs = 500;
    assert.equal(throttle.take(1), 0);
    await eventually(() => first.ran === 15);
    assert.equal(throttle.take(1), 0);
    throttle.release();
  });
});
