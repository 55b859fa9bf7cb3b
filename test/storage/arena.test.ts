import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Arena, byteOf, CHUNK_BYTES, chunkOf, PAGE_BYTES, wordOf } from '../../src/storage/arena.js';
import { OutOfMemoryError } from '../../src/storage/errors.js';
import { MAX_BLOCK_BYTES } from '../../src/storage/size-classes.js';

interface Block {
  readonly ref: number;
  readonly sizeBytes: number;
  readonly mark: number;
}

function fill(arena: Arena, block: Block): void {
  const start = byteOf(block.ref);
  arena.bytes[chunkOf(block.ref)].fill(block.mark, start, start + block.sizeBytes);
}

function assertIntact(arena: Arena, block: Block): void {
  const start = byteOf(block.ref);
  const bytes = arena.bytes[chunkOf(block.ref)].subarray(start, start + block.sizeBytes);
  assert.ok(
    bytes.every((byte) => byte === block.mark),
    `block ${block.ref} of ${block.sizeBytes} bytes was overwritten`,
  );
}

const size = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: MAX_BLOCK_BYTES }));
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('allocate' as const), size }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('free' as const), pick: fc.nat() }) },
);

describe('Arena', () => {
  it('never hands out overlapping blocks, and counts back to zero', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const arena = new Arena();
        const live: Block[] = [];
        let expectedBytes = 0;
        steps.forEach((action, index) => {
          if (action.kind === 'allocate') {
            const block = { ref: arena.allocate(action.size), sizeBytes: action.size, mark: (index % 255) + 1 };
            assert.ok(block.ref > 0 && arena.blockBytes(block.ref) >= action.size);
            expectedBytes += arena.blockBytes(block.ref);
            fill(arena, block);
            live.push(block);
          } else if (live.length > 0) {
            const [block] = live.splice(action.pick % live.length, 1);
            assertIntact(arena, block);
            expectedBytes -= arena.blockBytes(block.ref);
            arena.free(block.ref);
          }
          assert.equal(arena.usedBytes, expectedBytes);
        });
        for (const block of live) assertIntact(arena, block);
        for (const block of live) arena.free(block.ref);
        assert.equal(arena.usedBytes, 0);
      }),
      { numRuns: 60 },
    );
  });

  it('names the same place by bytes and by words', () => {
    const arena = new Arena();
    const ref = arena.allocate(16);
    arena.words[chunkOf(ref)][wordOf(ref)] = 0x01010101;
    assert.deepEqual([...arena.bytes[chunkOf(ref)].subarray(byteOf(ref), byteOf(ref) + 4)], [1, 1, 1, 1]);
  });

  it('lets another size class use the pages that ran empty', () => {
    const arena = new Arena();
    const small = Array.from({ length: 40_000 }, () => arena.allocate(64));
    const reservedBytes = arena.reservedBytes;
    for (const ref of small) arena.free(ref);
    assert.equal(arena.reservedBytes, PAGE_BYTES, 'one empty page is kept for the class');
    const large = Array.from({ length: 16 }, () => arena.allocate(MAX_BLOCK_BYTES));
    assert.equal(arena.reservedBytes, PAGE_BYTES * 9);
    assert.ok(arena.reservedBytes <= reservedBytes);
    assert.ok(large.every((ref) => chunkOf(ref) === 0));
  });

  it('gives whole chunks back once they are free', () => {
    const arena = new Arena();
    const blocks = Array.from({ length: (CHUNK_BYTES * 3) / MAX_BLOCK_BYTES }, () => arena.allocate(MAX_BLOCK_BYTES));
    const bytesHeld = (): number => arena.bytes.reduce((sum, chunk) => sum + chunk.length, 0);
    assert.ok(bytesHeld() > CHUNK_BYTES * 3);
    for (const ref of blocks) arena.free(ref);
    assert.equal(bytesHeld(), CHUNK_BYTES);
    assert.equal(chunkOf(arena.allocate(MAX_BLOCK_BYTES)), 0);
  });

  it('refuses with OutOfMemoryError at its limit, and goes on after something was freed', () => {
    const arena = new Arena(4 * PAGE_BYTES);
    const blocks = Array.from({ length: 8 }, () => arena.allocate(MAX_BLOCK_BYTES));
    assert.throws(() => arena.allocate(1), OutOfMemoryError);
    assert.equal(arena.usedBytes, 8 * MAX_BLOCK_BYTES);
    arena.free(blocks[0]);
    arena.free(blocks[1]);
    assert.ok(arena.allocate(1) > 0, 'the page that its class kept empty serves another class');
  });

  it('refuses sizes that no class holds', () => {
    assert.throws(() => new Arena().allocate(MAX_BLOCK_BYTES + 1), RangeError);
    assert.throws(() => new Arena().allocate(0), RangeError);
  });
});
