/** LATENCY: what took at least `latency-monitor-threshold` milliseconds, by kind of event; Redis's latency.c. */
import type { LatencyEvent, LatencyPort, LatencySample } from '../command-table/observation.js';
import type { Instance } from './instance.js';

/** Samples kept per event; those of the same second become one. */
const SAMPLES_MAX = 160;

export type LatencyEventName = 'command' | 'fast-command' | 'expire-cycle' | 'eviction-cycle';

class EventSeries implements LatencyEvent {
  readonly samples: LatencySample[] = [];
  maxMs = 0;

  add(unixSeconds: number, ms: number): void {
    this.maxMs = Math.max(this.maxMs, ms);
    const last = this.samples.at(-1);
    if (last?.unixSeconds === unixSeconds) {
      this.samples[this.samples.length - 1] = { unixSeconds, ms: Math.max(last.ms, ms) };
      return;
    }
    this.samples.push({ unixSeconds, ms });
    if (this.samples.length > SAMPLES_MAX) this.samples.shift();
  }
}

export class LatencyMonitor implements LatencyPort {
  readonly events = new Map<string, EventSeries>();

  constructor(private readonly instance: Instance) {}

  get thresholdMs(): number {
    return this.instance.config.latencyThresholdMs;
  }

  note(name: LatencyEventName, elapsedMs: number): void {
    let series = this.events.get(name);
    if (series === undefined) this.events.set(name, (series = new EventSeries()));
    series.add(Math.floor(this.instance.clock.now() / 1000), Math.round(elapsedMs));
  }

  /** Runs work between commands, and remembers when it took long. */
  watch<T>(name: LatencyEventName, work: () => T): T {
    const { thresholdMs } = this;
    if (thresholdMs === 0) return work();
    const startedMs = performance.now();
    const result = work();
    const elapsedMs = performance.now() - startedMs;
    if (elapsedMs >= thresholdMs) this.note(name, elapsedMs);
    return result;
  }

  /** Forgets these events, or all; how many there were. */
  reset(names: readonly string[]): number {
    const wanted = names.length === 0 ? [...this.events.keys()] : names;
    return wanted.filter((name) => this.events.delete(name)).length;
  }
}
