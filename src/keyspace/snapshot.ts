/**
 * A point-in-time snapshot with no fork and no second copy: tables are walked segment by segment, and a segment that the walk
 * has not reached is handed over before it changes (versions per segment, as in Dragonfly).
 */
import { messageOf } from '../errors.js';
import { HASH_SPACE } from '../storage/hash-table.js';
import type { SegmentGuard } from '../storage/segment-pool.js';
import type { Dataset } from './dataset.js';
import type { Shared } from './shared.js';

/** Takes the entries as they were when the snapshot began, in no particular order. */
export interface SnapshotSink {
  /** The ref may be read (`Store.entries`) until this returns. Nothing may be written or looked up by key meanwhile. */
  entry(database: number, ref: number): void;
}

export class Snapshot implements SegmentGuard {
  readonly epoch: number;
  private readonly databases = new Map<number, number>();
  private readonly beganAtMs: number;
  private datasetIndex = 0;
  private position = 0;
  private isOver = false;
  private failure: Error | undefined;

  /** Begins at once. @param onEnd Called once, when it is done, aborted or has failed. */
  constructor(
    private readonly shared: Shared,
    private readonly datasets: readonly Dataset[],
    private readonly sink: SnapshotSink,
    private readonly onEnd: () => void,
  ) {
    this.beganAtMs = shared.nowMs;
    this.epoch = ++shared.segments.epoch;
    for (const dataset of datasets) {
      this.databases.set(dataset.id, dataset.database);
      dataset.isPinned = true;
    }
    shared.segments.guard = this;
  }

  /**
   * Hands over segments until the time is up; false when all is handed over. Throws what the sink threw, also when that was
   * in the middle of a write; the snapshot is over then.
   */
  step(budgetMs: number): boolean {
    const deadline = performance.now() + budgetMs;
    while (!this.isOver) {
      if (!this.captureNext()) this.end();
      else if (performance.now() >= deadline) break;
    }
    if (this.failure !== undefined) throw this.failure;
    return !this.isOver;
  }

  /** Ends the snapshot early. What the sink has got by then is incomplete. */
  abort(): void {
    if (!this.isOver) this.end();
  }

  /** Hands over a segment that is about to change, or that the walk has come to. */
  capture(owner: number, segment: number): void {
    this.shared.segments.versions[segment] = this.epoch;
    const database = this.databases.get(owner);
    if (database === undefined) return;
    try {
      this.handOver(database, segment);
    } catch (error) {
      // The write that led here is none of the sink's business: the failure comes out of the next step.
      this.failure = error instanceof Error ? error : new Error(messageOf(error));
      this.end();
    }
  }

  private captureNext(): boolean {
    while (this.datasetIndex < this.datasets.length) {
      const dataset = this.datasets[this.datasetIndex];
      const { table } = dataset;
      if (this.position >= HASH_SPACE || table.count === 0) {
        this.leave(dataset);
        continue;
      }
      const segment = table.segmentAt(this.position);
      this.position = table.rangeEndAt(this.position);
      if (this.shared.segments.versions[segment] >= this.epoch) continue;
      this.capture(dataset.id, segment);
      return true;
    }
    return false;
  }

  private leave(dataset: Dataset): void {
    dataset.isPinned = false;
    this.datasetIndex++;
    this.position = 0;
  }

  private handOver(database: number, segment: number): void {
    const { entries, expiry, segments } = this.shared;
    const words = segments.wordsOf(segment);
    const base = segments.baseOf(segment);
    for (let slot = 0; slot < segments.slots[segment]; slot++) {
      const ref = words[base + slot * 2 + 1];
      if (ref === 0) continue;
      const record = entries.expiryRecord(ref);
      if (record === 0 || expiry.deadline(record) > this.beganAtMs) this.sink.entry(database, ref);
    }
  }

  private end(): void {
    this.isOver = true;
    this.shared.segments.guard = undefined;
    for (const dataset of this.datasets) dataset.isPinned = false;
    this.onEnd();
  }
}
