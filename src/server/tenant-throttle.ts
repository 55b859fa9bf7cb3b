/**
 * Slows a tenant down to its MAXOPS: connections whose commands find no token wait, unread, and are resumed in turn as
 * tokens come back. One timer per tenant, and none while nobody waits.
 */
import { TokenBucket } from '../tenancy/token-bucket.js';

/** Refills are waited for in steps of this much, so that a fast tenant is not woken for every token. */
const MIN_WAIT_MS = 5;

/** A connection that is not read while it waits. */
export interface ThrottledConnection {
  /** Runs what has arrived meanwhile, and is read again. */
  resume(): void;
}

export class TenantThrottle {
  private readonly waiting: ThrottledConnection[] = [];
  private bucket: TokenBucket;
  private timer: NodeJS.Timeout | undefined;
  /** Tokens that the connection being resumed may take: its part, so that none starves the others. */
  private allowance = 0;
  private waitedMs = 0;
  private waitingSinceMs = 0;

  constructor(
    ratePerSecond: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.bucket = new TokenBucket(ratePerSecond, now());
  }

  /** How long any connection of the tenant has had to wait, in all. */
  get throttledMs(): number {
    return this.waitedMs + (this.waiting.length > 0 ? this.now() - this.waitingSinceMs : 0);
  }

  get ratePerSecond(): number {
    return this.bucket.ratePerSecond;
  }

  /** A new rate; those that wait go on waiting for it. */
  setRate(ratePerSecond: number): void {
    if (ratePerSecond === this.bucket.ratePerSecond) return;
    this.bucket = new TokenBucket(ratePerSecond, this.now());
  }

  /** How many of `wanted` commands may run now. Who comes while others wait does not get in front of them. */
  take(wanted: number): number {
    if (this.waiting.length > 0 && this.allowance === 0) return 0;
    const most = this.allowance === 0 ? wanted : Math.min(wanted, this.allowance);
    const taken = this.bucket.take(most, this.now());
    if (this.allowance > 0) this.allowance -= taken;
    return taken;
  }

  /** Tokens that were taken and not used. */
  giveBack(count: number): void {
    this.bucket.giveBack(count);
  }

  /** Has the connection resumed when its turn comes. */
  wait(connection: ThrottledConnection): void {
    if (this.waiting.length === 0) this.waitingSinceMs = this.now();
    this.waiting.push(connection);
    this.timer ??= this.startTimer();
  }

  /** Lets all go on: there is no limit any more. */
  release(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.waitedMs = this.throttledMs;
    for (const connection of this.waiting.splice(0)) connection.resume();
  }

  private startTimer(): NodeJS.Timeout {
    return setTimeout(this.resumeSome, Math.max(MIN_WAIT_MS, this.bucket.waitMs(this.now())));
  }

  /** Each of those that wait gets the same part of what there is; who wants more goes to the end of the queue. */
  private readonly resumeSome = (): void => {
    this.timer = undefined;
    let left = this.waiting.length;
    const sinceMs = this.waitingSinceMs;
    while (left > 0) {
      const available = this.bucket.available(this.now());
      const connection = available > 0 ? this.waiting[0] : undefined;
      if (connection === undefined) break;
      this.allowance = Math.max(1, Math.floor(available / left));
      connection.resume();
      this.waiting.shift();
      left--;
    }
    this.allowance = 0;
    // One that waits anew has started it by now.
    if (this.waiting.length > 0) this.timer ??= this.startTimer();
    else this.waitedMs += this.now() - sinceMs;
  };
}
