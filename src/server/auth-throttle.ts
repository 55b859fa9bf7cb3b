/**
 * Wrong passwords are answered ever more slowly, so that guessing over the network is hopeless. Counted by source address
 * and tenant, and by source address alone (for who tries many names): never by tenant alone, which would let a stranger
 * slow the logins of its rightful owner.
 */
import type { Clock } from '../clock.js';

export interface AuthDelays {
  /** Of the first wrong password; doubled by each that follows. 0: no delay at all. */
  readonly authDelayMs: number;
  readonly authDelayMaxMs: number;
}

/** Failures of one source. */
interface Record {
  failures: number;
  /** Until then its answers wait. */
  untilMs: number;
  lastFailureMs: number;
}

/** Past failures are forgotten when none has followed for so long. */
export const FORGET_AFTER_MS = 60_000;
/** The table's bound: the source that failed longest ago is forgotten first. */
export const MAX_SOURCES = 10_000;
/** More doublings than any bound allows for. */
const MAX_DOUBLINGS = 30;

export class AuthThrottle {
  /** In the order of their last failure. */
  private readonly records = new Map<string, Record>();

  constructor(
    private readonly clock: Pick<Clock, 'now'>,
    private readonly delays: () => AuthDelays,
  ) {}

  /** Sources whose failures are remembered. */
  get size(): number {
    return this.records.size;
  }

  /**
   * To be called with the outcome of each attempt; returns for how many ms its answer is to wait. A right password waits
   * for no more than the penalty that runs, at most `authDelayMaxMs`.
   */
  attempt(address: string, tenant: string, isAccepted: boolean): number {
    if (this.delays().authDelayMs === 0) return 0;
    const ofTenant = `${address} ${tenant}`;
    if (isAccepted) {
      const waitMs = Math.max(this.remainingMs(ofTenant), this.remainingMs(address));
      this.records.delete(ofTenant);
      return waitMs;
    }
    return Math.max(this.fail(ofTenant), this.fail(address));
  }

  private remainingMs(source: string): number {
    return Math.max(0, (this.records.get(source)?.untilMs ?? 0) - this.clock.now());
  }

  private fail(source: string): number {
    const now = this.clock.now();
    const { authDelayMs, authDelayMaxMs } = this.delays();
    const known = this.records.get(source);
    const isRecent = known !== undefined && now - known.lastFailureMs < FORGET_AFTER_MS;
    const failures = isRecent ? known.failures + 1 : 1;
    const delayMs = Math.min(authDelayMaxMs, authDelayMs * 2 ** Math.min(failures - 1, MAX_DOUBLINGS));
    // Attempts that come while a penalty runs queue up behind it, and behind each other, as far as the bound allows.
    const untilMs = Math.min(now + authDelayMaxMs, Math.max(now, known?.untilMs ?? 0) + delayMs);
    this.records.delete(source);
    this.records.set(source, { failures, untilMs, lastFailureMs: now });
    this.trim(now);
    return untilMs - now;
  }

  private trim(now: number): void {
    for (const [source, { lastFailureMs }] of this.records) {
      if (this.records.size <= MAX_SOURCES && now - lastFailureMs < FORGET_AFTER_MS) return;
      this.records.delete(source);
    }
  }
}
