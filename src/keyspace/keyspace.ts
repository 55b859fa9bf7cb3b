/**
 * One tenant's keys. Bytes come and go as (buffer, offset, length); a key is named by the ref of its entry, an int32 > 0
 * that is valid until the next write. Times are milliseconds since the epoch.
 */
import { copyRange } from '../storage/byte-range.js';
import { MAX_KEY_BYTES } from '../storage/entry.js';
import type { DatasetRegistry } from './dataset-registry.js';
import type { Dataset } from './dataset.js';
import { EntryView } from './entry-view.js';
import { KeyTooLongError } from './errors.js';
import { randomEntry, scanTable, walkTable } from './scan.js';
import type { Shared } from './shared.js';

/** Told of a key that a master removed because its deadline has come. */
export type ExpiredListener = (keyspace: Keyspace, key: Buffer) => void;

export class Keyspace extends EntryView {
  /** Grows with every change made by a caller, so that it sees whether a command changed anything. */
  dirty = 0;
  /** `find` calls that found a key, and that did not. */
  hits = 0;
  misses = 0;
  /** Keeps `prefetch` from being optimized away. */
  prefetched = 0;
  private dataset: Dataset;

  constructor(
    shared: Shared,
    private readonly registry: DatasetRegistry,
    /** The tenant's database number. */
    readonly database: number,
    private readonly reportExpired: ExpiredListener,
  ) {
    super(shared);
    this.dataset = registry.create(database);
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
    this.shared.entries.markAccess(ref, this.shared.nowSeconds);
    return ref;
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
    } else {
      this.dataset.table.touchHash(hash);
      if (!entries.assign(existing, value, valueOffset, valueLength)) {
        ref = entries.create(key, keyOffset, keyLength, value, valueOffset, valueLength);
        this.replaceFound(existing, ref);
      }
      if (!keepTtl) this.dataset.clearDeadline(hash, ref);
    }
    entries.markAccess(ref, this.shared.nowSeconds);
    this.dirty++;
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
      this.dirty++;
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
    if (ref === 0) ref = this.setString(key, keyOffset, keyLength, Buffer.alloc(length), 0, length, true);
    const oldLength = entries.valueLength(ref);
    const opened = this.openExisting(key, keyOffset, keyLength, Math.max(oldLength, length));
    if (length > oldLength) {
      const start = entries.valueOffset(opened);
      entries.valueBuffer(opened).fill(0, start + oldLength, start + length);
    }
    return opened;
  }

  private openExisting(key: Uint8Array, keyOffset: number, keyLength: number, newLength: number): number {
    const { entries } = this.shared;
    const hash = this.shared.keyHash.of(key, keyOffset, keyLength);
    let ref = this.lookupToChange(hash, key, keyOffset, keyLength);
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
    entries.markAccess(ref, this.shared.nowSeconds);
    this.dirty++;
    return ref;
  }

  /** Whether there was such a key (one whose deadline has come does not count). */
  remove(key: Uint8Array, offset: number, length: number): boolean {
    const ref = this.lookupToChange(this.shared.keyHash.of(key, offset, length), key, offset, length);
    if (ref === 0) return false;
    const { table } = this.dataset;
    this.dataset.remove(table.foundSegment, table.foundSlot, ref);
    this.dirty++;
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
    if (target !== 0) this.dataset.remove(table.foundSegment, table.foundSlot, target);
    this.dataset.insert(toHash, renamed);
    this.dataset.removeRenamed(keyHash.of(from, fromOffset, fromLength), source, renamed);
    entries.markAccess(renamed, this.shared.nowSeconds);
    return true;
  }

  /** Gives a key the value and the deadline of another one, in place of what it has. */
  copy(source: number, to: Uint8Array, toOffset: number, toLength: number): void {
    const { entries } = this.shared;
    const deadlineMs = this.deadline(source);
    const isGrown = entries.isGrown(source);
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
    if (isGrown) entries.markGrown(ref);
    if (deadlineMs >= 0) this.setDeadline(to, toOffset, toLength, ref, deadlineMs);
  }

  /** Sets when a key expires (ms since the epoch). */
  setDeadline(key: Uint8Array, offset: number, length: number, ref: number, deadlineMs: number): void {
    this.dataset.setDeadline(this.shared.keyHash.of(key, offset, length), ref, deadlineMs);
    this.dirty++;
  }

  /** Lets a key live for ever; false when it did already. */
  clearDeadline(ref: number): boolean {
    const hadDeadline = this.dataset.clearDeadline(this.shared.hashOf(ref), ref);
    if (hadDeadline) this.dirty++;
    return hadDeadline;
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

  /** Removes every key at once; the memory comes back through `Store.freeSome`. */
  clear(): void {
    if (this.size === 0) return;
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
    return ref !== 0 && this.shared.isMaster && this.isHidden(ref) ? this.expireFound(ref) : ref;
  }

  private isHidden(ref: number): boolean {
    return this.shared.isExpired(ref) && !this.shared.appliesStream;
  }

  /** What a lookup answers for an expired key, 0; a master removes it first. */
  private expireFound(ref: number): number {
    if (!this.shared.isMaster) return 0;
    const key = this.keyOf(ref);
    const { table } = this.dataset;
    this.dataset.remove(table.foundSegment, table.foundSlot, ref);
    this.reportExpired(this, key);
    return 0;
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
