import assert from 'node:assert/strict';
import fc from 'fast-check';
import { newStore, START_MS, TextKeyspace } from './harness.js';

function scanAll(keys: TextKeyspace, count: number, between: () => void = () => undefined): string[] {
  const seen: string[] = [];
  let cursor = 0;
  do {
    cursor = keys.keyspace.scan(cursor, count, (ref) => seen.push(keys.keyspace.keyOf(ref).toString()));
    assert.ok(Number.isInteger(cursor) && cursor >= 0 && cursor < 2 ** 32);
    between();
  } while (cursor !== 0);
  return seen;
}

const MAX_TEMPORARY_KEYS = 5000;

describe('scan', () => {
  it('visits exactly once every key that is there all the time, whatever comes and goes meanwhile', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 3000 }),
        fc.integer({ min: 1, max: 700 }),
        fc.array(fc.integer({ min: -900, max: 900 }), { minLength: 1, maxLength: 8 }),
        (permanent, count, churn) => {
          const keys = new TextKeyspace(newStore().keyspace(0));
          for (let i = 0; i < permanent; i++) keys.set(`stays:${i}`, 'v');
          let temporary = 0;
          let round = 0;
          const between = (): void => {
            const change = churn[round++ % churn.length];
            // A table that grows faster than it is scanned would never be scanned to its end.
            for (let i = 0; i < change && temporary < MAX_TEMPORARY_KEYS; i++) keys.set(`comes:${temporary++}`, 'v');
            for (let i = 0; i > change && temporary > 0; i--) keys.remove(`comes:${--temporary}`);
          };
          const stayed = scanAll(keys, count, between).filter((key) => key.startsWith('stays:'));
          assert.equal(stayed.length, permanent);
          assert.equal(new Set(stayed).size, permanent);
        },
      ),
      { numRuns: 25 },
    );
  }).timeout(60_000);

  it('collects about as many keys per call as asked for', () => {
    const keys = new TextKeyspace(newStore().keyspace(0));
    for (let i = 0; i < 20_000; i++) keys.set(`k${i}`, 'v');
    let calls = 0;
    scanAll(keys, 100, () => calls++);
    assert.ok(calls > 120 && calls < 260, `${calls} calls`);
  });

  it('of an empty keyspace ends at once', () => {
    const keys = new TextKeyspace(newStore().keyspace(0));
    assert.equal(
      keys.keyspace.scan(0, 10, () => assert.fail()),
      0,
    );
    assert.equal(
      keys.keyspace.scan(123_456, 10, () => assert.fail()),
      0,
    );
  });

  it('never visits a key past its deadline', () => {
    const store = newStore();
    const keys = new TextKeyspace(store.keyspace(0));
    keys.set('stays', 'v');
    keys.set('goes', 'v');
    keys.expireAt('goes', START_MS + 1);
    store.nowMs = START_MS + 1;
    assert.deepEqual(scanAll(keys, 10), ['stays']);
    assert.deepEqual([...keys.contents().keys()], ['stays']);
  });
});
