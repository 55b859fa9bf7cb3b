/** Makes datasets, finds those with deadlines by id, and takes apart those let go of, a slice at a time. */
import { Dataset } from './dataset.js';
import type { Shared } from './shared.js';

export class DatasetRegistry {
  private readonly withDeadlines = new Map<number, Dataset>();
  private readonly detached: Dataset[] = [];
  private nextId = 1;

  constructor(private readonly shared: Shared) {}

  create(database: number): Dataset {
    return new Dataset(this.shared, this.nextId++, database, this.withDeadlines);
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
    this.detached.push(dataset);
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
