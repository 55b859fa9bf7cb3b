/**
 * One table with all that hangs on it: entries, deadlines, byte counts. A keyspace has one, and lets go of it as a whole
 * when it is cleared. Every change to what a snapshot could see tells the table first.
 */
import { EXPIRY_RECORD_BYTES } from '../storage/expiry-index.js';
import { HASH_SPACE, HashTable } from '../storage/hash-table.js';
import type { Shared } from './shared.js';

export class Dataset {
  readonly table: HashTable;
  /** Entries that have a deadline. */
  expiresCount = 0;
  /** Bytes of entries and external values. */
  entryBytes = 0;
  /** A snapshot has yet to pass it: must not be taken apart. */
  isPinned = false;
  private releasePosition = 0;

  /**
   * @param id Names it in expiry records; never used twice.
   * @param withDeadlines By id, kept by the datasets themselves: those that an expiry record can name.
   */
  constructor(
    private readonly shared: Shared,
    readonly id: number,
    readonly database: number,
    private readonly withDeadlines: Map<number, Dataset>,
  ) {
    this.table = new HashTable(shared.segments, shared.arena, id);
  }

  get usedBytes(): number {
    return this.entryBytes + this.table.usedBytes + this.expiresCount * EXPIRY_RECORD_BYTES;
  }

  /** Adds an entry whose key is not there. Throws OutOfMemoryError, having changed nothing: the entry is still the caller's. */
  insert(hash: number, ref: number): void {
    this.table.insert(hash, ref);
    this.entryBytes += this.shared.entries.footprint(ref);
  }

  /** Puts a new entry of the same key in the place of one in a slot, deadline included, and frees the old one. */
  replace(segment: number, slot: number, oldRef: number, newRef: number): void {
    const { entries, expiry } = this.shared;
    this.table.replace(segment, slot, newRef);
    entries.setAccessWord(newRef, entries.accessWord(oldRef));
    const record = entries.expiryRecord(oldRef);
    if (record !== 0) {
      entries.setExpiryRecord(newRef, record);
      expiry.moveTo(record, newRef);
    }
    this.entryBytes += entries.footprint(newRef) - entries.footprint(oldRef);
    entries.release(oldRef);
  }

  /** Removes and frees the entry in a slot. */
  remove(segment: number, slot: number, ref: number): void {
    this.table.remove(segment, slot);
    this.forget(ref);
  }

  /** Removes and frees an entry found otherwise than by its key. */
  removeRef(ref: number): void {
    if (this.table.findRef(this.shared.hashOf(ref), ref)) {
      this.remove(this.table.foundSegment, this.table.foundSlot, ref);
    }
  }

  /** Removes an entry whose value and deadline a new one, already in the table, takes over. */
  removeRenamed(hash: number, ref: number, renamed: number): void {
    const { entries, expiry } = this.shared;
    if (this.table.findRef(hash, ref)) this.table.remove(this.table.foundSegment, this.table.foundSlot);
    const record = entries.expiryRecord(ref);
    if (record !== 0) {
      entries.setExpiryRecord(renamed, record);
      expiry.moveTo(record, renamed);
    }
    this.entryBytes -= entries.footprint(ref);
    entries.releaseRenamed(ref);
  }

  /** @param hash The hash of the entry's key. */
  setDeadline(hash: number, ref: number, deadlineMs: number): void {
    const { entries, expiry } = this.shared;
    this.table.touchHash(hash);
    const record = entries.expiryRecord(ref);
    if (record !== 0) {
      expiry.update(record, deadlineMs);
      return;
    }
    entries.setExpiryRecord(ref, expiry.add(ref, this.id, deadlineMs));
    if (this.expiresCount++ === 0) this.withDeadlines.set(this.id, this);
  }

  /** Whether there was a deadline. */
  clearDeadline(hash: number, ref: number): boolean {
    const { entries } = this.shared;
    const record = entries.expiryRecord(ref);
    if (record === 0) return false;
    this.table.touchHash(hash);
    entries.setExpiryRecord(ref, 0);
    this.dropRecord(record);
    return true;
  }

  /** Frees one segment and its entries; false when there is none left. */
  releaseSegment(): boolean {
    const { table } = this;
    while (this.releasePosition < HASH_SPACE) {
      const position = this.releasePosition;
      const segment = table.segmentAt(position);
      this.releasePosition = table.rangeEndAt(position);
      if (segment === 0) continue;
      for (let slot = 0; slot < table.slotsOf(segment); slot++) {
        const ref = table.refAt(segment, slot);
        if (ref !== 0) this.forget(ref);
      }
      table.discard(position);
      return true;
    }
    return false;
  }

  private forget(ref: number): void {
    const { entries } = this.shared;
    const record = entries.expiryRecord(ref);
    if (record !== 0) this.dropRecord(record);
    this.entryBytes -= entries.footprint(ref);
    entries.release(ref);
  }

  private dropRecord(record: number): void {
    this.shared.expiry.remove(record);
    if (--this.expiresCount === 0) this.withDeadlines.delete(this.id);
  }
}
