/** The master's end of one replication link: answers the handshake, sends the snapshot, then the log. */
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock.js';
import { messageOf } from '../errors.js';
import type { Store } from '../keyspace/store.js';
import type { RdbHeader } from '../persistence/rdb-encoder.js';
import { DecodeResult, RequestDecoder } from '../resp/request-decoder.js';
import type { Request } from '../resp/request.js';
import type { DropReason, LogFollower, ReplicationLog } from './log.js';
import type { SnapshotQueue } from './snapshot-queue.js';
import { SnapshotSender } from './snapshot-sender.js';
import { KEEPALIVE, REDNODE_CAPABILITY, replies } from './sync-protocol.js';

/**
 * handshake: until PSYNC. queued: waits for its turn to take a snapshot. sending: the snapshot is under way.
 * loading: the replica has all of it, and has not answered yet. streaming: it follows the log.
 */
export type FeedState = 'handshake' | 'queued' | 'sending' | 'loading' | 'streaming' | 'closed';

/** What all feeds of a master share. */
export interface FeedContext {
  readonly log: ReplicationLog;
  readonly store: Store;
  readonly snapshots: SnapshotQueue;
  readonly clock: Clock;
  readonly timeoutMs: number;
  snapshotHeader(): RdbHeader;
}

/** The replication id of a replica that has none yet. */
const ANY_HISTORY = '?';

export interface FeedEvents {
  onStateChange?(feed: ReplicaFeed): void;
  /** The replica has applied the log up to `feed.ackOffset`. */
  onAck?(feed: ReplicaFeed): void;
}

/**
 * Takes over a duplex, which must be done with a buffer when it reports it written, and when it is destroyed (sockets
 * are): what it is given are slices of the log.
 */
export class ReplicaFeed implements LogFollower {
  private readonly decoder = new RequestDecoder();
  private currentState: FeedState = 'handshake';
  private isRedNode = false;
  private asksToResume = false;
  private isResumed = false;
  private cutOffset = 0;
  private sentOffset = 0;
  private acknowledged = 0;
  private inSyncFrom = Infinity;
  private lastReceivedMs: number;
  private sender: SnapshotSender | undefined;
  private leaveQueue: (() => void) | undefined;
  private reason = '';
  private isTooSlow = false;

  constructor(
    /** The replica's name, for status and log lines. */
    readonly name: string,
    private readonly duplex: Duplex,
    private readonly context: FeedContext,
    private readonly events: FeedEvents = {},
  ) {
    this.lastReceivedMs = context.clock.now();
    duplex.on('data', this.receive);
    duplex.on('drain', this.pump);
    duplex.on('error', (error) => {
      this.close(messageOf(error));
    });
    const onClosed = (): void => {
      this.close('the replica closed the link');
    };
    duplex.once('end', onClosed).once('close', onClosed);
  }

  get state(): FeedState {
    return this.currentState;
  }

  /** The log offset that the replica has applied. */
  get ackOffset(): number {
    return this.acknowledged;
  }

  /** Whether it has caught up with where the log ended when it began to follow. */
  get isInSync(): boolean {
    return this.currentState === 'streaming' && this.acknowledged >= this.inSyncFrom;
  }

  /** Whether it acknowledges in time only when it is asked to (REPLCONF GETACK). */
  get wantsRequests(): boolean {
    return this.currentState === 'streaming' && !this.isRedNode;
  }

  /** How it came to follow the log: from where it was, by a snapshot though it asked for that, or by one that it asked for. */
  get syncKind(): 'resumed' | 'refused' | 'full' {
    if (this.isResumed) return 'resumed';
    return this.asksToResume ? 'refused' : 'full';
  }

  /** Bytes of the log that wait for it; none before it follows the log. */
  get pendingBytes(): number {
    const follows = this.state === 'sending' || this.state === 'loading' || this.state === 'streaming';
    return follows ? this.context.log.endOffset - this.neededFrom : 0;
  }

  /** Whether it was closed because it did not take the log fast enough. */
  get wasTooSlow(): boolean {
    return this.isTooSlow;
  }

  /** Time since the replica was heard of last, in ms. */
  get silentMs(): number {
    return Math.max(0, this.context.clock.now() - this.lastReceivedMs);
  }

  /** Why it was closed; empty before. */
  get closeReason(): string {
    return this.reason;
  }

  /** Bytes that the stream has taken but not sent are still slices of the log. */
  get neededFrom(): number {
    return Math.max(this.cutOffset, this.sentOffset - this.duplex.writableLength);
  }

  onAppend(): void {
    this.pump();
  }

  onDropped(reason: DropReason): void {
    this.isTooSlow = reason === 'too-far-behind';
    this.close(this.isTooSlow ? 'the replica fell too far behind' : 'the log was replaced');
  }

