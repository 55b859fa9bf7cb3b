import assert from 'node:assert/strict';
import { AuthThrottle, FORGET_AFTER_MS, MAX_SOURCES } from '../../src/server/auth-throttle.js';

function throttle(): { readonly throttle: AuthThrottle; readonly clock: { ms: number; now(): number } } {
  const clock = {
    ms: 1_000_000,
    now(): number {
      return this.ms;
    },
  };
  return { clock, throttle: new AuthThrottle(clock, () => ({ authDelayMs: 100, authDelayMaxMs: 2000 })) };
}

describe('the delay of answers to wrong passwords', () => {
  it('doubles with each failure that follows the answer to the one before, up to its bound', () => {
    const { throttle: auth, clock } = throttle();
    const delays = Array.from({ length: 7 }, () => {
      const delayMs = auth.attempt('10.0.0.1', 'acme', false);
      clock.ms += delayMs;
      return delayMs;
    });
    assert.deepEqual(delays, [100, 200, 400, 800, 1600, 2000, 2000]);
  });

  it('is none for who is right at once', () => {
    assert.equal(throttle().throttle.attempt('10.0.0.1', 'acme', true), 0);
  });

  it('of a right password is what is left of the running penalty, and no more', () => {
    const { throttle: auth, clock } = throttle();
    assert.equal(auth.attempt('10.0.0.1', 'acme', false), 100);
    clock.ms += 60;
    assert.equal(auth.attempt('10.0.0.1', 'acme', true), 40);
    clock.ms += 40;
    assert.equal(auth.attempt('10.0.0.1', 'acme', true), 0);
  });

  it('does not let many connections guess at once: their answers queue up to the bound', () => {
    const { throttle: auth } = throttle();
    const delays = Array.from({ length: 100 }, () => auth.attempt('10.0.0.1', 'acme', false));
    assert.deepEqual(delays.slice(0, 5), [100, 300, 700, 1500, 2000]);
    assert.ok(delays.slice(4).every((delayMs) => delayMs === 2000));
  });

  it('does not slow a tenant that logs in from elsewhere', () => {
    const { throttle: auth } = throttle();
    for (let count = 0; count < 50; count++) auth.attempt('10.0.0.1', 'acme', false);
    assert.equal(auth.attempt('10.0.0.2', 'acme', true), 0);
  });

  it('grows for an address that tries one name after the other', () => {
    const { throttle: auth, clock } = throttle();
    const delays = Array.from({ length: 5 }, (_, index) => {
      const delayMs = auth.attempt('10.0.0.1', `tenant${index}`, false);
      clock.ms += delayMs;
      return delayMs;
    });
    assert.deepEqual(delays, [100, 200, 400, 800, 1600]);
  });

  it('is forgotten when no failure follows for a minute', () => {
    const { throttle: auth, clock } = throttle();
    for (let count = 0; count < 5; count++) auth.attempt('10.0.0.1', 'acme', false);
    clock.ms += FORGET_AFTER_MS;
    assert.equal(auth.attempt('10.0.0.1', 'acme', false), 100);
  });

  it('remembers a bounded number of sources', () => {
    const { throttle: auth } = throttle();
    for (let index = 0; index < MAX_SOURCES; index++) auth.attempt(`10.0.${index >> 8}.${index & 255}`, 'acme', false);
    assert.ok(auth.size <= MAX_SOURCES, `${auth.size}`);
  });
});
