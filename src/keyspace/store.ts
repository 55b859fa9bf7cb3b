/** All the keys of a node: one keyspace per tenant over shared memory, with expiry, lazy freeing and snapshots. */
import { DatasetRegistry } from './dataset-registry.js';
import { EntryView } from './entry-view.js';
import { SnapshotRunningError } from './errors.js';
import { Keyspace, type ExpiredListener } from './keyspace.js';
import { Shared, type StoreOptions } from './shared.js';
import { Snapshot, type SnapshotSink } from './snapshot.js';

/** How many keys are expired between two looks at the clock. */
const KEYS_PER_CLOCK_CHECK = 64;

export class Store {
  /** Reads entries by ref, whichever keyspace they belong to. */
  readonly entries: EntryView;
  /** Told of each key that a lookup on a master found expired and removed. */
  onExpired: ExpiredListener = () => undefined;

  private readonly shared: Shared;
  private readonly registry: DatasetRegistry;
  private readonly byDatabase = new Map<number, Keyspace>();
  private readonly reportExpired: ExpiredListener;
  private isSnapshotRunning = false;

  constructor(options: StoreOptions = {}) {
    this.shared = new Shared(options);
    this.registry = new DatasetRegistry(this.shared);
    this.entries = new EntryView(this.shared);
    this.reportExpired = (keyspace, key) => {
      this.onExpired(keyspace, key);
    };
  }

  /** A master removes expired keys and tells `onExpired`; a replica only hides them. */
  get isMaster(): boolean {
    return this.shared.isMaster;
  }

  set isMaster(isMaster: boolean) {
    this.shared.isMaster = isMaster;
  }

  /** To be true while a replica applies its master's stream: then no key is hidden, as it was not for the master. */
  get appliesStream(): boolean {
    return this.shared.appliesStream;
  }

  set appliesStream(appliesStream: boolean) {
    this.shared.appliesStream = appliesStream;
  }

  /** The time that deadlines are held against, in ms since the epoch; to be set before each batch of commands. */
  get nowMs(): number {
    return this.shared.nowMs;
  }

  set nowMs(ms: number) {
    this.shared.nowMs = ms;
  }

  /** Bytes of all entries, tables, deadlines and large values, those not yet freed after a clear included. */
  get usedBytes(): number {
    return this.shared.usedBytes;
  }

  /** The keyspace of a tenant's database number, made on demand. */
  keyspace(database: number): Keyspace {
    const existing = this.byDatabase.get(database);
    if (existing !== undefined) return existing;
    const keyspace = new Keyspace(this.shared, this.registry, database, this.reportExpired);
    this.byDatabase.set(database, keyspace);
    return keyspace;
  }

  keyspaces(): IterableIterator<Keyspace> {
    return this.byDatabase.values();
  }

  /** Removes a keyspace with all its keys; whoever still holds it finds it empty. */
  drop(database: number): void {
    this.byDatabase.get(database)?.clear();
    this.byDatabase.delete(database);
  }

  /** The earliest deadline, in ms since the epoch; Infinity when there is none, or when it is not this node's to act on. */
  nextDeadline(): number {
    return this.shared.isMaster ? this.shared.expiry.earliestDeadline() : Infinity;
  }

  /**
   * Removes keys whose deadline has come, the earliest first, until the time is up or none is left; how many it
   * removed. Does nothing on a replica.
   */
  expireDue(nowMs: number, budgetMs: number, onExpired: ExpiredListener): number {
    if (!this.shared.isMaster) return 0;
    this.shared.nowMs = nowMs;
    const { expiry } = this.shared;
    const startedAt = performance.now();
    let removed = 0;
    for (let records = 1; expiry.earliestDeadline() <= nowMs; records++) {
      removed += this.expireRecord(expiry.earliest(), onExpired);
      if (records % KEYS_PER_CLOCK_CHECK === 0 && performance.now() - startedAt >= budgetMs) break;
    }
    return removed;
  }

  /** Frees what cleared and dropped keyspaces left, until the time is up; true when there is more to free now. */
  freeSome(budgetMs: number): boolean {
    return this.registry.freeSome(budgetMs);
  }

  /**
   * Begins a snapshot of all keyspaces as they are now; `step` it until it is done. Throws SnapshotRunningError while
   * another one runs. Keys already expired are left out.
   */
  beginSnapshot(sink: SnapshotSink): Snapshot {
    if (this.isSnapshotRunning) throw new SnapshotRunningError();
    this.isSnapshotRunning = true;
    const datasets = [...this.byDatabase.values()].map((keyspace) => keyspace.currentDataset);
    return new Snapshot(this.shared, datasets, sink, () => {
      this.isSnapshotRunning = false;
    });
  }

  /** Removes the entry of an expiry record; 1 when it was a key that could still be seen, else 0. */
  private expireRecord(record: number, onExpired: ExpiredListener): number {
    const ref = this.shared.expiry.ref(record);
    const dataset = this.registry.ownerOf(record);
    const keyspace = this.byDatabase.get(dataset.database);
    if (keyspace?.currentDataset !== dataset) {
      // Cleared or dropped before: nobody is to hear of it.
      dataset.removeRef(ref);
      return 0;
    }
    const key = keyspace.keyOf(ref);
    dataset.removeRef(ref);
    onExpired(keyspace, key);
    return 1;
  }
}
