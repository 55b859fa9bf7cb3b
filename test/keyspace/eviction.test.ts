import assert from 'node:assert/strict';
import { evictionPolicies, isVolatile, type EvictionPolicy } from '../../src/config/eviction-policy.js';
import type { Store } from '../../src/keyspace/store.js';
import { seededRandom } from '../support/seeded-random.js';
import { newStore, START_MS, TextKeyspace } from './harness.js';

const KEYS = 4000;
const TICK_MS = 8;
const DAY_MS = 86_400_000;

interface Setup {
  readonly store: Store;
  readonly keys: TextKeyspace;
}

function newSetup(policy: EvictionPolicy, overrides: { readonly samples?: number } = {}): Setup {
  const store = newStore({ random: seededRandom(42) });
  store.setEviction({ policy, samples: 5, lfuLogFactor: 10, lfuDecayMinutes: 1, ...overrides });
  return { store, keys: new TextKeyspace(store.keyspace(0)) };
}

/** Sets keys one tick of the access clock after another. */
function fill({ store, keys }: Setup, count = KEYS): void {
  for (let i = 0; i < count; i++) {
    store.nowMs += TICK_MS;
    keys.set(`k${i}`, 'v');
  }
}

function survivors({ keys }: Setup): number[] {
  const numbers: number[] = [];
  keys.keyspace.forEach((ref) => numbers.push(Number(keys.keyspace.keyOf(ref).toString().slice(1))));
  return numbers;
}

/** Leaves so many keys of one keyspace. */
function shrinkTo(setup: Setup, maxKeys: number, policy: EvictionPolicy): string {
  return setup.keys.keyspace.evictUntil({ maxBytes: Infinity, maxKeys }, policy, Infinity);
}

/** Brings the store down by as many bytes as `count` keys take. */
function evictFromStore({ store, keys }: Setup, count: number): string {
  const evictedBefore = keys.keyspace.evictedKeys;
  let outcome = 'done';
  while (keys.keyspace.evictedKeys - evictedBefore < count && outcome === 'done') {
    outcome = store.evictUntil(store.usedBytes - 1, Infinity);
  }
  return outcome;
}

const evicting = evictionPolicies.filter((policy) => policy !== 'noeviction');

