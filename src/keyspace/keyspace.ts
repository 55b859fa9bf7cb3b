/**
 * One tenant's keys. Bytes come and go as (buffer, offset, length); a key is named by the ref of its entry, an int32 > 0
 * that is valid until the next write. Times are milliseconds since the epoch.
 */
import { measureOf, type AccessMeasure, type EvictionPolicy } from '../config/eviction-policy.js';
import { copyRange } from '../storage/byte-range.js';
import { MAX_KEY_BYTES } from '../storage/entry.js';
import { EXPIRY_RECORD_BYTES } from '../storage/expiry-index.js';
import type { DatasetRegistry } from './dataset-registry.js';
import type { Dataset } from './dataset.js';
import { EntryView } from './entry-view.js';
import { KeyTooLongError } from './errors.js';
import { KeyspaceSampler } from './eviction-sampler.js';
import { Evictor, type EvictionOutcome } from './evictor.js';
import type { GrowthGuard } from './growth-guard.js';
import type { KeyObserver } from './key-observer.js';
import { randomEntry, scanTable, walkTable } from './scan.js';
import type { Shared } from './shared.js';

const NO_BYTES = Buffer.alloc(0);

/** Told of a key that a master removed because its deadline has come. */
export type ExpiredListener = (keyspace: Keyspace, key: Buffer) => void;

/** Told of a key that a master removed to make room. */
export type EvictedListener = (keyspace: Keyspace, key: Buffer) => void;

/** Who is told of the keys that no caller removed. */
export interface RemovalListeners {
  readonly expired: ExpiredListener;
  readonly evicted: EvictedListener;
}

/** What a keyspace may hold at the most. */
export interface KeyspaceBounds {
  /** Bytes, as `usedBytes` counts them. */
  readonly maxBytes: number;
  readonly maxKeys: number;
}

export class Keyspace extends EntryView {
  /** Grows with every change made by a caller, so that it sees whether a command changed anything. */
  dirty = 0;
  /** `find` calls that found a key, and that did not. */
  hits = 0;
  misses = 0;
  /** Keys that a master removed because their deadline had come. */
  expiredKeys = 0;
  /** Keys that a master removed to make room. */
  evictedKeys = 0;
  /** Set where the tenant has limits for its keys. */
  quota: GrowthGuard | undefined;
  /** Told of every change; undefined while nobody cares. */
  observer: KeyObserver | undefined;
  /** Keeps `prefetch` from being optimized away. */
  prefetched = 0;
  private dataset: Dataset;
  private measure: AccessMeasure;
  private isMarking = true;
  /** What an access leaves in the entry; undefined while nothing is to be left. */
  private marking: AccessMeasure | undefined;
  private evictor: Evictor | undefined;

  constructor(
    shared: Shared,
    private readonly registry: DatasetRegistry,
    /** The tenant's database number. */
    readonly database: number,
    private readonly listeners: RemovalListeners,
  ) {
    super(shared);
    this.dataset = registry.create(database);
    this.marking = this.measure = shared.measure;
  }

  /** Keys, including those that are expired and not yet removed. */
  get size(): number {
    return this.dataset.table.count;
  }

  /** Keys with a deadline. */
  get expiresCount(): number {
    return this.dataset.expiresCount;
  }

  /** Bytes of entries, values, deadlines and the table. */
  get usedBytes(): number {
    return this.dataset.usedBytes;
  }

  /** The time that deadlines are held against. One value for the whole store. */
  get nowMs(): number {
    return this.shared.nowMs;
  }

  set nowMs(ms: number) {
    this.shared.nowMs = ms;
  }

  /** Ref of a key, 0 when there is none or its deadline has come. Counts as a read. */
  find(key: Uint8Array, offset: number, length: number): number {
    const ref = this.lookup(this.shared.keyHash.of(key, offset, length), key, offset, length);
    if (ref === 0) {
      this.misses++;
      return 0;
    }
    this.hits++;
    this.mark(ref);
    return ref;
  }

