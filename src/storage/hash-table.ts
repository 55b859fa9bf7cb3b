/**
 * One tenant's table: extendible hashing (Fagin et al. 1979; segments as in Dash, Lu et al. 2020). A directory over the high bits
 * of the hash names segments; a segment grows and is split alone, so no operation ever pays for a rehash of the table.
 */
import { chunkOf, wordOf, type Arena } from './arena.js';
import { entryHasKey } from './entry.js';
import { OutOfMemoryError } from './errors.js';
import type { SegmentPool } from './segment-pool.js';
import { closeGap, homeSlot, MAX_SLOTS, maxEntries, minEntries, placeEntry, SLOT_BYTES, slotsFor } from './slots.js';

const SPLIT_COUNT = maxEntries(MAX_SLOTS);
/** Two buddies with fewer entries than this become one: low enough that a split does not follow soon. */
const MERGE_COUNT = MAX_SLOTS / 4;
/** A directory has at least two places, since a shift by 32 bits is a shift by none. */
const MIN_DEPTH = 1;
const MAX_DEPTH = 24;
const HASH_BITS = 32;
export const HASH_SPACE = 2 ** HASH_BITS;

/** Slots that are looked at for an entry to prefetch: most are found within one cache line. */
const PREFETCH_PROBES = 8;
/** A word of a small entry that often lies in the cache line behind its first. */
const ENTRY_TAIL_WORD = 10;

export class HashTable {
  /** Entries in the table. */
  count = 0;
  segmentCount = 0;
  /** Where the last `find` ended: the slot of the entry, or of the gap where it would go. Valid until the next call. */
  foundSegment = 0;
  foundSlot = 0;

  private depth = MIN_DEPTH;
  private shift = HASH_BITS - MIN_DEPTH;
  private directory: Int32Array<ArrayBuffer> = new Int32Array(1 << MIN_DEPTH);
  /** Segments that only one place of the directory names: when there are none, it can be halved. */
  private deepestCount = 0;
  private segmentBytes = 0;

  /** @param owner Told to the snapshot guard together with a segment. */
  constructor(
    private readonly pool: SegmentPool,
    private readonly arena: Arena,
    readonly owner: number,
  ) {}

  /** Bytes of segments and directory. */
  get usedBytes(): number {
    return this.segmentBytes + this.directory.byteLength;
  }

  /** Ref of the entry with this key, or 0. */
  find(hash: number, key: Uint8Array, offset: number, length: number): number {
    const segment = this.directory[hash >>> this.shift];
    this.foundSegment = segment;
    if (segment === 0) return 0;
    const block = this.pool.refs[segment];
    const slots = this.pool.slots[segment];
    const words = this.arena.words[chunkOf(block)];
    const base = wordOf(block);
    for (let slot = homeSlot(hash, slots); ;) {
      const at = base + slot * 2;
      const ref = words[at + 1];
      if (ref === 0 || (words[at] === hash && entryHasKey(this.arena, ref, key, offset, length))) {
        this.foundSlot = slot;
        return ref;
      }
      if (++slot === slots) slot = 0;
    }
  }

