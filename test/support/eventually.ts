/** Waiting for a condition instead of sleeping for a time. */
import { setTimeout as delay } from 'node:timers/promises';

const POLL_INTERVAL_MS = 10;
const DEFAULT_TIMEOUT_MS = 5_000;

export interface EventuallyOptions {
  /** How long the condition may take to become true. */
  readonly timeoutMs?: number;
}

/**
 * Polls `check` until it returns something truthy, or returns nothing without throwing, and resolves to its value.
 * Rejects with the last failure of `check` (or with a message of its own) when the deadline has passed.
 */
export async function eventually<T>(check: () => T | Promise<T>, options: EventuallyOptions = {}): Promise<T> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    let failure: unknown;
    try {
      const value = await check();
      // A check made of assertions returns nothing; false, 0, null and '' mean "not yet".
      if (value !== false && value !== 0 && value !== null && value !== '') return value;
      failure = new Error(`the condition was still ${JSON.stringify(value)} after ${timeoutMs} ms`);
    } catch (error) {
      failure = error;
    }
    if (performance.now() >= deadline) throw failure;
    await delay(POLL_INTERVAL_MS);
  }
}
