/** One client's connection to one master: gathers requests, sends them in one write, and tells when all are answered. */
import type { RedNodeError } from '../../errors.js';
import type { ClientNode } from '../types.js';
import { LoadConnection, type LoadConnectionOptions, type LoadReceiver } from './load-connection.js';
import type { Measurement, OperationStats } from './measurement.js';
import { ReplyScanner } from './reply-scanner.js';
import { RequestKind, type Requests } from './requests.js';
import type { RequestSource } from './sources.js';

/** Errors that mean: not this node, or not now. Asking where the slots are helps, trying again at once does not. */
const ROUTING_ERROR = /^(?:MOVED|ASK|TRYAGAIN|CLUSTERDOWN|LOADING|MASTERDOWN|READONLY)\b/;
const REDIRECTION = /^(?:MOVED|ASK) /;
const FIRST_BUFFER_BYTES = 4096;
/** In `kinds`: the request was answered with an error. */
const FAILED = 0xff;

export interface LaneOwner {
  /** All requests of the lane are answered, or lost. */
  settled(lane: Lane): void;
}

export interface LaneParts {
  readonly requests: Requests;
  readonly measurement: Measurement;
  /** The most requests in one write. */
  readonly depth: number;
  /** Latency counts from the time that each request was meant to be sent, not from the write. */
  readonly isPaced: boolean;
  readonly owner: LaneOwner;
}

export class Lane implements LoadReceiver {
  /** Set by an answer that makes a new reading of the topology worth while, or by a lost connection. */
  needsRouting = false;
  /** When the requests under way were sent; undefined while there are none. */
  sentAtMs: number | undefined;
  lostTo: RedNodeError | undefined;
  private connection: LoadConnection | undefined;
  private buffer = Buffer.allocUnsafeSlow(FIRST_BUFFER_BYTES);
  private length = 0;
  private queued = 0;
  private reads = 0;
  private readonly kinds: Uint8Array;
  private readonly intendedAtMs: Float64Array;
  private failedReads = 0;
  private failedWrites = 0;
  private scanner: ReplyScanner;

  constructor(
    readonly node: ClientNode,
    private readonly parts: LaneParts,
  ) {
    this.kinds = new Uint8Array(parts.depth);
    this.intendedAtMs = new Float64Array(parts.isPaced ? parts.depth : 0);
    this.scanner = this.newScanner();
  }

  get isOpen(): boolean {
    return this.connection !== undefined;
  }

  get hasQueued(): boolean {
    return this.queued > 0;
  }

  /** Throws as `LoadConnection.open`. */
  async open(options: LoadConnectionOptions): Promise<void> {
    // The former connection may have broken in the middle of a reply.
    this.scanner = this.newScanner();
    this.connection = await LoadConnection.open(options, this);
    this.lostTo = undefined;
  }

  /** What is under way stays without an answer. */
  close(): void {
    this.connection?.close();
    this.connection = undefined;
    if (this.sentAtMs !== undefined) this.parts.measurement.unanswered += this.queued;
    this.startOver();
  }

  /** Ends the connection as if it had broken. */
  fail(error: RedNodeError): void {
    this.connection?.fail(error);
  }

  /** Puts the source's present request into the next write. */
  add(source: RequestSource, intendedAtMs: number): void {
    const { kind, keyNumber } = source;
    this.reserve(this.parts.requests.sizeBytes(kind));
    this.length = this.parts.requests.write(this.buffer, this.length, kind, keyNumber);
    if (this.parts.isPaced) this.intendedAtMs[this.queued] = intendedAtMs;
    this.kinds[this.queued++] = kind;
    if (kind === RequestKind.read) this.reads++;
  }

  send(nowMs: number): void {
    this.sentAtMs = nowMs;
    this.connection?.write(this.buffer.subarray(0, this.length));
  }

  receive(bytes: Uint8Array, length: number): void {
    this.scanner.scan(bytes, length);
    if (this.scanner.replies < this.queued) return;
    if (this.scanner.replies > this.queued) throw new Error('more replies than requests');
    this.complete(performance.now());
    this.parts.owner.settled(this);
  }

  lost(error: RedNodeError): void {
    this.connection = undefined;
    this.lostTo = error;
    this.needsRouting = true;
    const { measurement } = this.parts;
    measurement.connectionsLost++;
    const wasUnderWay = this.sentAtMs !== undefined;
    if (wasUnderWay) measurement.unanswered += this.queued;
    this.startOver();
    if (wasUnderWay) this.parts.owner.settled(this);
  }

  private newScanner(): ReplyScanner {
    return new ReplyScanner((index, text) => {
      this.noteError(index, text);
    });
  }

  private complete(nowMs: number): void {
    const { measurement, isPaced } = this.parts;
    const empty = this.scanner.empty;
    if (empty > 0) this.countEmpty(empty);
    if (isPaced) this.recordPaced(nowMs);
    else this.recordBatch(nowMs - (this.sentAtMs ?? nowMs));
    measurement.countNode(this.node.name, this.queued - this.failedReads - this.failedWrites);
    this.startOver();
  }

  /** Requests of one write are answered together: each of them took as long as all. */
  private recordBatch(latencyMs: number): void {
    const { reads, writes } = this.parts.measurement;
    const answeredReads = this.reads - this.failedReads;
    const answeredWrites = this.queued - this.reads - this.failedWrites;
    if (answeredReads > 0) reads.latency.record(latencyMs, answeredReads);
    if (answeredWrites > 0) writes.latency.record(latencyMs, answeredWrites);
  }

  private recordPaced(nowMs: number): void {
    for (let index = 0; index < this.queued; index++) {
      if (this.kinds[index] === FAILED) continue;
      this.statsOf(this.kinds[index]).latency.record(nowMs - this.intendedAtMs[index]);
    }
  }

  private statsOf(kind: number): OperationStats {
    return kind === RequestKind.read ? this.parts.measurement.reads : this.parts.measurement.writes;
  }

  /** A SET is never answered by nothing, so what was empty was a GET, or a DEL where there are nothing but DELs. */
  private countEmpty(empty: number): void {
    this.statsOf(this.reads > 0 ? RequestKind.read : RequestKind.remove).empty += empty;
  }

  private noteError(index: number, text: string): void {
    const { measurement } = this.parts;
    if (this.kinds[index] === RequestKind.read) this.failedReads++;
    else this.failedWrites++;
    this.kinds[index] = FAILED;
    if (ROUTING_ERROR.test(text)) this.needsRouting = true;
    if (REDIRECTION.test(text)) measurement.redirections++;
    else measurement.countError(text);
  }

  private reserve(sizeBytes: number): void {
    const neededBytes = this.length + sizeBytes;
    if (neededBytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(neededBytes, this.buffer.length * 2));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }

  private startOver(): void {
    this.sentAtMs = undefined;
    this.length = 0;
    this.queued = 0;
    this.reads = 0;
    this.failedReads = 0;
    this.failedWrites = 0;
    this.scanner.reset();
  }
}
