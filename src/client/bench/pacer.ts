/** An open loop: requests become due at a steady rate, whether or not the server has kept up with those before. */

/** Timers are good to a millisecond: what is due sooner is waited for turn by turn of the event loop. */
const TIMER_SLACK_MS = 2;

export interface Paced {
  fire(): void;
}

export class Pacer {
  /** Requests given out so far. */
  private issued = 0;
  private startedAtMs = 0;
  private readonly idle: Paced[] = [];
  private isScheduled = false;
  private isStopped = false;

  constructor(
    private readonly ratePerSecond: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  start(): void {
    this.startedAtMs = this.now();
  }

  /** How many requests, `max` at the most, are due and given out now. */
  take(max: number): number {
    const due = Math.floor(((this.now() - this.startedAtMs) * this.ratePerSecond) / 1000) + 1 - this.issued;
    const taken = Math.max(0, Math.min(max, due));
    this.issued += taken;
    return taken;
  }

  /** When the request was due that is the `back`th before the next one. */
  intendedAtMs(back: number): number {
    return this.dueAtMs(this.issued - back);
  }

  /** `client` has nothing to do until a request is due: `fire` is called then. */
  park(client: Paced): void {
    this.idle.push(client);
    this.schedule();
  }

  /** Calls every idle client one last time. */
  stop(): void {
    this.isStopped = true;
    for (const client of this.idle.splice(0)) client.fire();
  }

  private dueAtMs(index: number): number {
    return this.startedAtMs + (index * 1000) / this.ratePerSecond;
  }

  private schedule(): void {
    if (this.isScheduled || this.isStopped || this.idle.length === 0) return;
    this.isScheduled = true;
    const waitMs = this.dueAtMs(this.issued) - this.now();
    const wake = (): void => {
      this.isScheduled = false;
      this.wakeDue();
      this.schedule();
    };
    if (waitMs > TIMER_SLACK_MS) setTimeout(wake, waitMs - TIMER_SLACK_MS);
    else setImmediate(wake);
  }

  private wakeDue(): void {
    while (this.idle.length > 0 && this.dueAtMs(this.issued) <= this.now()) this.idle.shift()?.fire();
  }
}
