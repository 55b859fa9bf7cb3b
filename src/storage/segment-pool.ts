/**
 * The segments of all hash tables: blocks of the arena, of the size that their entries need, with their figures in columns beside.
 * A segment is named by a positive number; 0 is "none".
 */
import { chunkOf, wordOf, type Arena } from './arena.js';
import { OutOfMemoryError } from './errors.js';
import { MAX_SLOTS, SLOT_BYTES, WORDS_PER_SLOT } from './slots.js';

const INITIAL_SEGMENTS = 512;
/** Bounds the columns; far more than the refs of an arena can fill. */
const MAX_SEGMENTS = 1 << 24;

/** Is told before a segment changes whose version is below the guard's epoch. */
export interface SegmentGuard {
  readonly epoch: number;
  /** @param owner The owner of the table that the segment is in. */
  capture(owner: number, segment: number): void;
}

export class SegmentPool {
  /** Per segment: its block in the arena, and how many slots that holds. */
  refs = new Int32Array(INITIAL_SEGMENTS);
  slots = new Uint16Array(INITIAL_SEGMENTS);
  /** Per segment: entries in it. */
  counts = new Int32Array(INITIAL_SEGMENTS);
  /** Per segment: how many high bits of the hash its entries share. */
  depths = new Uint8Array(INITIAL_SEGMENTS);
  /** Per segment: the epoch that its content was last known to be captured in. */
  versions = new Int32Array(INITIAL_SEGMENTS);
  /** Per segment: the owner of the table that it is in. */
  owners = new Int32Array(INITIAL_SEGMENTS);
  /** Version that new segments get. */
  epoch = 0;
  /** Set while a snapshot runs. */
  guard: SegmentGuard | undefined;
  /** Bytes of the segments in use, which are part of what the arena has handed out. */
  usedBytes = 0;
  /** Bytes of the directories of all tables. */
  directoryBytes = 0;

  private nextSegment = 1;
  private readonly released: number[] = [];

  constructor(private readonly arena: Arena) {}

  /** No segment has a higher number; those given back are empty. */
  get highest(): number {
    return this.nextSegment - 1;
  }

  /** The words that a segment's slots are in, from `baseOf` on. */
  wordsOf(segment: number): Int32Array {
    return this.arena.words[chunkOf(this.refs[segment])];
  }

  /** Word offset of the segment's first slot. */
  baseOf(segment: number): number {
    return wordOf(this.refs[segment]);
  }

  /** An empty segment of the current epoch. Throws OutOfMemoryError, having changed nothing. */
  allocate(owner: number, depth: number, slots: number): number {
    if (this.released.length === 0 && this.nextSegment >= this.refs.length) this.growColumns();
    const ref = this.allocateBlock(slots);
    const segment = this.released.pop() ?? this.nextSegment++;
    this.refs[segment] = ref;
    this.slots[segment] = slots;
    this.counts[segment] = 0;
    this.depths[segment] = depth;
    this.owners[segment] = owner;
    this.versions[segment] = this.epoch;
    return segment;
  }

  /** Gives a segment an empty block of another size; the old one is the caller's to free. Throws OutOfMemoryError, having changed nothing. */
  exchangeBlock(segment: number, slots: number): number {
    const old = this.refs[segment];
    this.refs[segment] = this.allocateBlock(slots);
    this.slots[segment] = slots;
    this.counts[segment] = 0;
    return old;
  }

  /** Takes back a segment, whatever is in it. */
  release(segment: number): void {
    this.freeBlock(this.refs[segment], this.slots[segment]);
    this.refs[segment] = 0;
    this.slots[segment] = 0;
    this.counts[segment] = 0;
    this.released.push(segment);
  }

  freeBlock(ref: number, slots: number): void {
    this.arena.free(ref);
    this.usedBytes -= slots * SLOT_BYTES;
  }

  private allocateBlock(slots: number): number {
    const ref = this.arena.allocate(slots * SLOT_BYTES);
    const base = wordOf(ref);
    this.arena.words[chunkOf(ref)].fill(0, base, base + slots * WORDS_PER_SLOT);
    this.usedBytes += slots * SLOT_BYTES;
    return ref;
  }

  private growColumns(): void {
    const capacity = this.refs.length * 2;
    if (capacity > MAX_SEGMENTS) throw new OutOfMemoryError('a table segment', MAX_SEGMENTS * MAX_SLOTS * SLOT_BYTES);
    this.refs = copyInto(new Int32Array(capacity), this.refs);
    this.slots = copyInto(new Uint16Array(capacity), this.slots);
    this.counts = copyInto(new Int32Array(capacity), this.counts);
    this.depths = copyInto(new Uint8Array(capacity), this.depths);
    this.versions = copyInto(new Int32Array(capacity), this.versions);
    this.owners = copyInto(new Int32Array(capacity), this.owners);
  }
}

function copyInto<T extends Int32Array | Uint16Array | Uint8Array>(target: T, source: T): T {
  target.set(source);
  return target;
}
