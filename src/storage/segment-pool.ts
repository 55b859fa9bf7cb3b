/**
 * The segments of all hash tables: ranges of a few large Int32Arrays, a hash and a ref side by side per slot, so that a
 * lookup touches one cache line and no object. A segment is named by a positive number; 0 is "none".
 */
import { OutOfMemoryError } from './errors.js';

export const SLOTS_PER_SEGMENT = 1024;
/** Two 32-bit words per slot. */
export const SEGMENT_BYTES = SLOTS_PER_SEGMENT * 8;
const SEGMENT_WORDS = SLOTS_PER_SEGMENT * 2;
const SLAB_SHIFT = 9;
const SEGMENTS_PER_SLAB = 1 << SLAB_SHIFT;
const IN_SLAB_MASK = SEGMENTS_PER_SLAB - 1;
/** Bounds the metadata; far more than the refs of an arena can fill. */
const MAX_SEGMENTS = 1 << 24;

/** Is told before a segment changes whose version is below the guard's epoch. */
export interface SegmentGuard {
  readonly epoch: number;
  /** @param owner The owner of the table that the segment is in. */
  capture(owner: number, segment: number): void;
}

export class SegmentPool {
  /** Slots of SEGMENTS_PER_SLAB segments each; see `slabOf` and `baseOf`. */
  readonly slabs: Int32Array[] = [];
  /** Per segment: entries in it. */
  counts = new Int32Array(SEGMENTS_PER_SLAB);
  /** Per segment: how many high bits of the hash its entries share. */
  depths = new Uint8Array(SEGMENTS_PER_SLAB);
  /** Per segment: the epoch that its content was last known to be captured in. */
  versions = new Int32Array(SEGMENTS_PER_SLAB);
  /** Version that new segments get. */
  epoch = 0;
  /** Set while a snapshot runs. */
  guard: SegmentGuard | undefined;

  private nextSegment = 1;
  private readonly released: number[] = [];

  /** Bytes of the segments in use. */
  get usedBytes(): number {
    return (this.nextSegment - 1 - this.released.length) * SEGMENT_BYTES;
  }

  /** Index into `slabs`. */
  slabOf(segment: number): number {
    return segment >>> SLAB_SHIFT;
  }

  /** Word offset of the segment's first slot in its slab. */
  baseOf(segment: number): number {
    return (segment & IN_SLAB_MASK) * SEGMENT_WORDS;
  }

  /** An empty segment of the current epoch. Throws OutOfMemoryError. */
  allocate(depth: number): number {
    const segment = this.released.pop() ?? this.fresh();
    this.counts[segment] = 0;
    this.depths[segment] = depth;
    this.versions[segment] = this.epoch;
    return segment;
  }

  /** Takes back a segment, whose slots must all be empty: that spares clearing it again. */
  release(segment: number): void {
    this.released.push(segment);
  }

  /** Empties every slot. */
  wipe(segment: number): void {
    const base = this.baseOf(segment);
    this.slabs[this.slabOf(segment)].fill(0, base, base + SEGMENT_WORDS);
    this.counts[segment] = 0;
  }

  private fresh(): number {
    const segment = this.nextSegment;
    if (segment >= MAX_SEGMENTS) throw new OutOfMemoryError('a table segment', MAX_SEGMENTS * SEGMENT_BYTES);
    const slab = this.slabOf(segment);
    try {
      if (slab === this.slabs.length) this.slabs.push(new Int32Array(SEGMENTS_PER_SLAB * SEGMENT_WORDS));
      if (segment >= this.counts.length) this.growMetadata();
    } catch (error) {
      throw new OutOfMemoryError('a table segment', MAX_SEGMENTS * SEGMENT_BYTES, error);
    }
    this.nextSegment++;
    return segment;
  }

  private growMetadata(): void {
    const capacity = this.counts.length * 2;
    const counts = new Int32Array(capacity);
    const depths = new Uint8Array(capacity);
    const versions = new Int32Array(capacity);
    counts.set(this.counts);
    depths.set(this.depths);
    versions.set(this.versions);
    this.counts = counts;
    this.depths = depths;
    this.versions = versions;
  }
}
