import assert from 'node:assert/strict';
import { free, newStore, START_MS, TextKeyspace } from './harness.js';

describe('Store', () => {
  it('keeps the keys of databases apart', () => {
    const store = newStore();
    const [one, two] = [new TextKeyspace(store.keyspace(1)), new TextKeyspace(store.keyspace(2))];
    one.set('k', 'first');
    two.set('k', 'second');
    assert.equal(one.get('k'), 'first');
    assert.equal(store.keyspace(1), one.keyspace);
    assert.deepEqual(
      [...store.keyspaces()].map((keyspace) => keyspace.database),
      [1, 2],
    );
    store.drop(1);
    assert.equal(one.get('k'), undefined);
    assert.equal(two.get('k'), 'second');
    assert.deepEqual(
      [...store.keyspaces()].map((keyspace) => keyspace.database),
      [2],
    );
  });

  it('accounts for every byte of every keyspace', () => {
    const store = newStore();
    for (let database = 0; database < 3; database++) {
      const keys = new TextKeyspace(store.keyspace(database));
      for (let i = 0; i < 1000; i++) keys.set(`k${i}`, 'v'.repeat(i));
      for (let i = 0; i < 100; i++) keys.expireAt(`k${i}`, START_MS + i + 1);
      keys.append('k0', 'x'.repeat(90_000));
      keys.append('k0', 'x');
    }
    const directoryBytes = 3 * 8;
    const total = [...store.keyspaces()].reduce((sum, keyspace) => sum + keyspace.usedBytes, 0);
    assert.ok(Math.abs(total - store.usedBytes - directoryBytes) < 100, `${total} of ${store.usedBytes}`);
  });

  it('an empty keyspace costs less than a kilobyte', () => {
    assert.ok(newStore().keyspace(1).usedBytes < 1024);
  });

  describe('expireDue', () => {
    it('removes due keys of all keyspaces in the order of their deadlines, and no others', () => {
      const store = newStore();
      const expired: string[] = [];
      for (const database of [0, 1]) {
        const keys = new TextKeyspace(store.keyspace(database));
        for (let i = 0; i < 10; i++) {
          keys.set(`k${i}`, 'v');
          keys.expireAt(`k${i}`, START_MS + 10 * i + database);
        }
      }
      assert.equal(store.nextDeadline(), START_MS);
      const count = store.expireDue(START_MS + 40, Infinity, (keyspace, key) =>
        expired.push(`${keyspace.database}${key.toString()}`),
      );
      assert.equal(count, 9);
      assert.deepEqual(expired, ['0k0', '1k0', '0k1', '1k1', '0k2', '1k2', '0k3', '1k3', '0k4']);
      assert.equal(store.nextDeadline(), START_MS + 41);
      assert.equal(store.keyspace(0).size, 5);
    });

    it('stops when its time is up', () => {
      const store = newStore();
      const keys = new TextKeyspace(store.keyspace(0));
      for (let i = 0; i < 500; i++) {
        keys.set(`k${i}`, 'v');
        keys.expireAt(`k${i}`, START_MS);
      }
      assert.equal(
        store.expireDue(START_MS, 0, () => undefined),
        64,
      );
      assert.equal(store.keyspace(0).size, 436);
    });

    it('does nothing on a replica', () => {
      const store = newStore();
      const keys = new TextKeyspace(store.keyspace(0));
      keys.set('k', 'v');
      keys.expireAt('k', START_MS);
      store.isMaster = false;
      assert.equal(store.nextDeadline(), Infinity);
      assert.equal(
        store.expireDue(START_MS, Infinity, () => assert.fail()),
        0,
      );
      assert.equal(keys.keyspace.size, 1);
    });

    it('does not report keys that were cleared before', () => {
      const store = newStore();
      const keys = new TextKeyspace(store.keyspace(0));
      for (let i = 0; i < 2000; i++) {
        keys.set(`k${i}`, 'v');
        keys.expireAt(`k${i}`, START_MS + 1);
      }
      keys.keyspace.clear();
      keys.set('k1', 'new');
      keys.expireAt('k1', START_MS + 2);
      assert.equal(
        store.expireDue(START_MS + 1, Infinity, () => assert.fail()),
        0,
      );
      assert.equal(keys.get('k1'), 'new');
    });

    it('leaves nothing behind when cleared keys expire before they are freed', () => {
      const store = newStore();
      const keys = new TextKeyspace(store.keyspace(0));
      for (let i = 0; i < 5000; i++) {
        keys.set(`k${i}`, 'v');
        if (i % 3 > 0) keys.expireAt(`k${i}`, START_MS + 1 + (i % 2));
      }
      keys.keyspace.clear();
      store.freeSome(0);
      store.expireDue(START_MS + 1, Infinity, () => assert.fail());
      store.freeSome(0);
      store.expireDue(START_MS + 2, Infinity, () => assert.fail());
      free(store);
      assert.equal(store.usedBytes, 0);
    });
  });
});
