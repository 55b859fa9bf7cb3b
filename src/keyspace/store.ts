/** All the keys of a node: one keyspace per tenant over shared memory, with expiry, lazy freeing and snapshots. */
import { measureOf, type EvictionPolicy } from '../config/eviction-policy.js';
import { DatasetRegistry } from './dataset-registry.js';
import type { Dataset } from './dataset.js';
import { EntryView } from './entry-view.js';
import { SnapshotRunningError } from './errors.js';
import { StoreSampler } from './eviction-sampler.js';
import { Evictor, type EvictionOutcome } from './evictor.js';
import { Keyspace, type EvictedListener, type ExpiredListener, type RemovalListeners } from './keyspace.js';
import { Shared, type StoreOptions } from './shared.js';
import { Snapshot, type SnapshotSink } from './snapshot.js';

/** Redis's maxmemory-policy, maxmemory-samples, lfu-log-factor and lfu-decay-time. */
export interface EvictionSettings {
  readonly policy: EvictionPolicy;
  readonly samples: number;
  readonly lfuLogFactor: number;
  readonly lfuDecayMinutes: number;
}

/** The parts of the store's memory, in bytes; all but the slack make up `usedBytes`. */
export interface StoreMemory {
  /** Headers, keys, and values that lie beside them. */
  readonly entryBytes: number;
  /** Values with a buffer of their own. */
  readonly objectBytes: number;
  /** Segments and directories. */
  readonly tableBytes: number;
  readonly deadlineBytes: number;
  /** Held and not used: free blocks in pages that have others in use, free records of deadlines. */
  readonly slackBytes: number;
}

/** How many keys are expired between two looks at the clock. */
const KEYS_PER_CLOCK_CHECK = 64;

export class Store {
  /** Reads entries by ref, whichever keyspace they belong to. */
  readonly entries: EntryView;
  /** Told of each key that a lookup on a master found expired and removed. */
  onExpired: ExpiredListener = () => undefined;
  /** Told of each key that was removed to make room. */
  onEvicted: EvictedListener = () => undefined;

  private readonly shared: Shared;
  private readonly registry: DatasetRegistry;
  private readonly byDatabase = new Map<number, Keyspace>();
  private readonly listeners: RemovalListeners;
  private readonly evictor: Evictor;
  private policy: EvictionPolicy = 'noeviction';
  private isSnapshotRunning = false;

  constructor(options: StoreOptions = {}) {
    this.shared = new Shared(options);
    this.registry = new DatasetRegistry(this.shared);
    this.entries = new EntryView(this.shared);
    this.evictor = new Evictor(this.shared, new StoreSampler(this.shared, this.registry), this);
    this.listeners = {
      expired: (keyspace, key) => {
        this.onExpired(keyspace, key);
      },
      evicted: (keyspace, key) => {
        this.onEvicted(keyspace, key);
      },
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

  /** While it is true, a master removes nothing by itself: expired keys are hidden, and none is evicted (CLIENT PAUSE). */
  get isFrozen(): boolean {
    return this.shared.isFrozen;
  }

  set isFrozen(isFrozen: boolean) {
    this.shared.isFrozen = isFrozen;
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

  /** Those, and what is free in the pages that they lie in. */
  get reservedBytes(): number {
    return this.shared.reservedBytes;
  }

  /** Keys of all keyspaces. */
  get size(): number {
    let size = 0;
    for (const keyspace of this.byDatabase.values()) size += keyspace.size;
    return size;
  }

  /** What the memory is used for. */
  memory(): StoreMemory {
    const { arena, segments, expiry, objects } = this.shared;
    return {
      entryBytes: arena.usedBytes - segments.usedBytes,
      objectBytes: objects.usedBytes,
      tableBytes: segments.usedBytes + segments.directoryBytes,
      deadlineBytes: expiry.usedBytes,
      slackBytes: arena.reservedBytes - arena.usedBytes + expiry.reservedBytes - expiry.usedBytes,
    };
  }

  /** The keyspace of a tenant's database number, made on demand. */
  keyspace(database: number): Keyspace {
    const existing = this.byDatabase.get(database);
    if (existing !== undefined) return existing;
    const keyspace = new Keyspace(this.shared, this.registry, database, this.listeners);
    this.byDatabase.set(database, keyspace);
    return keyspace;
  }

  /** The keyspace of a database number, if there is one by now. */
  find(database: number): Keyspace | undefined {
    return this.byDatabase.get(database);
  }

  keyspaces(): IterableIterator<Keyspace> {
    return this.byDatabase.values();
  }

  /** Removes a keyspace with all its keys; whoever still holds it finds it empty. */
  drop(database: number): void {
    const keyspace = this.byDatabase.get(database);
    if (keyspace === undefined) return;
    keyspace.clear();
    this.registry.forget(keyspace.currentDataset);
    this.byDatabase.delete(database);
  }

  /** The earliest deadline, in ms since the epoch; Infinity when there is none, or when it is not this node's to act on. */
  nextDeadline(): number {
    return this.shared.removesExpired ? this.shared.expiry.earliestDeadline() : Infinity;
  }

  /**
   * Removes keys whose deadline has come, the earliest first, until the time is up or none is left; how many it
   * removed. Does nothing on a replica, and while the store is frozen.
   */
  expireDue(nowMs: number, budgetMs: number, onExpired: ExpiredListener): number {
    if (!this.shared.removesExpired) return 0;
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

  /** How keys are chosen to make room, and what accesses of them are remembered; see Redis's parameters of these names. */
  setEviction({ policy, samples, lfuLogFactor, lfuDecayMinutes }: EvictionSettings): void {
    const { shared } = this;
    shared.evictionSamples = samples;
    shared.access.logFactor = lfuLogFactor;
    shared.access.decayMinutes = lfuDecayMinutes;
    this.policy = policy;
    const measure = measureOf(policy);
    if (shared.measure === measure) return;
    // A keyspace with a policy of its own measures what that one needs.
    for (const keyspace of this.byDatabase.values()) {
      if (keyspace.accessMeasure === shared.measure) keyspace.accessMeasure = measure;
    }
    shared.measure = measure;
  }

  /**
   * Removes keys until the store uses no more than `maxBytes`, or the time is up; what cleared keyspaces left goes first. Keys are drawn from all
   * keyspaces alike, each key with the same chance, and the best of those drawn goes, whoever's it is: so a tenant loses keys in proportion to
   * how many it has that the policy would rather be without. A replica evicts nothing: its master does.
   */
  evictUntil(maxBytes: number, budgetMs: number): EvictionOutcome {
    if (!this.shared.removesExpired) return 'done';
    if (this.registry.hasDetached && this.registry.freeSome(budgetMs) && this.usedBytes > maxBytes) return 'running';
    return this.evictor.run(maxBytes, Infinity, this.policy, budgetMs);
  }

  /** Removes a key to make room; of a dataset in use. */
  evict(dataset: Dataset, hash: number, ref: number): void {
    this.keyspace(dataset.database).evict(dataset, hash, ref);
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
    keyspace.noteChange(key);
    onExpired(keyspace, key);
    return 1;
  }
}
