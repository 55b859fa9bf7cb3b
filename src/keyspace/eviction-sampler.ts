/**
 * Draws entries at random, each with nearly the same chance: from all keyspaces together, or from one. A draw takes entries of a few slots
 * side by side, since hashes have spread them already: that costs two cache lines of the table, where single slots would cost one each.
 */
import { MAX_SLOTS } from '../storage/slots.js';
import type { DatasetRegistry } from './dataset-registry.js';
import type { Dataset } from './dataset.js';
import type { Shared } from './shared.js';

/** Slots of a draw: two cache lines. */
const WINDOW_SLOTS = 16;
/** Random places that are looked at in a draw before it gives up. */
const MAX_TRIES = 64;
/** Deadlines or segments that are gone through in a draw that chance has left empty. */
const MAX_WALK = 1024;

/** Where an evictor gets its candidates from. */
export interface EvictionSampler {
  /** What the last draw found: `count` entries. */
  readonly count: number;
  readonly datasets: readonly Dataset[];
  readonly hashes: readonly number[];
  readonly refs: readonly number[];
  /** Draws about `wanted` entries, only such with a deadline if `isVolatile`. May find none although there are some. */
  draw(wanted: number, isVolatile: boolean): void;
  /** Draws the entry whose deadline is next, where the index of deadlines tells it, else about `wanted` with a deadline. */
  drawEarliest(wanted: number): void;
  hasCandidates(isVolatile: boolean): boolean;
  isInUse(dataset: Dataset): boolean;
}

abstract class Sampler implements EvictionSampler {
  count = 0;
  readonly datasets: Dataset[] = [];
  readonly hashes: number[] = [];
  readonly refs: number[] = [];
  /** Where the deadlines, or the segments, are walked from when chance finds nothing. */
  private walkFrom = 0;

  constructor(protected readonly shared: Shared) {}

  abstract draw(wanted: number, isVolatile: boolean): void;
  abstract drawEarliest(wanted: number): void;
  abstract hasCandidates(isVolatile: boolean): boolean;
  abstract isInUse(dataset: Dataset): boolean;

  /** Takes the entries of some slots. */
  protected takeWindow(dataset: Dataset, segment: number, wanted: number, isVolatile: boolean): void {
    const { random, entries } = this.shared;
    const { table } = dataset;
    const first = Math.floor(random() * (MAX_SLOTS / WINDOW_SLOTS)) * WINDOW_SLOTS;
    // Of a smaller segment most draws are lost, or its entries would be likelier than others.
    if (first >= table.slotsOf(segment)) return;
    // In an order of their own for every draw: what comes late in a window that is full would never be taken otherwise.
    const start = Math.floor(random() * WINDOW_SLOTS);
    const stride = 1 + 2 * Math.floor((random() * WINDOW_SLOTS) / 2);
    for (let step = 0; step < WINDOW_SLOTS && this.count < wanted; step++) {
      const slot = first + ((start + step * stride) & (WINDOW_SLOTS - 1));
      const ref = table.refAt(segment, slot);
      if (ref === 0 || (isVolatile && entries.expiryRecord(ref) === 0)) continue;
      this.take(dataset, table.hashAt(segment, slot) | 0, ref);
    }
  }

  /** Goes through segments, some at a time, for one that has entries: chance finds hardly any when most are empty. */
  protected takeByWalk(wanted: number): void {
    const { segments } = this.shared;
    for (let step = 0; step < MAX_WALK && this.count === 0 && segments.highest > 0; step++) {
      const segment = (this.walkFrom = (this.walkFrom % segments.highest) + 1);
      const dataset = segments.counts[segment] === 0 ? undefined : this.datasetOf(segments.owners[segment]);
      if (dataset === undefined) continue;
      for (let slot = 0; slot < dataset.table.slotsOf(segment) && this.count < wanted; slot++) {
        const ref = dataset.table.refAt(segment, slot);
        if (ref !== 0) this.take(dataset, dataset.table.hashAt(segment, slot) | 0, ref);
      }
    }
  }

