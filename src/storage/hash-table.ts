/**
 * One tenant's table: extendible hashing (Fagin et al. 1979; segments as in Dash, Lu et al. 2020). A directory over the high bits
 * of the hash names segments; a full segment is split alone, so no operation ever pays for a rehash of the table.
 * Within a segment: linear probing from the low bits of the hash, backward-shift deletion.
 */
import { chunkOf, wordOf, type Arena } from './arena.js';
import { entryHasKey } from './entry.js';
import { OutOfMemoryError } from './errors.js';
import { SEGMENT_BYTES, SLOTS_PER_SEGMENT, type SegmentPool } from './segment-pool.js';

const SLOT_MASK = SLOTS_PER_SEGMENT - 1;
/** Split at 80 %: probes for an absent key get long beyond. */
const SPLIT_COUNT = Math.floor(SLOTS_PER_SEGMENT * 0.8);
/** Two buddies with fewer entries than this become one: low enough that a split does not follow soon. */
const MERGE_COUNT = Math.floor(SLOTS_PER_SEGMENT * 0.2);
/** A directory has at least two places, since a shift by 32 bits is a shift by none. */
const MIN_DEPTH = 1;
const MAX_DEPTH = 24;
const HASH_BITS = 32;
export const HASH_SPACE = 2 ** HASH_BITS;

/** Slots that are looked at for an entry to prefetch: most are found within one cache line. */
const PREFETCH_PROBES = 8;
/** A word of a small entry that often lies in the cache line behind its first. */
const ENTRY_TAIL_WORD = 10;

/** Entries on their way from one segment to two. */
const scratch = new Int32Array(SLOTS_PER_SEGMENT * 2);

export class HashTable {
  /** Entries in the table. */
  count = 0;
  segmentCount = 0;
  /** Where the last `find` ended: the slot of the entry, or of the gap where it would go. Valid until the next call. */
  foundSegment = 0;
  foundSlot = 0;

  private depth = MIN_DEPTH;
  private shift = HASH_BITS - MIN_DEPTH;
  private directory = new Int32Array(1 << MIN_DEPTH);
  /** Segments that only one place of the directory names: when there are none, it can be halved. */
  private deepestCount = 0;

  /** @param owner Told to the snapshot guard together with a segment. */
  constructor(
    private readonly pool: SegmentPool,
    private readonly arena: Arena,
    readonly owner: number,
  ) {}

  /** Bytes of segments and directory. */
  get usedBytes(): number {
    return this.segmentCount * SEGMENT_BYTES + this.directory.byteLength;
  }

  /** Ref of the entry with this key, or 0. */
  find(hash: number, key: Uint8Array, offset: number, length: number): number {
    const segment = this.directory[hash >>> this.shift];
    this.foundSegment = segment;
    if (segment === 0) return 0;
    const { pool } = this;
    const words = pool.slabs[pool.slabOf(segment)];
    const base = pool.baseOf(segment);
    for (let slot = hash & SLOT_MASK; ; slot = (slot + 1) & SLOT_MASK) {
      const at = base + slot * 2;
      const ref = words[at + 1];
      if (ref === 0 || (words[at] === hash && entryHasKey(this.arena, ref, key, offset, length))) {
        this.foundSlot = slot;
        return ref;
      }
    }
  }

  /**
   * Reads a word of where each entry with these hashes should be, and then of the entries themselves: the processor fetches
   * what does not depend on one another at the same time. Changes nothing; the answer only keeps the reads from being
   * optimized away.
   */
  prefetch(hashes: Int32Array, count: number, refs: Int32Array): number {
    if (this.count === 0) return 0;
    const { pool, directory, shift } = this;
    let sink = 0;
    for (let index = 0; index < count; index++) {
      const hash = hashes[index];
      const segment = directory[hash >>> shift];
      sink ^= pool.slabs[pool.slabOf(segment)][pool.baseOf(segment) + (hash & SLOT_MASK) * 2];
    }
    for (let index = 0; index < count; index++) {
      const hash = hashes[index];
      const segment = directory[hash >>> shift];
      const words = pool.slabs[pool.slabOf(segment)];
      const base = pool.baseOf(segment);
      let slot = hash & SLOT_MASK;
      for (let probe = 0; probe < PREFETCH_PROBES && words[base + slot * 2] !== hash; probe++)
        slot = (slot + 1) & SLOT_MASK;
      refs[index] = words[base + slot * 2 + 1];
    }
    for (let index = 0; index < count; index++) {
      const ref = refs[index];
      const words = this.arena.words[chunkOf(ref)];
      const word = wordOf(ref);
      sink ^= words[word] ^ words[word + ENTRY_TAIL_WORD];
    }
    return sink;
  }

