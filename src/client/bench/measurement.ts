/** What a load has measured: operations and their latencies by kind, what each node did, and what went wrong. */
import { LatencyHistogram } from './histogram.js';

/** More kinds of errors than this are counted together: a text with a number in it must not fill the memory. */
const ERROR_KINDS_MAX = 20;
const OTHER_ERRORS = 'others';

export class OperationStats {
  readonly latency = new LatencyHistogram();
  /** Of the operations, those that found no key. */
  empty = 0;

  /** Operations that the server answered without an error. */
  get operations(): number {
    return this.latency.count;
  }
}

export interface ErrorCount {
  /** The first word of the error (`OOM`), or the text of a plain `ERR`. */
  readonly kind: string;
  /** The first text that came. */
  readonly example: string;
  count: number;
}

/** A time in which connections to a node were lost. */
export interface Outage {
  readonly node: string;
  readonly reason: string;
  /** Until every client was connected to a master again; undefined when that did not come. */
  durationMs: number | undefined;
}

export class Measurement {
  readonly reads = new OperationStats();
  readonly writes = new OperationStats();
  readonly errors = new Map<string, ErrorCount>();
  readonly outages: Outage[] = [];
  /** Operations by node name. */
  readonly nodes = new Map<string, number>();
  /** Answers that named another node: counted here and nowhere else. */
  redirections = 0;
  /** Operations that a broken connection left without an answer. */
  unanswered = 0;
  connectionsLost = 0;
  connectionsReopened = 0;
  startedAtMs = 0;
  durationMs = 0;

  get operations(): number {
    return this.reads.operations + this.writes.operations;
  }

  get failures(): number {
    let failures = 0;
    for (const { count } of this.errors.values()) failures += count;
    return failures;
  }

  /** Reads and writes in one. */
  allLatencies(): LatencyHistogram {
    const all = new LatencyHistogram();
    all.add(this.reads.latency);
    all.add(this.writes.latency);
    return all;
  }

  countNode(name: string, operations: number): void {
    this.nodes.set(name, (this.nodes.get(name) ?? 0) + operations);
  }

  countError(text: string): void {
    const kind = kindOfError(text);
    const known = this.errors.get(kind);
    if (known !== undefined) {
      known.count++;
    } else if (this.errors.size < ERROR_KINDS_MAX || kind === OTHER_ERRORS) {
      this.errors.set(kind, { kind, example: text, count: 1 });
    } else {
      this.countOtherError(text);
    }
  }

  private countOtherError(text: string): void {
    const others = this.errors.get(OTHER_ERRORS);
    if (others === undefined) this.errors.set(OTHER_ERRORS, { kind: OTHER_ERRORS, example: text, count: 1 });
    else others.count++;
  }
}

/** `OOM` of `OOM command not allowed`; `ERR` alone would say nothing, so its text belongs to it. */
function kindOfError(text: string): string {
  const code = /^[A-Z][A-Z0-9_]*(?= |$)/.exec(text)?.[0];
  return code === undefined || code === 'ERR' ? text : code;
}
