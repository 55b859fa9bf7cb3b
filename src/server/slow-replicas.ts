/** Gives up replicas that take the log too slowly: the soft limit of their class of client-output-buffer-limit. */
import type { OutputLimit } from '../config/output-limits.js';
import type { ReplicaFeed } from '../replication/replica-feed.js';
import { OutputGuard } from './output-limit.js';

export class SlowReplicas {
  private readonly guards = new WeakMap<ReplicaFeed, OutputGuard>();

  /**
   * To be called steadily, for the limit counts the time. The hard limit is the log's own, which never keeps less for its followers
   * than its backlog, as in Redis.
   */
  drop(feeds: Iterable<ReplicaFeed>, limit: OutputLimit, nowMs: number): void {
    const soft = { ...limit, hardBytes: 0 };
    for (const feed of [...feeds]) {
      if (this.guardOf(feed).isExceeded(soft, feed.pendingBytes, nowMs)) feed.onDropped('too-far-behind');
    }
  }

  private guardOf(feed: ReplicaFeed): OutputGuard {
    const known = this.guards.get(feed);
    if (known !== undefined) return known;
    const guard = new OutputGuard();
    this.guards.set(feed, guard);
    return guard;
  }
}
