import assert from 'node:assert/strict';
import { newStore } from './harness.js';
import type { Keyspace } from '../../src/keyspace/keyspace.js';

const key = Buffer.from('key');
/** The most that lies in the arena; larger values have a buffer of their own. */
const MAX_INLINE_BYTES = 64 * 1024;

function set(keyspace: Keyspace, name: Buffer, value: Buffer): void {
  keyspace.setString(name, 0, name.length, value, 0, value.length, false);
}

function open(keyspace: Keyspace, lengthBytes: number, name = key): number {
  return keyspace.openValue(name, 0, name.length, lengthBytes);
}

/** Writes a byte in place. */
function put(keyspace: Keyspace, offset: number, byte: number, name = key): void {
  const ref = open(keyspace, offset + 1, name);
  keyspace.valueBuffer(ref)[keyspace.valueOffset(ref) + offset] = byte;
}

function valueOf(keyspace: Keyspace, name = key): Buffer {
  return keyspace.value(keyspace.findForWrite(name, 0, name.length));
}

describe('a value opened for changes in place', function () {
  this.timeout(20_000);

  for (const [from, to] of [
    [0, 1],
    [3, 40],
    [40, 5000],
    [5000, MAX_INLINE_BYTES + 1],
    [MAX_INLINE_BYTES + 1, 300_000],
  ]) {
    it(`grows from ${from} to ${to} bytes by zeros, and keeps what it had`, () => {
      const keyspace = newStore().keyspace(0);
      // Memory that was used before must not shine through.
      set(keyspace, key, Buffer.alloc(to, 0xee));
      keyspace.remove(key, 0, key.length);
      set(keyspace, key, Buffer.alloc(from, 0x61));
      open(keyspace, to);
      assert.deepEqual(valueOf(keyspace), Buffer.concat([Buffer.alloc(from, 0x61), Buffer.alloc(to - from)]));
    });
  }

  it('is made of zeros where there was no key', () => {
    for (const length of [1, 100, MAX_INLINE_BYTES + 1]) {
      const keyspace = newStore().keyspace(0);
      open(keyspace, length);
      assert.deepEqual(valueOf(keyspace), Buffer.alloc(length));
    }
  });

  it('keeps its deadline and counts as a change', () => {
    const store = newStore();
    const keyspace = store.keyspace(0);
    set(keyspace, key, Buffer.from('abc'));
    keyspace.setDeadline(key, 0, key.length, keyspace.findForWrite(key, 0, key.length), store.nowMs + 1000);
    const { dirty } = keyspace;
    const ref = open(keyspace, 100_000);
    assert.equal(keyspace.deadline(ref), store.nowMs + 1000);
    assert.ok(keyspace.dirty > dirty);
  });

  it('moves seldom when it grows byte by byte', () => {
    const keyspace = newStore().keyspace(0);
    let moves = 0;
    let place: { buffer: Buffer; offset: number } | undefined;
    for (let offset = 0; offset < 150_000; offset++) {
      put(keyspace, offset, offset & 0xff);
      const ref = keyspace.findForWrite(key, 0, key.length);
      const [buffer, start] = [keyspace.valueBuffer(ref), keyspace.valueOffset(ref)];
      if (buffer === place?.buffer && start === place.offset) continue;
      place = { buffer, offset: start };
      moves++;
    }
    assert.ok(moves < 40, `it moved ${moves} times`);
    const value = valueOf(keyspace);
    assert.ok(value.every((byte, offset) => byte === (offset & 0xff)));
  });

  it('takes no more memory than it says, and gives it back', () => {
    const store = newStore();
    const keyspace = store.keyspace(0);
    set(keyspace, Buffer.from('other'), Buffer.from('x'));
    const before = { keyspace: keyspace.usedBytes, store: store.usedBytes };
    for (const length of [1, 10, 1000, 50_000, 100_000, 5_000_000]) {
      open(keyspace, length);
      assert.equal(keyspace.usedBytes - before.keyspace, store.usedBytes - before.store, `at ${length} bytes`);
    }
    // Room to spare is bounded, however far it grows at once.
    assert.ok(keyspace.usedBytes < before.keyspace + 1.6 * 5_000_000);
    keyspace.remove(key, 0, key.length);
    assert.deepEqual({ keyspace: keyspace.usedBytes, store: store.usedBytes }, before);
  });

  for (const length of [20, 1000, MAX_INLINE_BYTES + 1]) {
    it(`is handed over to a running snapshot as it was before, with ${length} bytes`, () => {
      const store = newStore();
      const keyspace = store.keyspace(0);
      const names = Array.from({ length: 50 }, (_, index) => Buffer.from(`key:${index}`));
      for (const name of names) set(keyspace, name, Buffer.alloc(length, 0x61));
      const seen = new Map<string, Buffer>();
      const snapshot = store.beginSnapshot({
        entry: (_database, ref) => seen.set(keyspace.keyOf(ref).toString(), keyspace.value(ref)),
      });
      for (const name of names) {
        put(keyspace, 5, 0x62, name);
        put(keyspace, length + 3, 0x63, name);
      }
      while (snapshot.step(1));
      assert.equal(seen.size, names.length);
      for (const [name, value] of seen) assert.deepEqual(value, Buffer.alloc(length, 0x61), name);
      assert.equal(valueOf(keyspace, names[0])[5], 0x62);
    });
  }
});