  /**
   * Reads a word of where each entry with these hashes should be, and then of the entries themselves: the processor fetches
   * what does not depend on one another at the same time. Changes nothing; the answer only keeps the reads from being
   * optimized away.
   */
  prefetch(hashes: Int32Array, count: number, refs: Int32Array): number {
    if (this.count === 0) return 0;
    const { directory, shift } = this;
    const { refs: blocks, slots: slotCounts } = this.pool;
    let sink = 0;
    for (let index = 0; index < count; index++) {
      const hash = hashes[index];
      const segment = directory[hash >>> shift];
      const block = blocks[segment];
      sink ^= this.arena.words[chunkOf(block)][wordOf(block) + homeSlot(hash, slotCounts[segment]) * 2];
    }
    for (let index = 0; index < count; index++) {
      const hash = hashes[index];
      const segment = directory[hash >>> shift];
      const slots = slotCounts[segment];
      const words = this.arena.words[chunkOf(blocks[segment])];
      const base = wordOf(blocks[segment]);
      let slot = homeSlot(hash, slots);
      for (let probe = 0; probe < PREFETCH_PROBES && words[base + slot * 2] !== hash; probe++)
        if (++slot === slots) slot = 0;
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
    const slots = this.pool.slots[segment];
    const words = this.pool.wordsOf(segment);
    const base = this.pool.baseOf(segment);
    let slot = homeSlot(hash, slots);
    while (words[base + slot * 2 + 1] !== ref) {
      if (words[base + slot * 2 + 1] === 0) return false;
      if (++slot === slots) slot = 0;
    }
    this.foundSegment = segment;
    this.foundSlot = slot;
    return true;
  }

  /** Adds an entry whose key is not in the table. Throws OutOfMemoryError, having changed nothing. */
  insert(hash: number, ref: number): void {
    let segment = this.directory[hash >>> this.shift];
    if (segment === 0) segment = this.addFirstSegment();
    const { pool } = this;
    while (pool.counts[segment] >= maxEntries(pool.slots[segment])) {
      if (pool.counts[segment] >= SPLIT_COUNT) this.split(segment, hash);
      else this.resize(segment, slotsFor(pool.counts[segment] + 1));
      segment = this.directory[hash >>> this.shift];
    }
    this.touch(segment);
    placeEntry(pool.wordsOf(segment), pool.baseOf(segment), pool.slots[segment], hash, ref);
    pool.counts[segment]++;
    this.count++;
  }

  /** Lets a slot that `find` ended at name another entry of the same key. */
  replace(segment: number, slot: number, ref: number): void {
    this.touch(segment);
    this.pool.wordsOf(segment)[this.pool.baseOf(segment) + slot * 2 + 1] = ref;
  }

  /** Removes the entry in a slot that `find` ended at. */
  remove(segment: number, slot: number): void {
    this.touch(segment);
    const { pool } = this;
    const words = pool.wordsOf(segment);
    const base = pool.baseOf(segment);
    const hash = words[base + slot * 2];
    closeGap(words, base, pool.slots[segment], slot);
    this.count--;
    const left = --pool.counts[segment];
    if (left < MERGE_COUNT || left < minEntries(pool.slots[segment])) this.shrink(segment, hash);
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

  /** Slots of a segment: what may be asked for with `refAt` and `hashAt`. */
  slotsOf(segment: number): number {
    return this.pool.slots[segment];
  }

  /** Ref in a slot of a segment, or 0. */
  refAt(segment: number, slot: number): number {
    return this.pool.wordsOf(segment)[this.pool.baseOf(segment) + slot * 2 + 1];
  }

  /** Unsigned hash in a slot, meaningful when the slot is taken. */
  hashAt(segment: number, slot: number): number {
    return this.pool.wordsOf(segment)[this.pool.baseOf(segment) + slot * 2] >>> 0;
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

  /** Takes the segment at `position` out for good, as the last act of a table that is being taken apart. */
  discard(position: number): void {
    const segment = this.segmentAt(position);
    this.count -= this.pool.counts[segment];
    const end = this.rangeEndAt(position);
    const first = (end - this.rangeSizeAt(position)) / 2 ** this.shift;
    this.directory.fill(0, first, end / 2 ** this.shift);
    this.release(segment);
    if (this.segmentCount === 0) this.resetDirectory();
  }

  private touch(segment: number): void {
    const { guard, versions } = this.pool;
    if (guard !== undefined && versions[segment] < guard.epoch) guard.capture(this.owner, segment);
  }

  private release(segment: number): void {
    const before = this.pool.usedBytes;
    this.pool.release(segment);
    this.segmentBytes += this.pool.usedBytes - before;
    this.segmentCount--;
  }

  private addFirstSegment(): number {
    const before = this.pool.usedBytes;
    const segment = this.pool.allocate(this.owner, 0, slotsFor(1));
    this.directory.fill(segment);
    this.segmentBytes = this.pool.usedBytes - before;
    this.segmentCount = 1;
    return segment;
  }

  /** Gives the entries of a segment more or fewer slots. Throws OutOfMemoryError, having changed nothing. */
  private resize(segment: number, slots: number): void {
    const { pool } = this;
    const [before, oldSlots] = [pool.usedBytes, pool.slots[segment]];
    const old = pool.exchangeBlock(segment, slots);
    this.deal(old, oldSlots, segment, segment, 0);
    pool.freeBlock(old, oldSlots);
    this.segmentBytes += pool.usedBytes - before;
  }

  /** Splits the segment of `hash` by one more bit. Both halves keep its version. Throws OutOfMemoryError, all entries where they were. */
  private split(segment: number, hash: number): void {
    const { pool } = this;
    const depth = pool.depths[segment];
    if (depth >= MAX_DEPTH) throw new OutOfMemoryError('a table segment', MAX_SLOTS * SLOT_BYTES * 2 ** MAX_DEPTH);
    if (depth === this.depth) this.doubleDirectory();
    const [before, oldSlots] = [pool.usedBytes, pool.slots[segment]];
    const shift = HASH_BITS - 1 - depth;
    const upperCount = countWithBit(pool.wordsOf(segment), pool.baseOf(segment), oldSlots, shift);
    const lowerCount = pool.counts[segment] - upperCount;
    const upper = pool.allocate(this.owner, depth + 1, slotsFor(upperCount));
    const old = this.exchangeOrRelease(segment, slotsFor(lowerCount), upper);
    this.deal(old, oldSlots, segment, upper, shift);
    pool.freeBlock(old, oldSlots);
    pool.versions[upper] = pool.versions[segment];
    pool.depths[segment] = depth + 1;
    const span = 1 << (this.depth - depth - 1);
    const first = (hash >>> this.shift) & ~(2 * span - 1);
    this.directory.fill(upper, first + span, first + 2 * span);
    if (depth + 1 === this.depth) this.deepestCount += 2;
    this.segmentCount++;
    this.segmentBytes += pool.usedBytes - before;
  }

  private exchangeOrRelease(segment: number, slots: number, other: number): number {
    try {
      return this.pool.exchangeBlock(segment, slots);
    } catch (error) {
      this.pool.release(other);
      throw error;
    }
  }

  /** Places the entries of a block in one of two segments, by the bit of their hashes that `shift` brings to the end. */
  private deal(block: number, slots: number, lower: number, upper: number, shift: number): void {
    const { pool } = this;
    const words = this.arena.words[chunkOf(block)];
    const base = wordOf(block);
    const [lowerWords, lowerBase, lowerSlots] = [pool.wordsOf(lower), pool.baseOf(lower), pool.slots[lower]];
    const [upperWords, upperBase, upperSlots] = [pool.wordsOf(upper), pool.baseOf(upper), pool.slots[upper]];
    let [lowerCount, upperCount] = [0, 0];
    for (let at = base; at < base + slots * 2; at += 2) {
      const ref = words[at + 1];
      if (ref === 0) continue;
      const hash = words[at];
      if (lower === upper || ((hash >>> shift) & 1) === 0) {
        placeEntry(lowerWords, lowerBase, lowerSlots, hash, ref);
        lowerCount++;
      } else {
        placeEntry(upperWords, upperBase, upperSlots, hash, ref);
        upperCount++;
      }
    }
    pool.counts[lower] += lowerCount;
    pool.counts[upper] += upperCount;
  }

  private setDirectory(directory: Int32Array<ArrayBuffer>, depth: number): void {
    this.pool.directoryBytes += directory.byteLength - this.directory.byteLength;
    this.directory = directory;
    this.depth = depth;
    this.shift = HASH_BITS - depth;
    this.deepestCount = 0;
  }

  private resetDirectory(): void {
    this.setDirectory(new Int32Array(1 << MIN_DEPTH), MIN_DEPTH);
  }

  private doubleDirectory(): void {
    const doubled = new Int32Array(this.directory.length * 2);
    for (let i = 0; i < doubled.length; i++) doubled[i] = this.directory[i >>> 1];
    this.setDirectory(doubled, this.depth + 1);
  }

  /** After a removal: gives an emptied table's segment back, joins a sparse segment with its buddy, or takes slots from it. */
  private shrink(segment: number, hash: number): void {
    const { pool } = this;
    if (this.count === 0 && pool.depths[segment] === 0) {
      this.release(segment);
      this.resetDirectory();
      return;
    }
    try {
      if (this.mergeWithBuddy(segment, hash)) this.shrink(segment, hash);
      else if (pool.counts[segment] < minEntries(pool.slots[segment])) this.takeSlots(segment);
    } catch (error) {
      // Without room for a smaller block the larger one stays: nothing has changed, and no removal may fail.
      if (!(error instanceof OutOfMemoryError)) throw error;
    }
  }

  /** Leaves room for a quarter more, so that the segment does not grow again at once. */
  private takeSlots(segment: number): void {
    const slots = slotsFor(Math.ceil(this.pool.counts[segment] * 1.25));
    if (slots < this.pool.slots[segment]) this.resize(segment, slots);
  }

  private mergeWithBuddy(segment: number, hash: number): boolean {
    const { pool } = this;
    const depth = pool.depths[segment];
    if (depth === 0) return false;
    const span = 1 << (this.depth - depth);
    const first = (hash >>> this.shift) & ~(span - 1);
    const buddy = this.directory[first ^ span];
    if (pool.depths[buddy] !== depth || pool.counts[segment] + pool.counts[buddy] >= MERGE_COUNT) return false;
    this.merge(segment, buddy, first & ~span, span);
    return true;
  }

  private merge(segment: number, buddy: number, first: number, span: number): void {
    const { pool } = this;
    this.touch(segment);
    this.touch(buddy);
    const total = pool.counts[segment] + pool.counts[buddy];
    if (total > maxEntries(pool.slots[segment])) this.resize(segment, slotsFor(total));
    if (pool.depths[segment] === this.depth) this.deepestCount -= 2;
    pool.depths[segment]--;
    pool.versions[segment] = Math.min(pool.versions[segment], pool.versions[buddy]);
    this.directory.fill(segment, first, first + 2 * span);
    this.deal(pool.refs[buddy], pool.slots[buddy], segment, segment, 0);
    this.release(buddy);
    if (this.deepestCount === 0 && this.depth > MIN_DEPTH) this.halveDirectory();
  }

  private halveDirectory(): void {
    const halved = this.directory.filter((_, place) => (place & 1) === 0);
    this.setDirectory(halved, this.depth - 1);
    for (const segment of halved) if (this.pool.depths[segment] === this.depth) this.deepestCount++;
  }
}

/** How many of the entries in some slots have a hash with the bit that `shift` brings to the end. */
function countWithBit(words: Int32Array, base: number, slots: number, shift: number): number {
  let count = 0;
  for (let at = base; at < base + slots * 2; at += 2) if (words[at + 1] !== 0) count += (words[at] >>> shift) & 1;
  return count;
}
