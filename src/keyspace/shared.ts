/** What the keyspaces of one node share: memory, the hash of keys, deadlines, time and role. */
import type { AccessMeasure } from '../config/eviction-policy.js';
import { Arena } from '../storage/arena.js';
import { ExpiryIndex } from '../storage/expiry-index.js';
import { KeyHash, type HashSeed } from '../storage/hash.js';
import { ObjectTable } from '../storage/object-table.js';
import { SegmentPool } from '../storage/segment-pool.js';
import { AccessClock } from './access-clock.js';
import { Entries } from './entries.js';

export interface StoreOptions {
  /** Limit of the arena; external values and tables come on top. */
  readonly maxArenaBytes?: number | undefined;
  /** For tests that need the same order of keys in every run. */
  readonly hashSeed?: HashSeed | undefined;
  /** Gives numbers in [0, 1), for what is decided by sampling. */
  readonly random?: (() => number) | undefined;
}

export class Shared {
  readonly arena: Arena;
  readonly segments: SegmentPool;
  readonly expiry = new ExpiryIndex();
  readonly objects = new ObjectTable();
  readonly entries: Entries;
  readonly keyHash: KeyHash;
  readonly prefetchRefs = new Int32Array(32);
  /** A master deletes the expired keys it comes across; a replica hides them and waits for the master's DEL. */
  isMaster = true;
  /** While its master's stream is applied, a replica sees what the master saw: nothing is expired until the DEL comes. */
  appliesStream = false;
  /** A master removes nothing by itself: what has expired is hidden. */
  isFrozen = false;
  readonly access: AccessClock;
  /** What accesses are remembered by in keyspaces that do not say so themselves. */
  measure: AccessMeasure = 'recency';
  /** Keys that are looked at for each one that is evicted (maxmemory-samples). */
  evictionSamples = 5;
  readonly random: () => number;
  private currentMs = 0;

  constructor(options: StoreOptions) {
    this.arena = new Arena(options.maxArenaBytes);
    this.segments = new SegmentPool(this.arena);
    this.entries = new Entries(this.arena, this.objects);
    this.keyHash = new KeyHash(options.hashSeed);
    this.random = options.random ?? Math.random;
    this.access = new AccessClock(this.random);
  }

  /** Milliseconds since the epoch, set once per batch of commands. */
  get nowMs(): number {
    return this.currentMs;
  }

  set nowMs(ms: number) {
    this.currentMs = ms;
    this.access.setTime(ms);
  }

  /** Whether what has expired is removed where it is found. */
  get removesExpired(): boolean {
    return this.isMaster && !this.isFrozen;
  }

  /** As `usedBytes`, but whole pages of the arena: what is held for the data. */
  get reservedBytes(): number {
    return this.usedBytes - this.arena.usedBytes + this.arena.reservedBytes;
  }

  get usedBytes(): number {
    return this.arena.usedBytes + this.segments.directoryBytes + this.expiry.usedBytes + this.objects.usedBytes;
  }

  /** Hash of an entry's key, from the arena. */
  hashOf(ref: number): number {
    const { entries } = this;
    return this.keyHash.of(entries.keyBuffer(ref), entries.keyOffset(ref), entries.keyLength(ref));
  }

  /** Whether an entry's deadline has come. At the deadline itself a key is expired. */
  isExpired(ref: number): boolean {
    const record = this.entries.expiryRecord(ref);
    return record !== 0 && this.expiry.deadline(record) <= this.currentMs;
  }
}