  /** Moves `foundSegment` and `foundSlot` to the entry with this ref; false when it is not in the table. */
  findRef(hash: number, ref: number): boolean {
    const segment = this.directory[hash >>> this.shift];
    if (segment === 0) return false;
    const words = this.pool.slabs[this.pool.slabOf(segment)];
    const base = this.pool.baseOf(segment);
    let slot = hash & SLOT_MASK;
    for (; words[base + slot * 2 + 1] !== ref; slot = (slot + 1) & SLOT_MASK) {
      if (words[base + slot * 2 + 1] === 0) return false;
    }
    this.foundSegment = segment;
    this.foundSlot = slot;
    return true;
  }

  /** Adds an entry whose key is not in the table. Throws OutOfMemoryError, having changed nothing. */
  insert(hash: number, ref: number): void {
    let segment = this.directory[hash >>> this.shift];
    if (segment === 0) segment = this.addFirstSegment();
    while (this.pool.counts[segment] >= SPLIT_COUNT) {
      this.split(segment, hash);
      segment = this.directory[hash >>> this.shift];
    }
    this.touch(segment);
    this.place(segment, hash, ref);
    this.count++;
  }

  /** Lets a slot that `find` ended at name another entry of the same key. */
  replace(segment: number, slot: number, ref: number): void {
    this.touch(segment);
    this.pool.slabs[this.pool.slabOf(segment)][this.pool.baseOf(segment) + slot * 2 + 1] = ref;
  }

  /** Removes the entry in a slot that `find` ended at. */
  remove(segment: number, slot: number): void {
    this.touch(segment);
    const words = this.pool.slabs[this.pool.slabOf(segment)];
    const base = this.pool.baseOf(segment);
    const hash = words[base + slot * 2];
    closeGap(words, base, slot);
    this.count--;
    if (--this.pool.counts[segment] < MERGE_COUNT) this.shrink(segment, hash);
  }

  /** To be called before an entry with this hash changes where it lies: a running snapshot may want it first. */
  touchHash(hash: number): void {
    if (this.pool.guard === undefined) return;
    const segment = this.directory[hash >>> this.shift];
    if (segment !== 0) this.touch(segment);
  }

  /** Segment that holds the hashes around `position` (0 <= position < HASH_SPACE), or 0. */
  segmentAt(position: number): number {
    return this.directory[position >>> this.shift];
  }

  /** End of the range of hashes (unsigned, half-open) that the segment at `position` covers. */
  rangeEndAt(position: number): number {
    const size = this.rangeSizeAt(position);
    return (Math.floor(position / size) + 1) * size;
  }

  /** How many hashes the segment at `position` covers. */
  rangeSizeAt(position: number): number {
    const segment = this.segmentAt(position);
    return 2 ** (HASH_BITS - (segment === 0 ? 0 : this.pool.depths[segment]));
  }

  /** Ref in a slot of a segment, or 0. */
  refAt(segment: number, slot: number): number {
    return this.pool.slabs[this.pool.slabOf(segment)][this.pool.baseOf(segment) + slot * 2 + 1];
  }

  /** Unsigned hash in a slot, meaningful when the slot is taken. */
  hashAt(segment: number, slot: number): number {
    return this.pool.slabs[this.pool.slabOf(segment)][this.pool.baseOf(segment) + slot * 2] >>> 0;
  }

  /**
   * A uniformly chosen segment, or 0 when the choice hit none (then try again). A segment named by many places of
   * the directory counts only at the first of them, so that all are equally likely.
   * @param random Gives numbers in [0, 1).
   */
  randomSegment(random: () => number): number {
    const place = Math.floor(random() * this.directory.length);
    const segment = this.directory[place];
    if (segment === 0) return 0;
    const span = 1 << (this.depth - this.pool.depths[segment]);
    return (place & (span - 1)) === 0 ? segment : 0;
  }

  /** Takes the segment at `position` out for good, wiping it, as the last act of a table that is being taken apart. */
  discard(position: number): void {
    const segment = this.segmentAt(position);
    this.count -= this.pool.counts[segment];
    this.segmentCount--;
    const end = this.rangeEndAt(position);
    const first = (end - this.rangeSizeAt(position)) / 2 ** this.shift;
    this.directory.fill(0, first, end / 2 ** this.shift);
    this.pool.wipe(segment);
    this.pool.release(segment);
  }

  private touch(segment: number): void {
    const { guard, versions } = this.pool;
    if (guard !== undefined && versions[segment] < guard.epoch) guard.capture(this.owner, segment);
  }