  /** As `find`, but leaves no trace in the entry: what tells of a key does not use it (TYPE, TTL, EXISTS, OBJECT). */
  peek(key: Uint8Array, offset: number, length: number): number {
    const ref = this.lookup(this.shared.keyHash.of(key, offset, length), key, offset, length);
    if (ref === 0) this.misses++;
    else this.hits++;
    return ref;
  }

  /** What accesses are remembered by: recency, or frequency for an LFU policy. What entries remember so far is converted. */
  get accessMeasure(): AccessMeasure {
    return this.measure;
  }

  set accessMeasure(measure: AccessMeasure) {
    this.measure = measure;
    this.marksAccess = this.isMarking;
  }

  /** Set to false while a client runs commands that leaves no trace of its accesses (CLIENT NO-TOUCH). */
  get marksAccess(): boolean {
    return this.isMarking;
  }

  set marksAccess(isMarking: boolean) {
    this.isMarking = isMarking;
    this.marking = isMarking ? this.measure : undefined;
  }

  private mark(ref: number): void {
    const { entries, access } = this.shared;
    if (this.marking === 'recency') entries.setAccessWord(ref, access.tick);
    else if (this.marking === 'frequency') entries.setAccessWord(ref, access.countedWord(entries.accessWord(ref)));
  }

  private markNew(ref: number): void {
    this.shared.entries.setAccessWord(ref, this.shared.access.initialWord(this.measure));
  }

  /**
   * Fetches into the processor's caches what lookups of these keys will read, and works out their hashes for `expectKey`.
   * A key of no length is left out.
   */
  prefetch(bytes: Uint8Array, offsets: Int32Array, lengths: Int32Array, count: number, hashes: Int32Array): void {
    const { keyHash } = this.shared;
    keyHash.forget();
    for (let index = 0; index < count; index++) hashes[index] = keyHash.of(bytes, offsets[index], lengths[index]);
    this.prefetched = this.dataset.table.prefetch(hashes, count, this.shared.prefetchRefs);
  }

  /** The next lookups are of the key at this place, whose hash `prefetch` worked out. */
  expectKey(bytes: Uint8Array, offset: number, hash: number): void {
    this.shared.keyHash.expect(bytes, offset, hash);
  }

  /** What `expectKey` said holds no longer, since the memory of the keys is reused. */
  forgetKeys(): void {
    this.shared.keyHash.forget();
  }

  /** As `find`, but neither counts as a read nor marks the access. */
  findForWrite(key: Uint8Array, offset: number, length: number): number {
    return this.lookup(this.shared.keyHash.of(key, offset, length), key, offset, length);
  }

  /**
   * Sets a key to a string, whether it exists or not; drops its deadline unless `keepTtl`. Returns the ref.
   * Throws KeyTooLongError and OutOfMemoryError, having changed nothing.
   */
  setString(
    key: Uint8Array,
    keyOffset: number,
    keyLength: number,
    value: Uint8Array,
    valueOffset: number,
    valueLength: number,
    keepTtl: boolean,
  ): number {
    const { entries } = this.shared;
    const hash = this.shared.keyHash.of(key, keyOffset, keyLength);
    const existing = this.lookupToChange(hash, key, keyOffset, keyLength);
    let ref = existing;
    if (existing === 0) {
      checkKeyLength(keyLength);
      ref = entries.create(key, keyOffset, keyLength, value, valueOffset, valueLength);
      this.insert(hash, ref);
      this.markNew(ref);
    } else {
      this.dataset.table.touchHash(hash);
      if (!entries.assign(existing, value, valueOffset, valueLength)) {
        ref = entries.create(key, keyOffset, keyLength, value, valueOffset, valueLength);
        this.replaceFound(existing, ref);
      }
      if (!keepTtl) this.dataset.clearDeadline(hash, ref);
      this.mark(ref);
    }
    this.dirty++;
    if (this.observer !== undefined) this.observer.keyChanged(key, keyOffset, keyLength);
    return ref;
  }