  /** Takes entries from random places of the index of deadlines. */
  protected takeFromDeadlines(wanted: number): void {
    const { random, expiry } = this.shared;
    for (let tries = 0; tries < MAX_TRIES && this.count < wanted && expiry.size > 0; tries++) {
      this.takeDeadlineAt(Math.floor(random() * expiry.size));
    }
    if (this.count > 0) return;
    // Nearly all deadlines belong to others: they are gone through in order, some at a time.
    for (let step = 0; step < MAX_WALK && this.count === 0 && expiry.size > 0; step++) {
      this.walkFrom = (this.walkFrom + 1) % expiry.size;
      this.takeDeadlineAt(this.walkFrom);
    }
  }

  protected takeDeadlineAt(position: number): void {
    const { expiry } = this.shared;
    const record = expiry.recordAt(position);
    const dataset = this.datasetOf(expiry.owner(record));
    const ref = expiry.ref(record);
    if (dataset !== undefined) this.take(dataset, this.shared.hashOf(ref), ref);
  }

  protected abstract datasetOf(owner: number): Dataset | undefined;

  private take(dataset: Dataset, hash: number, ref: number): void {
    this.datasets[this.count] = dataset;
    this.hashes[this.count] = hash;
    this.refs[this.count++] = ref;
  }
}

/** Draws from all keyspaces in use. */
export class StoreSampler extends Sampler {
  constructor(
    shared: Shared,
    private readonly registry: DatasetRegistry,
  ) {
    super(shared);
  }

  draw(wanted: number, isVolatile: boolean): void {
    this.count = 0;
    if (isVolatile) this.takeFromDeadlines(wanted);
    else this.takeFromSegments(wanted);
  }

  drawEarliest(wanted: number): void {
    this.count = 0;
    if (this.shared.expiry.size > 0) this.takeDeadlineAt(0);
    // It may be of a dataset that is being freed.
    if (this.count === 0) this.draw(wanted, true);
  }

  hasCandidates(isVolatile: boolean): boolean {
    return isVolatile ? this.shared.expiry.size > 0 : this.shared.segments.usedBytes > 0;
  }

  isInUse(dataset: Dataset): boolean {
    return this.datasetOf(dataset.id) === dataset;
  }

  protected datasetOf(owner: number): Dataset | undefined {
    return this.registry.find(owner);
  }

  /** The segments of all tables are numbered together: a random one of them is anybody's. */
  private takeFromSegments(wanted: number): void {
    const { segments, random } = this.shared;
    for (let tries = 0; tries < MAX_TRIES && this.count < wanted; tries++) {
      const segment = 1 + Math.floor(random() * segments.highest);
      if (segments.counts[segment] === 0) continue;
      const dataset = this.datasetOf(segments.owners[segment]);
      if (dataset !== undefined) this.takeWindow(dataset, segment, wanted, false);
    }
    if (this.count === 0) this.takeByWalk(wanted);
  }
}

/** Draws from one keyspace, whose dataset is another one after it was cleared. */
export class KeyspaceSampler extends Sampler {
  constructor(
    shared: Shared,
    private readonly current: () => Dataset,
  ) {
    super(shared);
  }

  draw(wanted: number, isVolatile: boolean): void {
    this.count = 0;
    const dataset = this.current();
    const { table } = dataset;
    if (!this.hasCandidates(isVolatile)) return;
    const { random } = this.shared;
    // Deadlines of all keyspaces are in one index: whichever is smaller, it or the table, holds more of what is looked for.
    const usesDeadlines = isVolatile && this.shared.expiry.size <= table.count;
    for (let tries = 0; !usesDeadlines && tries < MAX_TRIES && this.count < wanted; tries++) {
      const segment = table.randomSegment(random);
      if (segment !== 0) this.takeWindow(dataset, segment, wanted, isVolatile);
    }
    if (this.count > 0) return;
    if (isVolatile) this.takeFromDeadlines(wanted);
    else this.takeByWalk(wanted);
  }

  drawEarliest(wanted: number): void {
    this.draw(wanted, true);
  }

  hasCandidates(isVolatile: boolean): boolean {
    const dataset = this.current();
    return (isVolatile ? dataset.expiresCount : dataset.table.count) > 0;
  }

  isInUse(dataset: Dataset): boolean {
    return dataset === this.current();
  }

  protected datasetOf(owner: number): Dataset | undefined {
    const dataset = this.current();
    return dataset.id === owner ? dataset : undefined;
  }
}
