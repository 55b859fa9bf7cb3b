/**
 * A token bucket (Turner 1986): refilled at a steady rate up to what one second gives, emptied by what is taken. Time is the
 * caller's, in milliseconds of any clock that does not go back.
 */

const MS_PER_SECOND = 1000;

export class TokenBucket {
  private tokens: number;

  constructor(
    /** Tokens per second; also the most that it holds. */
    readonly ratePerSecond: number,
    private atMs: number,
  ) {
    this.tokens = Math.max(1, ratePerSecond);
  }

  /** Takes up to `wanted` whole tokens; how many there were. */
  take(wanted: number, nowMs: number): number {
    this.refill(nowMs);
    const taken = Math.min(wanted, Math.floor(this.tokens));
    this.tokens -= taken;
    return taken;
  }

  /** Whole tokens that there are. */
  available(nowMs: number): number {
    this.refill(nowMs);
    return Math.floor(this.tokens);
  }

  /** Puts back what was taken and not used. */
  giveBack(count: number): void {
    this.tokens = Math.min(Math.max(1, this.ratePerSecond), this.tokens + count);
  }

  /** Milliseconds until there is a whole token; 0 when there is one. */
  waitMs(nowMs: number): number {
    this.refill(nowMs);
    return this.tokens >= 1 ? 0 : ((1 - this.tokens) / this.ratePerSecond) * MS_PER_SECOND;
  }

  private refill(nowMs: number): void {
    if (nowMs <= this.atMs) return;
    const gained = ((nowMs - this.atMs) / MS_PER_SECOND) * this.ratePerSecond;
    this.tokens = Math.min(Math.max(1, this.ratePerSecond), this.tokens + gained);
    this.atMs = nowMs;
  }
}
