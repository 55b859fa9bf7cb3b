/** What has happened in a cluster, newest last, bounded: the `events` of a status. */
import type { Clock } from '../clock.js';
import { EVENTS_KEPT } from './limits.js';
import type { ClusterEvent } from './types.js';

export class EventLog {
  readonly #events: ClusterEvent[] = [];

  constructor(private readonly clock: Clock) {}

  add(kind: ClusterEvent['kind'], node: string, message: string): void {
    this.#events.push({ atMs: this.clock.now(), kind, node, message });
    if (this.#events.length > EVENTS_KEPT) this.#events.shift();
  }

  list(): readonly ClusterEvent[] {
    return [...this.#events];
  }
}