  /** Sets the value of an existing key and keeps its deadline. Returns the ref, which may be another one. */
  replaceValue(
    key: Uint8Array,
    keyOffset: number,
    keyLength: number,
    ref: number,
    value: Uint8Array,
    offset: number,
    length: number,
  ): number {
    if (this.shared.segments.guard === undefined && this.shared.entries.assign(ref, value, offset, length)) {
      this.mark(ref);
      this.dirty++;
      if (this.observer !== undefined) this.observer.keyChanged(key, keyOffset, keyLength);
      return ref;
    }
    return this.setString(key, keyOffset, keyLength, value, offset, length, true);
  }

  /** Adds bytes to the end of a value, making the key if there is none; keeps its deadline. Returns the new length in bytes. */
  append(
    key: Uint8Array,
    keyOffset: number,
    keyLength: number,
    value: Uint8Array,
    offset: number,
    length: number,
  ): number {
    const { entries } = this.shared;
    const ref = this.findForWrite(key, keyOffset, keyLength);
    if (ref === 0) {
      this.setString(key, keyOffset, keyLength, value, offset, length, true);
      return length;
    }
    const oldLength = entries.valueLength(ref);
    const opened = this.openExisting(key, keyOffset, keyLength, oldLength + length);
    const target = entries.valueBuffer(opened);
    copyRange(value, offset, target, entries.valueOffset(opened) + oldLength, length);
    return oldLength + length;
  }

  /**
   * Opens a value to be changed where it lies (`valueBuffer`, `valueOffset`), at least `length` bytes long: what it lacks is
   * added as zeros, and a key that does not exist is made. Keeps the deadline. Returns the ref, valid until the next write.
   */
  openValue(key: Uint8Array, keyOffset: number, keyLength: number, length: number): number {
    const { entries } = this.shared;
    let ref = this.findForWrite(key, keyOffset, keyLength);
    if (ref === 0) {
      this.admitGrowth(length);
      ref = this.setString(key, keyOffset, keyLength, NO_BYTES, 0, 0, true);
    }
    const oldLength = entries.valueLength(ref);
    const opened = this.openExisting(key, keyOffset, keyLength, Math.max(oldLength, length));
    if (length > oldLength) entries.zeroGrown(opened, oldLength, length);
    return opened;
  }

  /** Says of a value that it was opened and left as it was: Redis keeps it in another form from then on (OBJECT ENCODING). */
  markOpened(ref: number): void {
    this.shared.entries.markGrown(ref);
  }

  /** Says of a value that it is text even where it reads as an integer (OBJECT ENCODING). */
  markText(ref: number): void {
    this.shared.entries.markText(ref);
  }

  private openExisting(key: Uint8Array, keyOffset: number, keyLength: number, newLength: number): number {
    const { entries } = this.shared;
    const hash = this.shared.keyHash.of(key, keyOffset, keyLength);
    let ref = this.lookupToChange(hash, key, keyOffset, keyLength);
    this.admitGrowth(newLength - entries.valueLength(ref));
    this.dataset.table.touchHash(hash);
    const before = entries.footprint(ref);
    if (newLength === entries.valueLength(ref) || entries.grow(ref, newLength)) {
      this.dataset.entryBytes += entries.footprint(ref) - before;
    } else {
      const grown = entries.createGrown(ref, newLength);
      this.replaceFound(ref, grown);
      ref = grown;
    }
    entries.markGrown(ref);
    this.mark(ref);
    this.dirty++;
    if (this.observer !== undefined) this.observer.keyChanged(key, keyOffset, keyLength);
    return ref;
  }

  /** What a master has let grow, its replicas let grow as well. */
  private admitGrowth(bytes: number): void {
    if (this.quota !== undefined && bytes > 0 && this.shared.isMaster) this.quota.admitGrowth(this, bytes);
  }

  /** Whether there was such a key (one whose deadline has come does not count). */
  remove(key: Uint8Array, offset: number, length: number): boolean {
    const ref = this.lookupToChange(this.shared.keyHash.of(key, offset, length), key, offset, length);
    if (ref === 0) return false;
    const { table } = this.dataset;
    this.dataset.remove(table.foundSegment, table.foundSlot, ref);
    this.dirty++;
    if (this.observer !== undefined) this.observer.keyChanged(key, offset, length);
    return true;
  }

