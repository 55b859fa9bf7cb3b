/** Every time limit and bound of the launcher, by name. */

export interface LauncherTimings {
  /** A node that is silent for longer is killed and treated as dead. */
  readonly nodeTimeoutMs: number;
  /** A node's answer to one message. */
  readonly requestTimeoutMs: number;
  /** From the start of a process to its `ready`. */
  readonly spawnTimeoutMs: number;
  /** From a request to stop to the end of the process; SIGKILL follows. */
  readonly stopTimeoutMs: number;
  /** How long a planned takeover waits for the replica to have all of its master's log: nobody takes writes meanwhile. */
  readonly takeoverTimeoutMs: number;
  /** How long a kill or a restart waits for the cluster to be whole again before it tells what it knows. */
  readonly settleTimeoutMs: number;
  readonly restartBackoff: BackoffLimits;
  readonly relinkBackoff: BackoffLimits;
}

export interface BackoffLimits {
  readonly firstMs: number;
  readonly maxMs: number;
  /** What went well for this long starts from `firstMs` again. */
  readonly resetAfterMs: number;
}

export const defaultTimings: LauncherTimings = {
  nodeTimeoutMs: 5_000,
  requestTimeoutMs: 5_000,
  spawnTimeoutMs: 20_000,
  stopTimeoutMs: 3_000,
  takeoverTimeoutMs: 5_000,
  settleTimeoutMs: 30_000,
  restartBackoff: { firstMs: 100, maxMs: 10_000, resetAfterMs: 30_000 },
  relinkBackoff: { firstMs: 50, maxMs: 5_000, resetAfterMs: 30_000 },
};

/** How long replicas may take to tell their offsets while a master is dead and nobody serves its slots. */
export const OFFSET_QUERY_TIMEOUT_MS = 300;
/** Events that a status shows. */
export const EVENTS_KEPT = 100;
/** Lines of a node's log that a failed start shows. */
export const LOG_TAIL_LINES = 10;
/** Nodes of a launcher that was killed need this long to notice and let go of their ports. */
export const ORPHAN_EXIT_MS = 3_000;