  private place(segment: number, hash: number, ref: number): void {
    const words = this.pool.slabs[this.pool.slabOf(segment)];
    const base = this.pool.baseOf(segment);
    let slot = hash & SLOT_MASK;
    while (words[base + slot * 2 + 1] !== 0) slot = (slot + 1) & SLOT_MASK;
    words[base + slot * 2] = hash;
    words[base + slot * 2 + 1] = ref;
    this.pool.counts[segment]++;
  }

  private addFirstSegment(): number {
    const segment = this.pool.allocate(0);
    this.directory.fill(segment);
    this.segmentCount = 1;
    return segment;
  }

  /** Splits the segment of `hash` by one more bit. Both halves keep its version. */
  private split(segment: number, hash: number): void {
    const { pool } = this;
    const depth = pool.depths[segment];
    if (depth >= MAX_DEPTH) throw new OutOfMemoryError('a table segment', SEGMENT_BYTES * 2 ** MAX_DEPTH);
    if (depth === this.depth) this.doubleDirectory();
    const upper = pool.allocate(depth + 1);
    pool.versions[upper] = pool.versions[segment];
    pool.depths[segment] = depth + 1;
    this.segmentCount++;
    if (depth + 1 === this.depth) this.deepestCount += 2;
    const span = 1 << (this.depth - depth - 1);
    const first = (hash >>> this.shift) & ~(2 * span - 1);
    this.directory.fill(upper, first + span, first + 2 * span);
    this.deal(segment);
  }

  /** Places the entries of a segment anew, each in the segment that the directory now names. */
  private deal(segment: number): void {
    const words = this.pool.slabs[this.pool.slabOf(segment)];
    const base = this.pool.baseOf(segment);
    scratch.set(words.subarray(base, base + scratch.length));
    this.pool.wipe(segment);
    for (let at = 0; at < scratch.length; at += 2) {
      const hash = scratch[at];
      if (scratch[at + 1] !== 0) this.place(this.directory[hash >>> this.shift], hash, scratch[at + 1]);
    }
  }

  private doubleDirectory(): void {
    const doubled = new Int32Array(this.directory.length * 2);
    for (let i = 0; i < doubled.length; i++) doubled[i] = this.directory[i >>> 1];
    this.directory = doubled;
    this.depth++;
    this.shift--;
    this.deepestCount = 0;
  }

  /** After a removal: gives an emptied table's segment back, or joins a sparse segment with its buddy. */
  private shrink(segment: number, hash: number): void {
    const { pool } = this;
    const depth = pool.depths[segment];
    if (depth === 0) {
      if (this.count > 0) return;
      pool.release(segment);
      this.segmentCount = 0;
      this.directory.fill(0);
      return;
    }
    const span = 1 << (this.depth - depth);
    const first = (hash >>> this.shift) & ~(span - 1);
    const buddy = this.directory[first ^ span];
    if (pool.depths[buddy] === depth && pool.counts[segment] + pool.counts[buddy] < MERGE_COUNT) {
      this.merge(segment, buddy, first & ~span, span);
      this.shrink(segment, hash);
    }
  }

  private merge(segment: number, buddy: number, first: number, span: number): void {
    const { pool } = this;
    this.touch(segment);
    this.touch(buddy);
    if (pool.depths[segment] === this.depth) this.deepestCount -= 2;
    pool.depths[segment]--;
    pool.versions[segment] = Math.min(pool.versions[segment], pool.versions[buddy]);
    this.directory.fill(segment, first, first + 2 * span);
    this.deal(buddy);
    pool.release(buddy);
    this.segmentCount--;
    if (this.deepestCount === 0 && this.depth > MIN_DEPTH) this.halveDirectory();
  }

  private halveDirectory(): void {
    this.directory = this.directory.filter((_, place) => (place & 1) === 0);
    this.depth--;
    this.shift++;
    for (const segment of this.directory) if (this.pool.depths[segment] === this.depth) this.deepestCount++;
  }
}

/** Empties a slot and moves later entries of its run up, so that no probe ends too early. */
function closeGap(words: Int32Array, base: number, slot: number): void {
  let gap = slot;
  for (let next = (slot + 1) & SLOT_MASK; ; next = (next + 1) & SLOT_MASK) {
    const at = base + next * 2;
    if (words[at + 1] === 0) break;
    const home = words[at] & SLOT_MASK;
    if (((next - home) & SLOT_MASK) < ((next - gap) & SLOT_MASK)) continue;
    words[base + gap * 2] = words[at];
    words[base + gap * 2 + 1] = words[at + 1];
    gap = next;
  }
  words[base + gap * 2] = 0;
  words[base + gap * 2 + 1] = 0;
}
