/** Work between commands: expired keys are deleted and dropped tables freed, in slices that no client notices. */
import type { Instance } from './instance.js';

/** An expired key's memory is back within this time and a slice or two. */
const PERIOD_MS = 50;
/** Longest time that one slice keeps commands waiting. */
const SLICE_MS = 1;

export class Maintenance {
  private timer: NodeJS.Timeout | undefined;
  private immediate: NodeJS.Immediate | undefined;

  constructor(private readonly instance: Instance) {}

  start(): void {
    this.timer = setTimeout(this.run, PERIOD_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
    clearImmediate(this.immediate);
  }

  private readonly run = (): void => {
    if (this.slice()) this.immediate = setImmediate(this.run);
    else this.timer = setTimeout(this.run, PERIOD_MS);
  };

  /** Whether more is left to do. */
  private slice(): boolean {
    const { store, clock } = this.instance;
    const isMoreToFree = store.freeSome(SLICE_MS);
    if (!store.isMaster) return isMoreToFree;
    const now = clock.now();
    store.nowMs = now;
    if (store.nextDeadline() > now) return isMoreToFree;
    store.expireDue(now, SLICE_MS, store.onExpired);
    return isMoreToFree || store.nextDeadline() <= now;
  }
}
