/** What a node knows of itself, as commands see it: settings, the slow log, latencies, times of commands, memory. */
import type { SessionPort } from './context.js';

export interface SettingsPort {
  /** Name and value of every parameter. */
  list(): Iterable<readonly [name: string, value: string]>;
  /** Changes all of these parameters or none; the error to answer with when it is none. */
  change(pairs: readonly (readonly [name: string, value: string])[]): string | undefined;
}

export interface SlowLogEntry {
  readonly id: number;
  /** When it ran. */
  readonly unixSeconds: number;
  readonly micros: number;
  /** The command and its arguments, as far as they are kept. */
  readonly words: readonly Buffer[];
  readonly address: string;
  /** Of the connection. */
  readonly name: string;
}

export interface SlowLogPort {
  /** Of its tenant alone, unless it is the admin's; the newest first. */
  visibleTo(session: SessionPort): readonly SlowLogEntry[];
  /** Forgets what is visible to it. */
  clear(session: SessionPort): void;
}

export interface LatencySample {
  readonly unixSeconds: number;
  readonly ms: number;
}

export interface LatencyEvent {
  /** One per second at the most, the oldest first; never empty. */
  readonly samples: readonly LatencySample[];
  readonly maxMs: number;
}

export interface LatencyPort {
  /** What takes at least as long is remembered; 0: nothing is. */
  readonly thresholdMs: number;
  readonly events: ReadonlyMap<string, LatencyEvent>;
  /** Forgets these events, all when none is named; how many there were. */
  reset(names: readonly string[]): number;
}

/** By command id. */
export interface CommandTimes {
  readonly calls: Float64Array;
  /** Calls that took at most so many microseconds. */
  cumulative(id: number): readonly (readonly [micros: number, calls: number])[];
}

/** In bytes. */
export interface MemoryFigures {
  /** Data, and what serves it: the replication backlog, buffers of clients, what the runtime needed at the start. */
  readonly usedBytes: number;
  readonly peakBytes: number;
  /** What was in use before there were any data. */
  readonly startupBytes: number;
  /** Entries, tables, deadlines and large values. */
  readonly dataBytes: number;
  readonly backlogBytes: number;
  readonly clientBytes: number;
  readonly heapBytes: number;
  /** Off the heap, the data included. */
  readonly bufferBytes: number;
  readonly residentBytes: number;
  readonly keys: number;
}
