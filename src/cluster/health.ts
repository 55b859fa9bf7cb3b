/** Watches for nodes that are alive but silent: hung, stopped, or swamped. */
import type { Member } from './member.js';

const CHECKS_PER_TIMEOUT = 10;

export interface HealthOptions {
  readonly nodeTimeoutMs: number;
  readonly members: readonly Member[];
  readonly onSilent: (member: Member) => void;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

export class HealthMonitor {
  readonly #intervalMs: number;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #lastCheckMs = 0;

  constructor(private readonly options: HealthOptions) {
    this.#intervalMs = Math.max(10, options.nodeTimeoutMs / CHECKS_PER_TIMEOUT);
    this.#now = options.now ?? (() => performance.now());
  }

  start(): void {
    this.#lastCheckMs = this.#now();
    this.#timer = setInterval(() => {
      this.check();
    }, this.#intervalMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** One round: reports each serving member that has been silent for longer than the limit. */
  check(): void {
    const now = this.#now();
    const wasAsleep = now - this.#lastCheckMs > this.options.nodeTimeoutMs / 2;
    this.#lastCheckMs = now;
    for (const member of this.options.members) {
      // Messages that came while this process itself was stalled or suspended are still unread.
      if (wasAsleep) member.forgiveSilence();
      else if (member.isServing && member.silentMs > this.options.nodeTimeoutMs) this.options.onSilent(member);
    }
  }
}
