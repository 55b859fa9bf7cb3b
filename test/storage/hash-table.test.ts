import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Arena, byteOf, chunkOf, wordOf } from '../../src/storage/arena.js';
import { ENTRY_HEADER_BYTES, entryMeta, ValueType } from '../../src/storage/entry.js';
import { KeyHash } from '../../src/storage/hash.js';
import { HashTable } from '../../src/storage/hash-table.js';
import { SegmentPool } from '../../src/storage/segment-pool.js';

class Bench {
  readonly arena = new Arena();
  readonly pool = new SegmentPool(this.arena);
  readonly table = new HashTable(this.pool, this.arena, 1);
  private readonly hash = new KeyHash({ low: 1, high: 2 });

  find(key: string): number {
    const bytes = Buffer.from(key);
    return this.table.find(this.hash.of(bytes, 0, bytes.length), bytes, 0, bytes.length);
  }

  insert(key: string): number {
    const bytes = Buffer.from(key);
    const ref = this.arena.allocate(ENTRY_HEADER_BYTES + bytes.length);
    this.arena.words[chunkOf(ref)][wordOf(ref)] = entryMeta(bytes.length, ValueType.string, false);
    bytes.copy(this.arena.bytes[chunkOf(ref)], byteOf(ref) + ENTRY_HEADER_BYTES);
    this.table.insert(this.hash.of(bytes, 0, bytes.length), ref);
    return ref;
  }

  remove(key: string): void {
    const ref = this.find(key);
    this.table.remove(this.table.foundSegment, this.table.foundSlot);
    this.arena.free(ref);
  }
}

describe('HashTable', () => {
  it('costs less than a kilobyte while it is empty', () => {
    const { table } = new Bench();
    assert.ok(table.usedBytes < 1024);
    assert.equal(table.segmentCount, 0);
  });

  it('finds every key through splits and joins, like a Map', () => {
    const round = fc.record({
      insert: fc.integer({ min: 0, max: 6000 }),
      removeShare: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(round, { minLength: 1, maxLength: 4 }), (rounds) => {
        const bench = new Bench();
        const model = new Map<string, number>();
        let next = 0;
        for (const { insert, removeShare } of rounds) {
          for (let i = 0; i < insert; i++) model.set(`key:${next}`, bench.insert(`key:${next++}`));
          const removed = [...model.keys()].slice(0, Math.floor(model.size * removeShare));
          for (const key of removed) {
            bench.remove(key);
            model.delete(key);
          }
          assert.equal(bench.table.count, model.size);
          for (const [key, ref] of model) assert.equal(bench.find(key), ref);
          for (const key of removed) assert.equal(bench.find(key), 0);
        }
        for (const key of model.keys()) bench.remove(key);
        assert.equal(bench.table.segmentCount, 0);
        assert.equal(bench.pool.usedBytes, 0);
        assert.ok(bench.table.usedBytes < 1024, `${bench.table.usedBytes} bytes are left`);
      }),
      { numRuns: 12 },
    );
  });

  it('splits one segment at a time', () => {
    const bench = new Bench();
    let most = 0;
    for (let i = 0; i < 20_000; i++) {
      const before = bench.table.segmentCount;
      bench.insert(`key:${i}`);
      most = Math.max(most, bench.table.segmentCount - before);
    }
    assert.equal(most, 1);
  });

  it('tells the guard of a segment before it changes, once per epoch', () => {
    const bench = new Bench();
    for (let i = 0; i < 2000; i++) bench.insert(`key:${i}`);
    const told: number[] = [];
    bench.pool.guard = {
      epoch: ++bench.pool.epoch,
      capture: (owner, segment) => {
        assert.equal(owner, 1);
        bench.pool.versions[segment] = bench.pool.epoch;
        told.push(bench.pool.counts[segment]);
      },
    };
    const segments = bench.table.segmentCount;
    for (let i = 0; i < 2000; i++) bench.remove(`key:${i}`);
    assert.equal(told.length, segments);
    assert.equal(
      told.reduce((sum, count) => sum + count, 0),
      2000,
      'each segment was still whole when the guard was told',
    );
  });
});