  /** To be called once per heartbeat: keeps a waiting link alive, and gives up a dead one. */
  onHeartbeat(nowMs: number): void {
    if (nowMs - this.lastReceivedMs > this.context.timeoutMs) {
      this.close(`nothing received for ${String(this.context.timeoutMs)} ms`);
    } else if (this.currentState === 'queued') {
      this.duplex.write(KEEPALIVE);
    }
  }

  close(reason = 'closed by the master'): void {
    if (this.currentState === 'closed') return;
    this.reason = reason;
    this.sender?.abort();
    this.context.log.detach(this);
    this.duplex.destroy();
    this.leaveQueue?.();
    this.enter('closed');
  }

  private enter(state: FeedState): void {
    this.currentState = state;
    this.events.onStateChange?.(this);
  }

  private readonly receive = (chunk: Buffer): void => {
    this.lastReceivedMs = this.context.clock.now();
    const { decoder } = this;
    decoder.feed(chunk);
    while (this.currentState !== 'closed') {
      const result = decoder.next();
      if (result === DecodeResult.incomplete) return;
      if (result === DecodeResult.protocolError) {
        this.close(decoder.error);
      } else {
        this.handle(decoder.request);
      }
    }
  };

  private handle(request: Request): void {
    if (request.is(0, 'REPLCONF')) this.configure(request);
    else if (request.is(0, 'PING')) this.duplex.write(replies.pong);
    else if (request.is(0, 'PSYNC') && request.argc === 3 && this.currentState === 'handshake')
      this.synchronize(request);
    else this.close(`unexpected command '${request.text(0).slice(0, 32)}' from the replica`);
  }

  private configure(request: Request): void {
    if (request.argc >= 3 && request.is(1, 'ACK')) {
      this.acknowledge(Number(request.text(2)));
      return;
    }
    for (let index = 1; index + 1 < request.argc; index += 2) {
      if (request.is(index, 'CAPA') && request.text(index + 1) === REDNODE_CAPABILITY) this.isRedNode = true;
    }
    this.duplex.write(replies.ok);
  }

  private acknowledge(offset: number): void {
    if (!Number.isSafeInteger(offset) || offset > this.context.log.endOffset) {
      this.close(`the replica acknowledged offset ${String(offset)}, which was never written`);
      return;
    }
    // A replica that is given a stream for the first time says with its first ACK that the snapshot is loaded.
    if (this.currentState === 'loading') this.startStreaming();
    if (this.currentState !== 'streaming' || offset < this.acknowledged) return;
    this.acknowledged = offset;
    this.events.onAck?.(this);
  }

  private synchronize(request: Request): void {
    const { log, store } = this.context;
    if (!store.isMaster) {
      // A full sync begins with a SELECT, which a replica may not put into its master's log.
      this.duplex.write(replies.notMaster);
      this.close('this node is a replica');
      return;
    }
    const id = request.text(1);
    this.asksToResume = id !== ANY_HISTORY;
    const offset = Number(request.text(2)) - 1;
    if (log.canResume(id, offset)) {
      this.isResumed = true;
      this.follow(offset);
      this.duplex.write(replies.continue(log.replicationId));
      this.startStreaming();
      return;
    }
    this.enter('queued');
    this.leaveQueue = this.context.snapshots.enter(() => {
      try {
        this.sendSnapshot();
      } catch (error) {
        this.close(messageOf(error));
      }
    });
  }

  private sendSnapshot(): void {
    const { log, store } = this.context;
    this.follow(log.endOffset);
    log.repeatSelect();
    this.duplex.write(replies.fullResync(log.replicationId, this.cutOffset));
    this.sender = new SnapshotSender(this.duplex, store, this.context.snapshotHeader(), {
      done: () => {
        this.enter('loading');
        this.leaveQueue?.();
      },
      failed: (reason) => {
        this.close(reason);
      },
    });
    this.enter('sending');
  }

  private follow(offset: number): void {
    this.cutOffset = offset;
    this.sentOffset = offset;
    this.acknowledged = offset;
    this.context.log.attach(this);
  }

  private startStreaming(): void {
    this.inSyncFrom = this.context.log.endOffset;
    if (this.isRedNode) this.duplex.write(replies.caughtUpAt(this.inSyncFrom));
    this.enter('streaming');
    this.pump();
  }

  /** Writes from the log until the stream is full or the log is at its end. Memory stays bounded: nothing is copied. */
  private readonly pump = (): void => {
    if (this.currentState !== 'streaming' || this.duplex.writableNeedDrain) return;
    this.sentOffset = this.context.log.read(this.sentOffset, (slice) => this.duplex.write(slice));
  };
}
