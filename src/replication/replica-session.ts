/** What a replica does with the bytes of its link: the handshake, the snapshot, the log. Knows no socket and no time. */
import { ExitCode, RedNodeError } from '../errors.js';
import type { Store } from '../keyspace/store.js';
import { LineReader } from './line-reader.js';
import type { ReplicationLog } from './log.js';
import { SnapshotReceiver } from './snapshot-receiver.js';
import { StreamApplier, type Apply } from './stream-applier.js';
import {
  acknowledgement,
  KEEPALIVE,
  opening,
  parseCaughtUpAt,
  parsePsyncReply,
  parseTransfer,
  psync,
} from './sync-protocol.js';

/** How a synchronization went. `bytes`: of the snapshot, and of the log until the replica was in sync. */
export interface SyncStatistics {
  readonly kind: 'full' | 'partial';
  readonly bytes: number;
  readonly ms: number;
}

export interface SessionOptions {
  /** The replica's own log: takes over the master's history and grows with it. */
  readonly log: ReplicationLog;
  /** Must not be a master's (`isMaster` false): what expires is deleted by the stream. */
  readonly store: Store;
  readonly apply: Apply;
  /** Told of the tenants that a snapshot names, when it has been loaded. */
  readonly onTenants?: ((tenants: ReadonlyMap<number, string>) => void) | undefined;
}

/** What the next bytes are. */
type Phase = 'reply' | 'transfer-header' | 'snapshot' | 'stream-head' | 'caught-up-line' | 'stream';

const EMPTY = Buffer.alloc(0);
const PLUS = 0x2b;
const SHOWN_LINE_LENGTH = 200;

export class ReplicaSession {
  private readonly startedMs = performance.now();
  private readonly lines = new LineReader();
  private chunk: Buffer = EMPTY;
  private position = 0;
  private phase: Phase = 'reply';
  private hasConfigured = false;
  private history = { id: '', offset: 0 };
  private kind: SyncStatistics['kind'] = 'partial';
  private receiver: SnapshotReceiver | undefined;
  private applier: StreamApplier | undefined;
  private streamStart = 0;
  private caughtUpAt = Infinity;
  private finished: SyncStatistics | undefined;

  /** `send` writes to the master. */
  constructor(
    private readonly options: SessionOptions,
    private readonly send: (bytes: Buffer) => void,
  ) {}

  /** Whether the master has accepted the link. */
  get isConnected(): boolean {
    return this.phase !== 'reply';
  }

  /** Whether the store is at the offset of its log, and goes on from there. */
  get isStreaming(): boolean {
    return this.applier !== undefined;
  }

  /** Undefined until the log is applied up to where it ended when the stream began: the replica is in sync then. */
  get statistics(): SyncStatistics | undefined {
    return this.finished;
  }

  /** Opens the link. */
  begin(): void {
    this.send(opening());
  }

  /** What tells the master how far this is: the offset, or merely that it is alive while the sync goes on. */
  report(): Buffer {
    return this.applier === undefined ? Buffer.from(KEEPALIVE) : acknowledgement(this.options.log.endOffset);
  }

  /** Takes the next chunk; the one before must have been worked off. */
  feed(chunk: Buffer): void {
    this.chunk = chunk;
    this.position = 0;
  }

  /**
   * Works off what was fed, for about `budgetMs`. Returns whether more is left. Throws for what is no replication
   * stream, a damaged snapshot, and what `apply` throws; the session is over then, and the next sync a full one if the
   * store may have gone astray.
   */
  run(budgetMs: number): boolean {
    while (this.applier === undefined || this.phase === 'caught-up-line' || this.phase === 'stream-head') {
      if (this.position >= this.chunk.length) return false;
      this.readOne();
    }
    return this.runStream(this.applier, budgetMs);
  }

  private readOne(): void {
    const { chunk, position } = this;
    switch (this.phase) {
      case 'snapshot':
        this.readSnapshot();
        return;
      case 'stream-head':
        // A master that is Redis sends no such line: there, the stream begins with a command at once.
        if (chunk[position] === PLUS) this.phase = 'caught-up-line';
        else this.beginCatchUp(this.options.log.endOffset);
        return;
      default: {
        this.position = this.lines.feed(chunk, position);
        const line = this.lines.take();
        if (line !== undefined) this.readLine(line);
      }
    }
  }

  private readLine(line: string): void {
    if (this.phase === 'transfer-header') {
      this.beginSnapshot(line);
    } else if (this.phase === 'caught-up-line') {
      const offset = parseCaughtUpAt(line);
      if (offset === undefined) throw unexpected(line);
      this.beginCatchUp(offset);
    } else if (!this.hasConfigured && line === '+OK') {
      this.hasConfigured = true;
      this.requestSync();
    } else {
      this.readPsyncReply(line);
    }
  }

  private requestSync(): void {
    const { replicationId, endOffset, isActive } = this.options.log;
    this.send(psync(isActive ? { id: replicationId, offset: endOffset } : undefined));
  }

  private readPsyncReply(line: string): void {
    const reply = parsePsyncReply(line);
    if (reply === undefined) throw unexpected(line);
    this.kind = reply.kind;
    if (reply.kind === 'full') {
      this.history = reply;
      this.phase = 'transfer-header';
      return;
    }
    if (reply.id !== undefined) this.options.log.continueAs(reply.id);
    this.beginStream();
  }

  private beginSnapshot(line: string): void {
    const transfer = parseTransfer(line);
    if (transfer === undefined) throw unexpected(line);
    // From here on the store is neither what it was nor what it will be: nobody may resume from its log.
    this.options.log.invalidate();
    this.receiver = new SnapshotReceiver(this.options.store, transfer);
    this.phase = 'snapshot';
  }

  private readSnapshot(): void {
    const { receiver } = this;
    if (receiver === undefined) return;
    this.position = receiver.feed(this.chunk, this.position);
    if (!receiver.isDone) return;
    this.options.log.resetTo(this.history.id, this.history.offset);
    this.options.onTenants?.(receiver.tenants);
    this.beginStream();
  }

  private beginStream(): void {
    this.streamStart = this.options.log.endOffset;
    this.applier = new StreamApplier(this.options.store, this.options.log, this.options.apply);
    this.phase = 'stream-head';
  }

  private beginCatchUp(offset: number): void {
    this.caughtUpAt = offset;
    this.phase = 'stream';
    this.noteProgress();
  }

  private runStream(applier: StreamApplier, budgetMs: number): boolean {
    if (this.position < this.chunk.length) {
      applier.feed(this.chunk.subarray(this.position));
      this.position = this.chunk.length;
    }
    try {
      return applier.run(budgetMs);
    } catch (error) {
      this.options.log.invalidate();
      throw error;
    } finally {
      this.noteProgress();
    }
  }

  private noteProgress(): void {
    const { endOffset } = this.options.log;
    if (this.finished !== undefined || endOffset < this.caughtUpAt) return;
    this.finished = {
      kind: this.kind,
      bytes: (this.receiver?.receivedBytes ?? 0) + endOffset - this.streamStart,
      ms: Math.round(performance.now() - this.startedMs),
    };
    this.receiver = undefined;
  }
}

function unexpected(line: string): RedNodeError {
  const shown = line.slice(0, SHOWN_LINE_LENGTH);
  return new RedNodeError('REPLICATION_PROTOCOL', `the master answered '${shown}'`, ExitCode.internal);
}
