/** When a command may be repeated, and how long to wait before that. */
import type { Command, CommandFlag } from '../command-table/command.js';

/** The most MOVED and ASK replies that one command follows, as in redis-cli. */
export const MAX_REDIRECTIONS = 16;
/** How long a command goes on trying while no known node of the cluster can be reached. */
export const UNREACHABLE_GRACE_MS = 1_000;

const FIRST_BACKOFF_MS = 10;
const MAX_BACKOFF_MS = 200;

/** Wait before repetition `attempt` (from 1 on), doubling up to a fifth of a second: a failover takes some of these. */
export function backoffMs(attempt: number): number {
  return Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(attempt - 1, 16));
}

/** A second run of these shows: a second message, a second tenant, another connection's mode. */
const unrepeatable: readonly CommandFlag[] = ['write', 'admin', 'pubsub', 'session', 'noscript'];

/** Whether a command that may have been executed already can be sent again with no harm. */
export function isRepeatable(command: Command | undefined): boolean {
  if (command === undefined) return false;
  if (command.flags.includes('readonly')) return true;
  const speaks = command.flags.includes('fast') || command.flags.includes('stale');
  return speaks && !command.flags.some((flag) => unrepeatable.includes(flag));
}

/** The time that one command has, over all its attempts. */
export class Deadline {
  private readonly endMs: number;

  constructor(readonly limitMs: number) {
    this.endMs = performance.now() + limitMs;
  }

  /** Whole milliseconds, at least 1, so that it can be the time limit of a last attempt. */
  get leftMs(): number {
    return Math.max(1, Math.ceil(this.endMs - performance.now()));
  }

  allows(waitMs: number): boolean {
    return performance.now() + waitMs < this.endMs;
  }
}