  /** Gives a key another name, with value and deadline, in place of a key that has it; false when there is none to rename. */
  rename(
    from: Uint8Array,
    fromOffset: number,
    fromLength: number,
    to: Uint8Array,
    toOffset: number,
    toLength: number,
  ): boolean {
    const source = this.findForWrite(from, fromOffset, fromLength);
    if (source === 0) return false;
    checkKeyLength(toLength);
    const { entries, keyHash } = this.shared;
    const { table } = this.dataset;
    const toHash = keyHash.of(to, toOffset, toLength);
    const target = table.find(toHash, to, toOffset, toLength);
    this.dirty++;
    if (target === source) return true;
    const renamed = entries.createRenamed(to, toOffset, toLength, source);
    entries.setAccessWord(renamed, entries.accessWord(source));
    this.mark(renamed);
    if (target !== 0) this.dataset.remove(table.foundSegment, table.foundSlot, target);
    this.dataset.insert(toHash, renamed);
    this.dataset.removeRenamed(keyHash.of(from, fromOffset, fromLength), source, renamed);
    if (this.observer !== undefined) {
      this.observer.keyChanged(from, fromOffset, fromLength);
      this.observer.keyChanged(to, toOffset, toLength);
    }
    return true;
  }

  /** Gives a key the value and the deadline of another one, in place of what it has. */
  copy(source: number, to: Uint8Array, toOffset: number, toLength: number): void {
    const { entries } = this.shared;
    const deadlineMs = this.deadline(source);
    const form = entries.form(source);
    const value = entries.valueBuffer(source);
    const ref = this.setString(
      to,
      toOffset,
      toLength,
      value,
      entries.valueOffset(source),
      entries.valueLength(source),
      false,
    );
    entries.setForm(ref, form);
    if (deadlineMs >= 0) this.setDeadline(to, toOffset, toLength, ref, deadlineMs);
  }

  /** Sets when a key expires (ms since the epoch). */
  setDeadline(key: Uint8Array, offset: number, length: number, ref: number, deadlineMs: number): void {
    this.dataset.setDeadline(this.shared.keyHash.of(key, offset, length), ref, deadlineMs);
    this.mark(ref);
    this.dirty++;
    if (this.observer !== undefined) this.observer.keyChanged(key, offset, length);
  }

  /** Lets a key live for ever; false when it did already. */
  clearDeadline(ref: number): boolean {
    const hadDeadline = this.dataset.clearDeadline(this.shared.hashOf(ref), ref);
    if (!hadDeadline) return false;
    this.dirty++;
    if (this.observer !== undefined) this.noteChange(this.keyOf(ref));
    return true;
  }

  /**
   * Visits about `count` keys and returns the cursor to go on from; 0 is the start, and the end. A key that is there
   * during the whole scan is visited exactly once. Nothing may be written while visiting.
   * @param cursor An unsigned 32-bit number.
   */
  scan(cursor: number, count: number, visit: (ref: number) => void): number {
    return scanTable(this.dataset.table, this.shared.segments, cursor >>> 0, count, (ref) => {
      if (!this.isHidden(ref)) visit(ref);
    });
  }

  /** Visits every key. Nothing may be written while visiting. */
  forEach(visit: (ref: number) => void): void {
    walkTable(this.dataset.table, 0, (ref) => {
      if (!this.isHidden(ref)) visit(ref);
      return true;
    });
  }

  /**
   * Some key, each equally likely; undefined when there is none.
   * @param random Gives numbers in [0, 1).
   */
  randomKey(random: () => number): Buffer | undefined {
    const ref = randomEntry(this.dataset.table, random, (candidate) => !this.isHidden(candidate));
    return ref === 0 ? undefined : this.keyOf(ref);
  }

  /** Bytes that a key takes: its entry and value, its part of the table, and its deadline. */
  memoryUsage(ref: number): number {
    const { entries } = this.shared;
    const deadlineBytes = entries.expiryRecord(ref) === 0 ? 0 : EXPIRY_RECORD_BYTES;
    return entries.footprint(ref) + Math.ceil(this.dataset.table.usedBytes / this.size) + deadlineBytes;
  }

