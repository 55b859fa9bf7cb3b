/** Exponential back-off that forgets its past once something has gone well for long enough. */
import type { BackoffLimits } from './limits.js';

export class Backoff {
  #failures = 0;

  constructor(private readonly limits: BackoffLimits) {}

  /** Milliseconds to wait before the next attempt, given how long the last one lasted. Doubles with every call. */
  nextDelayMs(lastedMs: number): number {
    if (lastedMs >= this.limits.resetAfterMs) this.#failures = 0;
    const delayMs = Math.min(this.limits.firstMs * 2 ** this.#failures, this.limits.maxMs);
    this.#failures++;
    return delayMs;
  }
}
