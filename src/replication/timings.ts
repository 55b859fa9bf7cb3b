/** The times that both ends of a replication link keep. */

export interface ReplicationTimings {
  /** A link on which nothing has arrived for this long is given up (Redis's repl-timeout). */
  readonly timeoutMs: number;
  /** How often each end says that it is alive, and looks whether the other one is. */
  readonly heartbeatMs: number;
  /** An idle master writes PING to its log this often (Redis's repl-ping-replica-period). */
  readonly pingMs: number;
}

export const defaultTimings: ReplicationTimings = { timeoutMs: 60_000, heartbeatMs: 1_000, pingMs: 10_000 };

/** Work on the event loop is cut into slices of about this length. */
export const SLICE_MS = 2;