describe('Eviction', () => {
  for (const policy of evicting) {
    it(`${policy}: a keyspace comes down to the keys it may have, and nobody else's go`, () => {
      const setup = newSetup('noeviction');
      const other = new TextKeyspace(setup.store.keyspace(1));
      const told: string[] = [];
      setup.store.onEvicted = (keyspace, key) => told.push(`${keyspace.database}:${key.toString()}`);
      fill(setup);
      for (let i = 0; i < KEYS; i++) other.set(`k${i}`, 'v');
      for (let i = 0; i < KEYS; i++) {
        setup.keys.expireAt(`k${i}`, START_MS + DAY_MS + i);
        other.expireAt(`k${i}`, START_MS + DAY_MS);
      }
      assert.equal(shrinkTo(setup, 100, policy), 'done');
      assert.equal(setup.keys.keyspace.size, 100);
      assert.equal(other.keyspace.size, KEYS);
      assert.equal(setup.keys.keyspace.evictedKeys, KEYS - 100);
      const left = survivors(setup).map((number) => `0:k${number}`);
      assert.equal(new Set([...told, ...left]).size, KEYS, 'each key is there or was told of, once');
      assert.equal(told.length, KEYS - 100);
    });

    it(`${policy}: the last key goes as well, and then it fails`, () => {
      const setup = newSetup(policy);
      fill(setup, 3000);
      for (let i = 0; i < 3000; i++) setup.keys.expireAt(`k${i}`, START_MS + DAY_MS);
      assert.equal(setup.store.evictUntil(0, Infinity), 'done');
      assert.equal(setup.store.usedBytes, 0);
      assert.equal(setup.store.evictUntil(-1, Infinity), 'failed');
    });
  }

  it('noeviction removes nothing and fails', () => {
    const setup = newSetup('noeviction');
    fill(setup, 10);
    assert.equal(setup.store.evictUntil(setup.store.usedBytes, Infinity), 'done');
    assert.equal(setup.store.evictUntil(setup.store.usedBytes - 1, Infinity), 'failed');
    assert.equal(setup.keys.keyspace.size, 10);
  });

  for (const policy of evicting.filter(isVolatile)) {
    it(`${policy}: keys without a deadline stay, and it fails when there are no others`, () => {
      const setup = newSetup(policy);
      fill(setup);
      for (let i = 0; i < KEYS; i += 8) setup.keys.expireAt(`k${i}`, START_MS + DAY_MS);
      setup.keys.persist('k0');
      assert.equal(setup.store.evictUntil(0, Infinity), 'failed');
      assert.equal(setup.keys.keyspace.size, KEYS - KEYS / 8 + 1);
      assert.equal(shrinkTo(setup, 0, policy), 'failed');
      assert.ok(survivors(setup).every((number) => number % 8 !== 0 || number === 0));
    });

    it(`${policy}: finds the few keys with a deadline among many of others`, () => {
      const setup = newSetup(policy);
      const other = new TextKeyspace(setup.store.keyspace(1));
      fill(setup);
      for (let i = 0; i < KEYS * 2; i++) {
        other.set(`k${i}`, 'v');
        other.expireAt(`k${i}`, START_MS + DAY_MS);
      }
      setup.keys.expireAt('k7', START_MS + DAY_MS);
      setup.keys.expireAt('k8', START_MS + DAY_MS);
      let outcome = 'running';
      for (let call = 0; call < 100 && outcome === 'running'; call++) outcome = shrinkTo(setup, KEYS - 2, policy);
      assert.equal(outcome, 'done');
      assert.deepEqual([setup.keys.get('k7'), setup.keys.get('k8')], [undefined, undefined]);
    });
  }

  it('LRU keeps the keys that were used last, the better the more samples it takes', () => {
    for (const evict of [
      evictFromStore,
      (setup: Setup, count: number) => shrinkTo(setup, KEYS - count, 'allkeys-lru'),
    ]) {
      const recent = [5, 20].map((samples) => {
        const setup = newSetup('allkeys-lru', { samples });
        fill(setup);
        evict(setup, KEYS / 2);
        return survivors(setup).filter((number) => number >= KEYS / 2).length / (KEYS / 2);
      });
      assert.ok(recent[0] > 0.87 && recent[1] > 0.94, `${recent.join(' and ')} of the recent keys are left`);
    }
  });

  it('LRU: what is read again stays, what is read without a mark does not', () => {
    const setup = newSetup('allkeys-lru');
    fill(setup);
    setup.store.nowMs += TICK_MS;
    for (let i = 0; i < 500; i++) setup.keys.get(`k${i}`);
    setup.keys.keyspace.marksAccess = false;
    for (let i = 500; i < 1000; i++) setup.keys.get(`k${i}`);
    setup.keys.keyspace.marksAccess = true;
    shrinkTo(setup, KEYS - 2000, 'allkeys-lru');
    const left = survivors(setup);
    assert.ok(left.filter((number) => number < 500).length > 480);
    assert.ok(left.filter((number) => number >= 500 && number < 1000).length < 50);
  });

  it('LFU keeps the keys that are used often, even if others were used later', () => {
    const setup = newSetup('allkeys-lfu');
    fill(setup);
    for (let round = 0; round < 60; round++) for (let i = 0; i < 400; i++) setup.keys.get(`k${i * 10}`);
    for (let i = 0; i < KEYS; i++) if (i % 10 !== 0) setup.keys.get(`k${i}`);
    evictFromStore(setup, KEYS - 500);
    const often = survivors(setup).filter((number) => number % 10 === 0).length;
    assert.ok(often > 390, `${often} of 400 are left`);
  });

  it('volatile-ttl of the whole store evicts exactly in the order of the deadlines', () => {
    const setup = newSetup('volatile-ttl');
    fill(setup);
    for (let i = 0; i < KEYS; i++) setup.keys.expireAt(`k${i}`, START_MS + DAY_MS + ((i * 7) % KEYS));
    evictFromStore(setup, 1000);
    const deadlines = survivors(setup).map((number) => (number * 7) % KEYS);
    assert.equal(Math.min(...deadlines), 1000);
  });

  it('a keyspace of its own: volatile-ttl evicts nearly in the order of the deadlines', () => {
    const setup = newSetup('noeviction');
    fill(setup);
    for (let i = 0; i < KEYS; i++) setup.keys.expireAt(`k${i}`, START_MS + DAY_MS + i);
    shrinkTo(setup, KEYS / 2, 'volatile-ttl');
    assert.ok(survivors(setup).filter((number) => number >= KEYS / 2).length > 0.87 * (KEYS / 2));
  });

  it('random hits each key with the same chance', () => {
    const setup = newSetup('allkeys-random');
    const kept = new Float64Array(100);
    for (let round = 0; round < 30; round++) {
      fill(setup, 2000);
      shrinkTo(setup, 1000, 'allkeys-random');
      for (const number of survivors(setup)) kept[number % 100]++;
    }
    // 600 chances of a half each: six standard deviations are 73.
    for (const count of kept) assert.ok(Math.abs(count - 300) < 73, `${count} of 600 were kept`);
  });

  it('takes keys from tenants in proportion to how many they have', () => {
    const setup = newSetup('allkeys-random');
    const small = new TextKeyspace(setup.store.keyspace(1));
    fill(setup, 9000);
    for (let i = 0; i < 1000; i++) small.set(`k${i}`, 'v');
    let outcome = 'done';
    const evicted = (): number => small.keyspace.evictedKeys + setup.keys.keyspace.evictedKeys;
    while (evicted() < 5000 && outcome === 'done')
      outcome = setup.store.evictUntil(setup.store.usedBytes - 1, Infinity);
    assert.ok(Math.abs(small.keyspace.evictedKeys - 500) < 100, `${small.keyspace.evictedKeys} of 1000`);
  });

  it('stops when its time is up, and goes on where it stopped', () => {
    const setup = newSetup('allkeys-lru');
    fill(setup);
    assert.equal(setup.store.evictUntil(0, 0), 'running');
    assert.equal(setup.keys.keyspace.evictedKeys, 16);
    assert.equal(setup.store.evictUntil(0, Infinity), 'done');
    assert.equal(setup.keys.keyspace.size, 0);
  });

  it('frees what was cleared before anything is evicted', () => {
    const setup = newSetup('allkeys-lru');
    const other = new TextKeyspace(setup.store.keyspace(1));
    for (let i = 0; i < KEYS; i++) other.set(`k${i}`, 'v');
    fill(setup, 100);
    const limit = setup.keys.keyspace.usedBytes;
    other.keyspace.clear();
    assert.equal(setup.store.evictUntil(limit, Infinity), 'done');
    assert.equal(setup.keys.keyspace.size, 100);
  });

  it('a replica evicts nothing, and neither does a node that stands still', () => {
    const setup = newSetup('allkeys-lru');
    fill(setup, 100);
    setup.store.isMaster = false;
    assert.equal(setup.store.evictUntil(0, Infinity), 'done');
    assert.equal(shrinkTo(setup, 0, 'allkeys-lru'), 'done');
    setup.store.isMaster = true;
    setup.store.isFrozen = true;
    assert.equal(setup.store.evictUntil(0, Infinity), 'done');
    assert.equal(setup.keys.keyspace.size, 100);
  });

  it('a snapshot holds the keys that are evicted while it runs', () => {
    const setup = newSetup('allkeys-lru');
    fill(setup, 3000);
    const seen = new Set<string>();
    const snapshot = setup.store.beginSnapshot({
      entry: (_database, ref) => seen.add(setup.store.entries.keyOf(ref).toString()),
    });
    snapshot.step(0);
    setup.store.evictUntil(0, Infinity);
    while (snapshot.step(1));
    assert.equal(seen.size, 3000);
  });
});
