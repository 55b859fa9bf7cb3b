import assert from 'node:assert/strict';
import { KeyTooLongError, OutOfMemoryError } from '../../src/keyspace/errors.js';
import { compileGlob } from '../../src/glob.js';
import { free, newStore, START_MS, TextKeyspace } from './harness.js';

describe('Keyspace', () => {
  let store = newStore();
  let keys = new TextKeyspace(store.keyspace(0));

  beforeEach(() => {
    store = newStore();
    keys = new TextKeyspace(store.keyspace(0));
  });

  it('stores a value in place when it fits the block', () => {
    const ref = keys.set('k', 'some value');
    assert.equal(keys.set('k', 'any  value'), ref);
    assert.equal(keys.get('k'), 'any  value');
    assert.equal(keys.keyspace.size, 1);
  });

  it('does not keep a large block for a small value', () => {
    keys.set('k', 'x'.repeat(50_000));
    keys.set('k', 'small');
    assert.ok(keys.keyspace.usedBytes < 10_000);
    assert.equal(keys.get('k'), 'small');
  });

  for (const length of [0, 1, 64, 65, 65_535, 65_536, 65_537, 131_072, 1_000_000]) {
    it(`keeps a value of ${length} bytes, and frees it`, () => {
      const value = 'ab'.repeat(length).slice(0, length);
      keys.set('k', value);
      assert.equal(keys.get('k'), value);
      assert.equal(keys.keyspace.valueLength(keys.ref('k')), length);
      assert.ok(keys.keyspace.usedBytes > length);
      assert.ok(keys.remove('k'));
      assert.equal(store.usedBytes, 0);
    });
  }

  it('keeps empty keys and the longest keys, and refuses longer ones', () => {
    const longest = 'k'.repeat(65_535);
    keys.set('', 'empty');
    keys.set(longest, 'v'.repeat(65_536));
    assert.equal(keys.get(''), 'empty');
    assert.equal(keys.get(longest)?.length, 65_536);
    assert.throws(() => keys.set(`${longest}k`, ''), KeyTooLongError);
    assert.throws(() => keys.append(`${longest}k`, ''), KeyTooLongError);
    assert.throws(() => keys.rename('', `${longest}k`), KeyTooLongError);
    assert.equal(keys.get(`${longest}k`), undefined);
    assert.equal(keys.keyspace.size, 2);
  });

  it('changes nothing when the arena is full', () => {
    const small = newStore({ maxArenaBytes: 512 * 1024 });
    const full = new TextKeyspace(small.keyspace(0));
    full.set('k', 'before');
    let count = 0;
    assert.throws(() => {
      for (; ; count++) full.set(`key:${count}`, 'x'.repeat(30_000));
    }, OutOfMemoryError);
    const usedBytes = small.usedBytes;
    assert.throws(() => full.set('k', 'x'.repeat(30_000)), OutOfMemoryError);
    assert.throws(() => full.append('k', 'x'.repeat(20_000)), OutOfMemoryError);
    assert.throws(() => full.set('large', 'x'.repeat(30_000)), OutOfMemoryError);
    assert.equal(full.get('k'), 'before');
    assert.equal(small.usedBytes, usedBytes);
    assert.equal(full.keyspace.size, count + 1);
  });

  it('counts what was changed, and what was found', () => {
    const { keyspace } = keys;
    keys.set('k', '1');
    keys.append('k', '2');
    keys.replace('k', '3');
    keys.expireAt('k', START_MS + 1);
    keys.persist('k');
    assert.equal(keyspace.dirty, 5);
    keys.persist('k');
    keys.remove('absent');
    keys.get('k');
    keys.get('absent');
    assert.equal(keyspace.dirty, 5);
    assert.deepEqual([keyspace.hits, keyspace.misses], [1, 1]);
    keys.rename('k', 'l');
    keys.remove('l');
    keyspace.clear();
    assert.equal(keyspace.dirty, 7);
  });

  describe('integers and encodings', () => {
    it('tells int, embstr and raw apart as OBJECT ENCODING does', () => {
      keys.set('n', '123');
      keys.set('e', 'x'.repeat(44));
      keys.set('r', 'x'.repeat(45));
      keys.set('a', '12');
      keys.append('a', '3');
      const encoding = (key: string): string => keys.keyspace.encodingOf(keys.ref(key));
      assert.deepEqual(['n', 'e', 'r', 'a'].map(encoding), ['int', 'embstr', 'raw', 'raw']);
      assert.ok(keys.rename('a', 'b'));
      assert.equal(encoding('b'), 'raw');
      keys.replace('b', '124');
      assert.equal(encoding('b'), 'int');
    });

    it('reads a value as an integer', () => {
      keys.set('n', '-42');
      assert.equal(keys.keyspace.integerValue(keys.ref('n')), -42);
      keys.set('n', 'x'.repeat(100_000));
      assert.equal(keys.keyspace.integerValue(keys.ref('n')), undefined);
    });
  });

  describe('append', () => {
    it('grows a value from nothing through every kind of storage', () => {
      let expected = '';
      for (let i = 0; expected.length < 200_000; i++) {
        const part = String(i).repeat(1 + (i % 7) * 40);
        expected += part;
        assert.equal(keys.append('k', part), expected.length);
      }
      assert.equal(keys.get('k'), expected);
      keys.remove('k');
      assert.equal(store.usedBytes, 0);
    });

    it('keeps the deadline', () => {
      keys.set('k', 'a');
      keys.expireAt('k', START_MS + 100);
      keys.append('k', 'b'.repeat(1000));
      assert.equal(keys.deadline('k'), START_MS + 100);
    });
  });

  describe('rename', () => {
    it('moves value and deadline over an existing key', () => {
      keys.set('from', 'value');
      keys.expireAt('from', START_MS + 100);
      keys.set('to', 'other');
      keys.expireAt('to', START_MS + 5);
      assert.ok(keys.rename('from', 'to'));
      assert.deepEqual([...keys.contents()], [['to', `value @${START_MS + 100}`]]);
      assert.equal(keys.keyspace.expiresCount, 1);
      store.nowMs = START_MS + 100;
      assert.equal(keys.get('to'), undefined);
      assert.equal(store.usedBytes, 0);
    });

    it('hands a large value over without a copy of it left behind', () => {
      keys.set('from', 'x'.repeat(100_000));
      keys.rename('from', 'a much longer name than it had before');
      assert.equal(keys.get('a much longer name than it had before')?.length, 100_000);
      assert.equal(keys.get('from'), undefined);
      keys.remove('a much longer name than it had before');
      assert.equal(store.usedBytes, 0);
    });

    it('of a key to itself leaves it, and of an absent key is refused', () => {
      keys.set('k', 'v');
      assert.ok(keys.rename('k', 'k'));
      assert.equal(keys.get('k'), 'v');
      assert.equal(keys.rename('absent', 'k'), false);
    });
  });

  describe('deadlines', () => {
    it('are dropped by a plain set and kept when asked for', () => {
      keys.set('k', 'v');
      assert.equal(keys.deadline('k'), -1);
      keys.expireAt('k', START_MS + 100);
      keys.set('k', 'a value that needs another block than the first', true);
      assert.equal(keys.deadline('k'), START_MS + 100);
      keys.set('k', 'v');
      assert.equal(keys.deadline('k'), -1);
      assert.equal(keys.keyspace.expiresCount, 0);
    });

    it('hide the key from the very millisecond on, and a master removes and reports it', () => {
      const reported: string[] = [];
      store.onExpired = (keyspace, key) => reported.push(`${keyspace.database} ${key.toString()}`);
      keys.set('k', 'v');
      keys.expireAt('k', START_MS + 100);
      store.nowMs = START_MS + 99;
      assert.equal(keys.get('k'), 'v');
      store.nowMs = START_MS + 100;
      const { dirty } = keys.keyspace;
      assert.equal(keys.get('k'), undefined);
      assert.deepEqual(reported, ['0 k']);
      assert.equal(keys.keyspace.dirty, dirty, 'expiry is no change of the caller');
      assert.equal(keys.keyspace.size, 0);
    });

    it('only hide the key on a replica, where changes still reach it', () => {
      store.isMaster = false;
      store.onExpired = () => assert.fail('a replica must not report');
      keys.set('k', 'v');
      keys.expireAt('k', START_MS + 100);
      store.nowMs = START_MS + 100;
      assert.equal(keys.get('k'), undefined);
      assert.equal(keys.keyspace.size, 1);
      keys.set('k', 'w', true);
      assert.equal(keys.keyspace.size, 1);
      store.appliesStream = true;
      assert.equal(keys.get('k'), 'w');
      store.appliesStream = false;
      assert.ok(keys.remove('k'));
      assert.equal(keys.keyspace.size, 0);
    });

    it('do not survive in a key that is set anew after it expired', () => {
      keys.set('k', 'v');
      keys.expireAt('k', START_MS + 100);
      store.nowMs = START_MS + 200;
      keys.set('k', 'w', true);
      assert.equal(keys.deadline('k'), -1);
      assert.equal(keys.get('k'), 'w');
    });
  });

  describe('randomKey', () => {
    it('finds the only live key among many expired ones, and nothing when all are expired', () => {
      for (let i = 0; i < 3000; i++) {
        keys.set(`k${i}`, 'v');
        keys.expireAt(`k${i}`, START_MS + 1);
      }
      keys.set('live', 'v');
      store.nowMs = START_MS + 1;
      assert.equal(keys.keyspace.randomKey(Math.random)?.toString(), 'live');
      keys.remove('live');
      assert.equal(keys.keyspace.randomKey(Math.random), undefined);
    });

    it('is fair', () => {
      const count = 1500;
      for (let i = 0; i < count; i++) keys.set(`k${i}`, 'v');
      const draws = new Map<string, number>();
      let state = 1;
      const random = (): number => (state = Math.imul(state, 48_271) & 0x7fffffff) / 0x7fffffff;
      for (let i = 0; i < count * 40; i++) {
        const key = keys.keyspace.randomKey(random)?.toString() ?? '';
        draws.set(key, (draws.get(key) ?? 0) + 1);
      }
      assert.equal(draws.size, count);
      // 40 draws expected for each; 15 and 80 are about four and six standard deviations away.
      assert.ok(Math.min(...draws.values()) > 12 && Math.max(...draws.values()) < 85);
    });
  });

  it('matches keys against a glob without copying them', () => {
    const ref = keys.set('user:42', 'v');
    assert.ok(keys.keyspace.keyMatches(ref, compileGlob(Buffer.from('user:*'))));
    assert.ok(!keys.keyspace.keyMatches(ref, compileGlob(Buffer.from('user:'))));
  });

  it('compares values', () => {
    const ref = keys.set('k', 'value');
    assert.ok(keys.keyspace.valueEquals(ref, Buffer.from('a value'), 2, 5));
    assert.ok(!keys.keyspace.valueEquals(ref, Buffer.from('a valuf'), 2, 5));
    assert.ok(!keys.keyspace.valueEquals(ref, Buffer.from('a value'), 2, 4));
  });

  it('knows how long a key was idle', () => {
    keys.set('k', 'v');
    store.nowMs = START_MS + 5000;
    assert.equal(keys.keyspace.idleSeconds(keys.ref('k')), 5);
    keys.get('k');
    assert.equal(keys.keyspace.idleSeconds(keys.ref('k')), 0);
  });

  it('is empty at once after clear, and its memory comes back slice by slice', () => {
    for (let i = 0; i < 5000; i++) keys.set(`k${i}`, 'v'.repeat(i % 100));
    keys.set('large', 'x'.repeat(100_000));
    keys.keyspace.clear();
    assert.equal(keys.keyspace.size, 0);
    assert.ok(keys.keyspace.usedBytes < 1024);
    assert.equal(keys.get('k1'), undefined);
    assert.ok(store.usedBytes > 100_000);
    free(store);
    assert.equal(store.usedBytes, 0);
  });
});
