import assert from 'node:assert/strict';
import fc from 'fast-check';
import { evictionPolicies } from '../../src/config/eviction-policy.js';
import type { Keyspace } from '../../src/keyspace/keyspace.js';
import type { Store } from '../../src/keyspace/store.js';
import { EXPIRY_RECORD_BYTES } from '../../src/storage/expiry-index.js';
import { seededRandom } from '../support/seeded-random.js';
import { free, newStore, START_MS, TextKeyspace } from './harness.js';

/** The directory that a table has from the start, which its keyspace counts and the store does not. */
const EMPTY_DIRECTORY_BYTES = 8;
const DATABASES = 3;

interface Counted {
  entries: number;
  deadlines: number;
  table: number;
}

/** Looks at every entry anew. To be called at a time when nothing is expired. */
function recount(keyspace: Keyspace): Counted {
  const { table } = keyspace.currentDataset;
  const share = Math.ceil(table.usedBytes / keyspace.size);
  const counted: Counted = { entries: 0, deadlines: 0, table: table.usedBytes };
  keyspace.forEach((ref) => {
    const deadlineBytes = keyspace.deadline(ref) < 0 ? 0 : EXPIRY_RECORD_BYTES;
    counted.deadlines += deadlineBytes;
    counted.entries += keyspace.memoryUsage(ref) - share - deadlineBytes;
  });
  return counted;
}

function assertCounted(store: Store): void {
  store.nowMs = 0;
  const sums: Counted = { entries: 0, deadlines: 0, table: 0 };
  for (const keyspace of store.keyspaces()) {
    const counted = recount(keyspace);
    assert.equal(keyspace.usedBytes, counted.entries + counted.deadlines + counted.table);
    sums.entries += counted.entries;
    sums.deadlines += counted.deadlines;
    sums.table += counted.table - EMPTY_DIRECTORY_BYTES;
  }
  const { entryBytes, objectBytes, tableBytes, deadlineBytes, slackBytes } = store.memory();
  assert.equal(entryBytes + objectBytes, sums.entries);
  assert.equal(deadlineBytes, sums.deadlines);
  assert.equal(tableBytes, sums.table);
  assert.equal(store.usedBytes, sums.entries + sums.deadlines + sums.table);
  assert.ok(slackBytes >= 0);
}

const database = fc.nat(DATABASES - 1);
const key = fc.nat(3000).map((number) => `key:${number}`);
const length = fc.oneof(fc.nat(100), { weight: 1, arbitrary: fc.constantFrom(5000, 65_536, 65_537, 200_000) });
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('fill' as const), database, from: fc.nat(3000), count: fc.nat(900) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('empty' as const), database, from: fc.nat(3000), count: fc.nat(900) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('set' as const), database, key, length }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('append' as const), database, key, length }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('rename' as const), database, key, to: key }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('expire' as const), database, from: fc.nat(3000), count: fc.nat(300) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(2000) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('evict' as const),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      policy: fc.constantFrom(...evictionPolicies),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const), database }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

class Played {
  readonly store = newStore({ random: seededRandom(7) });
  readonly keyspaces = Array.from({ length: DATABASES }, (_, number) => new TextKeyspace(this.store.keyspace(number)));
  private nowMs = START_MS;

  run(action: Step): void {
    const { store } = this;
    store.nowMs = this.nowMs;
    if (action.kind === 'pass') {
      this.nowMs += action.ms;
      store.expireDue(this.nowMs, Infinity, () => undefined);
    } else if (action.kind === 'evict') {
      store.setEviction({ policy: action.policy, samples: 5, lfuLogFactor: 10, lfuDecayMinutes: 1 });
      store.evictUntil(Math.floor(store.usedBytes * action.share), Infinity);
    } else {
      this.change(action, this.keyspaces[action.database]);
    }
  }

  private change(action: Exclude<Step, { kind: 'pass' | 'evict' }>, keys: TextKeyspace): void {
    switch (action.kind) {
      case 'fill':
        for (let i = 0; i < action.count; i++) keys.set(`key:${action.from + i}`, 'v'.repeat(i % 50));
        break;
      case 'empty':
        for (let i = 0; i < action.count; i++) keys.remove(`key:${action.from + i}`);
        break;
      case 'set':
        keys.set(action.key, 'x'.repeat(action.length));
        break;
      case 'append':
        keys.append(action.key, 'x'.repeat(action.length));
        break;
      case 'rename':
        keys.rename(action.key, action.to);
        break;
      case 'expire':
        for (let i = 0; i < action.count; i++) {
          if (keys.ref(`key:${action.from + i}`) !== 0)
            keys.expireAt(`key:${action.from + i}`, this.nowMs + 1 + 10 * i);
        }
        break;
      case 'clear':
        keys.keyspace.clear();
    }
  }
}

describe('Memory figures', () => {
  it('equal a recount of all entries after any operations', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        const played = new Played();
        for (const action of steps) played.run(action);
        free(played.store);
        assertCounted(played.store);
        for (const { keyspace } of played.keyspaces) keyspace.clear();
        free(played.store);
        assert.equal(played.store.usedBytes, 0);
      }),
      { numRuns: 60 },
    );
  }).timeout(60_000);

  it('a key of 16 bytes with a value of 16 bytes takes less than 65 bytes, however many there are', () => {
    const store = newStore();
    const keys = new TextKeyspace(store.keyspace(0));
    for (let count = 1; count <= 60_000; count++) {
      keys.set(`key:${String(count).padStart(12, '0')}`, 'v'.repeat(16));
      if (count > 10_000 && count % 1000 === 0)
        assert.ok(store.usedBytes / count < 65, `${store.usedBytes / count} at ${count}`);
    }
  });

  it('a table gives back what it took when its keys are gone', () => {
    const store = newStore();
    const keys = new TextKeyspace(store.keyspace(0));
    const { table } = keys.keyspace.currentDataset;
    for (let i = 0; i < 50_000; i++) keys.set(`k${i}`, 'v');
    const full = table.usedBytes;
    for (let i = 0; i < 49_900; i++) keys.remove(`k${i}`);
    assert.ok(table.usedBytes < full / 100, `${table.usedBytes} of ${full}`);
    for (let i = 49_900; i < 50_000; i++) assert.equal(keys.get(`k${i}`), 'v');
  });

  it('a keyspace of a few keys takes a few hundred bytes beside them', () => {
    const store = newStore();
    const keys = new TextKeyspace(store.keyspace(0));
    for (let i = 0; i < 10; i++) keys.set(`k${i}`, 'v');
    assert.ok(keys.keyspace.usedBytes < 10 * 24 + 256, `${keys.keyspace.usedBytes}`);
  });
});
