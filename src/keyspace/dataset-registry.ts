/** Makes datasets, finds those with deadlines by id, and takes apart those let go of, a slice at a time. */
import { Dataset } from './dataset.js';
import type { Shared } from './shared.js';

export class DatasetRegistry {
  private readonly withDeadlines = new Map<number, Dataset>();
  /** By id, those in use. */
  private readonly inUse = new Map<number, Dataset>();
  private readonly detached: Dataset[] = [];
  private nextId = 1;

  constructor(private readonly shared: Shared) {}

  create(database: number): Dataset {
    const dataset = new Dataset(this.shared, this.nextId++, database, this.withDeadlines);
    this.inUse.set(dataset.id, dataset);
    return dataset;
  }

  /** The dataset with this id, unless it was let go of. */
  find(id: number): Dataset | undefined {
    return this.inUse.get(id);
  }

  /** The dataset that an expiry record names, whether in use or let go of. */
  ownerOf(record: number): Dataset {
    const id = this.shared.expiry.owner(record);
    const dataset = this.withDeadlines.get(id);
    if (dataset === undefined) throw new Error(`expiry record ${record} belongs to no dataset (${id})`);
    return dataset;
  }

  /** Lets go of a dataset: its memory comes back through `freeSome`. */
  detach(dataset: Dataset): void {
    this.forget(dataset);
    this.detached.push(dataset);
  }

  /** A dataset is in use no longer, and empty. */
  forget(dataset: Dataset): void {
    this.inUse.delete(dataset.id);
  }

  /** Whether anything that was let go of is yet to be freed. */
  get hasDetached(): boolean {
    return this.detached.length > 0;
  }

  /** Frees what was let go of until the time is up; true when there is more that can be freed now. */
  freeSome(budgetMs: number): boolean {
    const deadline = performance.now() + budgetMs;
    for (;;) {
      const index = this.detached.findIndex((dataset) => !dataset.isPinned);
      if (index < 0) return false;
      const dataset = this.detached[index];
      if (!dataset.releaseSegment()) {
        this.detached.splice(index, 1);
      } else if (performance.now() >= deadline) {
        return true;
      }
    }
  }
}
