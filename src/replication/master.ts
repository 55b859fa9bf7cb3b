/** The master's side of replication: its linked replicas, and what they share. */
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock, type Clock } from '../clock.js';
import type { Store } from '../keyspace/store.js';
import type { ReplicationLog } from './log.js';
import { ReplicaFeed, type FeedContext, type FeedEvents } from './replica-feed.js';
import { SnapshotQueue } from './snapshot-queue.js';
import { defaultTimings, type ReplicationTimings } from './timings.js';

const DRAIN_POLL_MS = 5;

export interface MasterOptions {
  readonly log: ReplicationLog;
  readonly store: Store;
  /** Database number and name of each tenant, as they go into snapshots. */
  readonly tenants?: () => ReadonlyMap<number, string>;
  readonly clock?: Clock;
  readonly timings?: Partial<ReplicationTimings>;
}

export class ReplicationMaster {
  private readonly linked = new Set<ReplicaFeed>();
  private readonly timings: ReplicationTimings;
  private readonly clock: Clock;
  private readonly context: FeedContext;
  private timer: NodeJS.Timeout | undefined;
  private lastEndOffset = 0;
  private lastGrowthMs = 0;

  constructor(private readonly options: MasterOptions) {
    const clock = options.clock ?? systemClock;
    this.clock = clock;
    this.timings = { ...defaultTimings, ...options.timings };
    this.context = {
      log: options.log,
      store: options.store,
      snapshots: new SnapshotQueue(),
      clock,
      timeoutMs: this.timings.timeoutMs,
      snapshotHeader: () => ({ createdAtMs: clock.now(), tenants: options.tenants?.() ?? new Map<number, string>() }),
    };
  }

  /** The linked replicas, in whatever state. */
  get feeds(): ReadonlySet<ReplicaFeed> {
    return this.linked;
  }

  /** Serves the replica at the other end of `duplex`, which this takes over. */
  attach(duplex: Duplex, name: string, events: FeedEvents = {}): ReplicaFeed {
    const feed = new ReplicaFeed(name, duplex, this.context, {
      ...events,
      onStateChange: (changed) => {
        if (changed.state === 'closed') this.remove(changed);
        events.onStateChange?.(changed);
      },
    });
    this.linked.add(feed);
    if (this.timer === undefined) {
      this.lastGrowthMs = this.clock.now();
      this.timer = setInterval(this.beat, this.timings.heartbeatMs).unref();
    }
    return feed;
  }

  /** Resolves when every replica that follows the log has acknowledged all of it, and at the latest after `timeoutMs`. */
  async drain(timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (this.isBehind() && performance.now() < deadline) await delay(DRAIN_POLL_MS);
  }

  private isBehind(): boolean {
    const { endOffset } = this.options.log;
    for (const feed of this.linked) if (feed.state === 'streaming' && feed.ackOffset < endOffset) return true;
    return false;
  }

  /** Closes every link. */
  close(reason?: string): void {
    for (const feed of [...this.linked]) feed.close(reason);
  }

  private remove(feed: ReplicaFeed): void {
    this.linked.delete(feed);
    if (this.linked.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private readonly beat = (): void => {
    const nowMs = this.clock.now();
    for (const feed of [...this.linked]) feed.onHeartbeat(nowMs);
    this.pingWhenIdle(nowMs);
  };

  /** A replica's log is its master's, byte for byte: only a master may put a PING into it. */
  private pingWhenIdle(nowMs: number): void {
    const { log, store } = this.options;
    if (log.endOffset !== this.lastEndOffset) {
      this.lastGrowthMs = nowMs;
    } else if (store.isMaster && nowMs - this.lastGrowthMs >= this.timings.pingMs) {
      log.appendCommand(['PING']);
      this.lastGrowthMs = nowMs;
    }
    this.lastEndOffset = log.endOffset;
  }
}
