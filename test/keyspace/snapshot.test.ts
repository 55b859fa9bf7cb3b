import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SnapshotRunningError } from '../../src/keyspace/errors.js';
import type { Snapshot } from '../../src/keyspace/snapshot.js';
import type { Store } from '../../src/keyspace/store.js';
import { describeEntry, free, newStore, START_MS, TextKeyspace } from './harness.js';

/** Collects what a snapshot hands over; a key that comes twice is an error. */
function collect(store: Store): { snapshot: Snapshot; received: Map<string, string> } {
  const received = new Map<string, string>();
  const snapshot = store.beginSnapshot({
    entry: (database, ref) => {
      const name = `${database} ${store.entries.keyOf(ref).toString('latin1')}`;
      assert.ok(!received.has(name), `${name} came twice`);
      received.set(name, describeEntry(store.entries, ref));
    },
  });
  return { snapshot, received };
}

function stateOf(store: Store): Map<string, string> {
  const state = new Map<string, string>();
  for (const keyspace of store.keyspaces()) {
    for (const [key, entry] of new TextKeyspace(keyspace).contents()) state.set(`${keyspace.database} ${key}`, entry);
  }
  return state;
}

function sorted(map: ReadonlyMap<string, string>): [string, string][] {
  return [...map].sort(([left], [right]) => (left < right ? -1 : 1));
}

const DATABASES = 3;
const INITIAL_KEYS = 4000;
const kinds = ['set', 'grow', 'add', 'remove', 'removeMany', 'expire', 'persist', 'rename', 'replace'] as const;
const change = fc.record({
  kind: fc.constantFrom(...kinds, 'advance' as const, 'clear' as const, 'drop' as const, 'free' as const),
  database: fc.nat(DATABASES - 1),
  number: fc.nat(INITIAL_KEYS),
  rarely: fc.nat(3),
});
type Change = typeof change extends fc.Arbitrary<infer C> ? C : never;

function apply(store: Store, { kind, database, number, rarely }: Change): void {
  const keys = new TextKeyspace(store.keyspace(database));
  const key = `k${number}`;
  const exists = keys.ref(key) !== 0;
  if (kind === 'set') keys.set(key, `changed ${number}`);
  else if (kind === 'grow') keys.append(key, 'x'.repeat(number * 40));
  else if (kind === 'add') for (let i = 0; i < 1500; i++) keys.set(`new ${number} ${i}`, 'v');
  else if (kind === 'remove') keys.remove(key);
  else if (kind === 'removeMany') for (let i = 0; i < number; i++) keys.remove(`k${i}`);
  else if (kind === 'expire' && exists) keys.expireAt(key, START_MS + (number % 40));
  else if (kind === 'persist' && exists) keys.persist(key);
  else if (kind === 'rename') keys.rename(key, `k${number >>> 1}`);
  else if (kind === 'replace' && exists) keys.replace(key, String(number));
  else if (kind === 'advance') store.expireDue(store.nowMs + rarely * 5, Infinity, () => undefined);
  else if (kind === 'clear' && rarely === 0) keys.keyspace.clear();
  else if (kind === 'drop' && rarely === 0) store.drop(database);
  else if (kind === 'free') store.freeSome(0);
}

function filledStore(): Store {
  const store = newStore();
  for (let database = 0; database < DATABASES; database++) {
    const keys = new TextKeyspace(store.keyspace(database));
    for (let i = 0; i < INITIAL_KEYS; i++) {
      keys.set(`k${i}`, `value ${i}`);
      if (i % 5 === database) keys.expireAt(`k${i}`, START_MS + (i % 50));
    }
  }
  return store;
}

describe('Snapshot', () => {
  it('receives exactly the state at its beginning, whatever is written between its steps', () => {
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 20 }),
        fc.array(fc.array(change, { maxLength: 6 }), { maxLength: 25 }),
        (before, between) => {
          const store = filledStore();
          for (const action of before) apply(store, action);
          const expected = stateOf(store);
          const { snapshot, received } = collect(store);
          for (const actions of between) {
            for (const action of actions) apply(store, action);
            if (!snapshot.step(0)) break;
          }
          while (snapshot.step(1));
          assert.deepEqual(sorted(received), sorted(expected));
          for (const keyspace of [...store.keyspaces()]) store.drop(keyspace.database);
          free(store);
          assert.equal(store.usedBytes, 0);
        },
      ),
      { numRuns: 15 },
    );
  }).timeout(120_000);

  it('keeps a cleared table until it has passed it', () => {
    const store = filledStore();
    const expected = stateOf(store);
    const { snapshot, received } = collect(store);
    for (const keyspace of store.keyspaces()) keyspace.clear();
    assert.equal(store.freeSome(Infinity), false);
    assert.ok(store.usedBytes > 0);
    while (snapshot.step(0));
    assert.deepEqual(sorted(received), sorted(expected));
    free(store);
    assert.equal(store.usedBytes, 0);
  });

  it('receives both halves of a segment that is split before anything else in it changed', () => {
    const store = newStore();
    const keys = new TextKeyspace(store.keyspace(0));
    const { table } = keys.keyspace.currentDataset;
    let next = 0;
    const fullCount = 819;
    while (next < fullCount) keys.set(`k${next++}`, 'v');
    const expected = stateOf(store);
    const { snapshot, received } = collect(store);
    assert.equal(table.segmentCount, 1);
    keys.set(`k${next}`, 'v');
    assert.equal(table.segmentCount, 2, 'the insertion split the segment');
    while (snapshot.step(0));
    assert.deepEqual(sorted(received), sorted(expected));
  });

  it('runs alone, and again after the first one is done or aborted', () => {
    const store = filledStore();
    const first = collect(store);
    assert.throws(() => collect(store), SnapshotRunningError);
    first.snapshot.abort();
    const second = collect(store);
    while (second.snapshot.step(1));
    assert.deepEqual(sorted(second.received), sorted(stateOf(store)));
    const third = collect(store);
    while (third.snapshot.step(1));
    assert.equal(third.received.size, second.received.size);
  });

  it('fails in its own step when the sink throws in the middle of a write', () => {
    const store = filledStore();
    const snapshot = store.beginSnapshot({
      entry: () => {
        throw new Error('disk full');
      },
    });
    new TextKeyspace(store.keyspace(0)).set('k1', 'written all the same');
    assert.throws(() => snapshot.step(1), /disk full/);
    assert.equal(new TextKeyspace(store.keyspace(0)).get('k1'), 'written all the same');
    assert.doesNotThrow(() => {
      collect(store).snapshot.abort();
    });
  });

  it('hands over nothing of an empty store', () => {
    const { snapshot, received } = collect(newStore());
    assert.equal(snapshot.step(0), false);
    assert.equal(received.size, 0);
  });
});