  /**
   * Removes keys of this keyspace, chosen by the policy, until it holds no more than it may or the time is up; see
   * EvictionOutcome. Refs, and what a lookup has found, are invalid afterwards: not to be called amid a command.
   */
  evictUntil({ maxBytes, maxKeys }: KeyspaceBounds, policy: EvictionPolicy, budgetMs: number): EvictionOutcome {
    if (!this.shared.removesExpired) return 'done';
    const measure = measureOf(policy);
    if (measure !== this.measure) this.accessMeasure = measure;
    this.evictor ??= new Evictor(this.shared, new KeyspaceSampler(this.shared, () => this.dataset), this);
    return this.evictor.run(maxBytes, maxKeys, policy, budgetMs);
  }

  /** Removes a key of the dataset in use to make room, and tells who listens. */
  evict(dataset: Dataset, hash: number, ref: number): void {
    const key = this.keyOf(ref);
    const { table } = dataset;
    if (!table.findRef(hash, ref)) throw new Error(`no entry ${ref} to evict`);
    dataset.remove(table.foundSegment, table.foundSlot, ref);
    this.evictedKeys++;
    this.noteChange(key);
    this.listeners.evicted(this, key);
  }

  /** Sets its counters back to zero. */
  resetStatistics(): void {
    this.hits = this.misses = this.expiredKeys = this.evictedKeys = 0;
  }

  /** Removes every key at once; the memory comes back through `Store.freeSome`. */
  clear(): void {
    if (this.size === 0) return;
    this.observer?.allRemoved();
    this.registry.detach(this.dataset);
    this.dataset = this.registry.create(this.database);
    this.dirty++;
  }

  /** The keys as a whole, for what works on tables (snapshots, expiry). */
  get currentDataset(): Dataset {
    return this.dataset;
  }

  private lookup(hash: number, key: Uint8Array, offset: number, length: number): number {
    const ref = this.dataset.table.find(hash, key, offset, length);
    return ref !== 0 && this.isHidden(ref) ? this.expireFound(ref) : ref;
  }

  /** As `lookup`, but finds what a replica hides: a change that its master sent is for the key as it lies there. */
  private lookupToChange(hash: number, key: Uint8Array, offset: number, length: number): number {
    const ref = this.dataset.table.find(hash, key, offset, length);
    return ref !== 0 && this.shared.isMaster && this.isHidden(ref) ? this.removeExpired(ref) : ref;
  }

  private isHidden(ref: number): boolean {
    return this.shared.isExpired(ref) && !this.shared.appliesStream;
  }

  /** What a lookup answers for an expired key, 0; a master removes it first, unless nothing is to change. */
  private expireFound(ref: number): number {
    return this.shared.removesExpired ? this.removeExpired(ref) : 0;
  }

  private removeExpired(ref: number): number {
    const key = this.keyOf(ref);
    const { table } = this.dataset;
    this.dataset.remove(table.foundSegment, table.foundSlot, ref);
    this.noteChange(key);
    this.listeners.expired(this, key);
    return 0;
  }

  /** Tells the observer of a key that was found otherwise than by a caller's bytes. */
  noteChange(key: Buffer): void {
    this.observer?.keyChanged(key, 0, key.length);
  }

  /** Whether a key can be seen; nothing is counted, marked or removed. */
  isVisible(key: Uint8Array, offset: number, length: number): boolean {
    const ref = this.dataset.table.find(this.shared.keyHash.of(key, offset, length), key, offset, length);
    return ref !== 0 && !this.isHidden(ref);
  }

  private insert(hash: number, ref: number): void {
    try {
      this.dataset.insert(hash, ref);
    } catch (error) {
      this.shared.entries.release(ref);
      throw error;
    }
  }

  private replaceFound(oldRef: number, newRef: number): void {
    const { table } = this.dataset;
    this.dataset.replace(table.foundSegment, table.foundSlot, oldRef, newRef);
  }
}

function checkKeyLength(lengthBytes: number): void {
  if (lengthBytes > MAX_KEY_BYTES) throw new KeyTooLongError(lengthBytes);
}
