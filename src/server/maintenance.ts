/** Work between commands: expired keys are deleted, dropped tables freed and keys evicted, in slices that no client notices. */
import type { Instance } from './instance.js';

/** An expired key's memory is back within this time and a slice or two. */
const PERIOD_MS = 50;
/** Longest time that one slice keeps commands waiting. */
const SLICE_MS = 1;
/** Rates are means over this time. */
const SAMPLE_PERIOD_MS = 500;

export class Maintenance {
  private timer: NodeJS.Timeout | undefined;
  private immediate: NodeJS.Immediate | undefined;
  private sampledMs = performance.now();

  constructor(
    private readonly instance: Instance,
    private readonly isBackground: boolean,
  ) {}

  start(): void {
    this.wait();
  }

  stop(): void {
    clearTimeout(this.timer);
    clearImmediate(this.immediate);
  }

  private readonly run = (): void => {
    this.sample();
    if (this.slice()) this.immediate = setImmediate(this.run);
    else this.wait();
  };

  private sample(): void {
    const nowMs = performance.now();
    if (nowMs - this.sampledMs < SAMPLE_PERIOD_MS) return;
    this.sampledMs = nowMs;
    this.instance.statistics.sampleRates();
    this.instance.meter.sample();
  }

  private wait(): void {
    this.timer = setTimeout(this.run, PERIOD_MS);
    if (this.isBackground) this.timer.unref();
  }

  /** Whether more is left to do. */
  private slice(): boolean {
    const { store, clock, activity, memoryLimit, latency, expiresActively } = this.instance;
    activity.closeExpired(clock.now());
    const isMoreToFree = store.freeSome(SLICE_MS);
    if (!store.isMaster) return isMoreToFree;
    const now = clock.now();
    store.nowMs = now;
    const isMoreToEvict = latency.watch('eviction-cycle', () => memoryLimit.slice(SLICE_MS));
    if (!expiresActively || store.nextDeadline() > now) return isMoreToFree || isMoreToEvict;
    latency.watch('expire-cycle', () => store.expireDue(now, SLICE_MS, store.onExpired));
    return isMoreToFree || isMoreToEvict || store.nextDeadline() <= now;
  }
}
