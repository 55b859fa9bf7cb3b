import assert from 'node:assert/strict';
import { AccessClock } from '../../src/keyspace/access-clock.js';
import { seededRandom } from '../support/seeded-random.js';

const NOW_MS = 1_700_000_000_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

function clockAt(nowMs: number): AccessClock {
  const clock = new AccessClock(seededRandom(1));
  clock.setTime(nowMs);
  return clock;
}

describe('AccessClock', () => {
  it('tells how long ago an access was, to within 8 ms, for more than half a year', () => {
    for (const passedMs of [0, 8, 1000, MINUTE_MS, DAY_MS, 190 * DAY_MS]) {
      for (const startMs of [NOW_MS, NOW_MS + 37 * DAY_MS, NOW_MS + 155 * DAY_MS]) {
        const word = clockAt(startMs).initialWord('recency');
        const idleMs = clockAt(startMs + passedMs).idleMs(word);
        assert.ok(Math.abs(idleMs - passedMs) <= 8, `${idleMs} ms after ${passedMs} ms`);
      }
    }
  });

  it('takes an access from the future, after the clock was set back, for one of just now', () => {
    const word = clockAt(NOW_MS).initialWord('recency');
    assert.equal(clockAt(NOW_MS - DAY_MS).idleMs(word), 0);
  });

  it('counts accesses on a logarithmic scale, as Redis does', () => {
    const clock = clockAt(NOW_MS);
    const countAfter = (accesses: number): number => {
      let word = clock.initialWord('frequency');
      for (let i = 0; i < accesses; i++) word = clock.countedWord(word);
      return clock.frequency(word);
    };
    // The table in redis.conf, for the default factor of 10.
    const measured = [100, 1000, 100_000, 1_000_000].map(countAfter);
    [10, 18, 142, 255].forEach((expected, index) => {
      assert.ok(Math.abs(measured[index] - expected) <= 8, `${measured[index]} for ${expected}`);
    });
  });

  it('lets the counter shrink by one for every lfu-decay-time minutes', () => {
    const word = clockAt(NOW_MS).initialWord('frequency');
    assert.equal(clockAt(NOW_MS).frequency(word), 5);
    assert.equal(clockAt(NOW_MS + 3 * MINUTE_MS).frequency(word), 2);
    assert.equal(clockAt(NOW_MS + 60 * MINUTE_MS).frequency(word), 0);
    const slow = clockAt(NOW_MS + 60 * MINUTE_MS);
    slow.decayMinutes = 30;
    assert.equal(slow.frequency(word), 3);
    slow.decayMinutes = 0;
    assert.equal(slow.frequency(word), 5);
  });

  it('understands what another policy left behind', () => {
    const recent = clockAt(NOW_MS).initialWord('recency');
    assert.equal(clockAt(NOW_MS).frequency(recent), 5);
    assert.equal(clockAt(NOW_MS + 2 * MINUTE_MS).frequency(recent), 3);
    const counted = clockAt(NOW_MS).initialWord('frequency');
    const idleMs = clockAt(NOW_MS + 10 * MINUTE_MS).idleMs(counted);
    assert.ok(Math.abs(idleMs - 10 * MINUTE_MS) <= MINUTE_MS);
  });
});
