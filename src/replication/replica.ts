/** The replica's end of one replication link: a session on a socket, worked off in slices, kept alive, and given up. */
import type { Duplex } from 'node:stream';
import { systemClock, type Clock } from '../clock.js';
import { messageOf } from '../errors.js';
import { ReplicaSession, type SessionOptions, type SyncStatistics } from './replica-session.js';
import { defaultTimings, SLICE_MS, type ReplicationTimings } from './timings.js';

/**
 * connecting: until the master has answered PSYNC. syncing: until the log is applied up to where it ended when the
 * stream began. in-sync: from then on. lost: the link is over, whatever the reason; a new one takes its place.
 */
export type LinkState = 'connecting' | 'syncing' | 'in-sync' | 'lost';

export interface ReplicaLinkOptions extends SessionOptions {
  /** Taken over by the link. */
  readonly duplex: Duplex;
  readonly onStateChange?: (link: ReplicaLink) => void;
  readonly clock?: Clock;
  readonly timings?: Partial<ReplicationTimings>;
}

/** Received bytes that wait to be applied; beyond it the stream is paused. */
const MAX_QUEUED_BYTES = 1024 * 1024;
/** While this much lies unsent, acknowledgements are left out: the next one says more. */
const MAX_UNSENT_BYTES = 16 * 1024;
/** What a socket hands over at a time when it holds more than that. */
const FULL_READ_BYTES = 64 * 1024;
/** A replica that never gets to the end of what its socket holds still acknowledges this often. */
const BUSY_ACK_MS = 100;
/** A link that is drained is taken to be empty when nothing has come for this long. */
const QUIET_MS = 20;
const DEFAULT_DRAIN_TIMEOUT_MS = 1_000;

export class ReplicaLink {
  private readonly duplex: Duplex;
  private readonly session: ReplicaSession;
  private readonly clock: Clock;
  private readonly timings: ReplicationTimings;
  private readonly heartbeat: NodeJS.Timeout;
  private readonly queue: Buffer[] = [];
  private readonly drains = new Set<() => void>();
  private queuedBytes = 0;
  private isWorking = false;
  private isDraining = false;
  /** While the socket seems to hold more: when the next acknowledgement is due all the same. */
  private busyAckAtMs: number | undefined;
  private currentState: LinkState = 'connecting';
  private lastReceivedMs: number;
  /** Set once nothing more will come; the link is lost when all that came before has been applied. */
  private endReason: string | undefined;

  /** Sends the handshake at once. */
  constructor(private readonly options: ReplicaLinkOptions) {
    this.duplex = options.duplex;
    this.session = new ReplicaSession(options, (bytes) => {
      this.duplex.write(bytes);
    });
    this.clock = options.clock ?? systemClock;
    this.timings = { ...defaultTimings, ...options.timings };
    this.lastReceivedMs = this.clock.now();
    this.heartbeat = setInterval(this.beat, this.timings.heartbeatMs).unref();
    this.listen();
    this.session.begin();
  }

  get state(): LinkState {
    return this.currentState;
  }

  get isInSync(): boolean {
    return this.currentState === 'in-sync';
  }

  /** Why the link was lost; undefined while it is not. */
  get lostReason(): string | undefined {
    return this.currentState === 'lost' ? this.endReason : undefined;
  }

  /** Time since the master was heard of last, in ms. */
  get silentMs(): number {
    return Math.max(0, this.clock.now() - this.lastReceivedMs);
  }

  /** How the synchronization of this link went; undefined until it is over. */
  get lastSync(): SyncStatistics | undefined {
    return this.session.statistics;
  }

  /** Ends the link at once; what was received and not applied is dropped. */
  close(reason = 'closed by the replica'): void {
    this.queue.length = 0;
    this.queuedBytes = 0;
    this.lose(reason);
  }

  /**
   * Before a promotion: resolves when all that the socket still holds has been applied (the link was lost, or nothing
   * comes any more), and at the latest after `timeoutMs`. The owner then closes the link.
   */
  drain(timeoutMs = DEFAULT_DRAIN_TIMEOUT_MS): Promise<void> {
    if (this.currentState === 'lost') return Promise.resolve();
    this.isDraining = true;
    return new Promise((resolve) => {
      const isQuiet = (): boolean => !this.isWorking && performance.now() - quietSinceMs >= QUIET_MS;
      let quietSinceMs = performance.now();
      const finish = (): void => {
        clearTimeout(timeout);
        clearInterval(poll);
        this.duplex.removeListener('data', restart);
        this.drains.delete(finish);
        resolve();
      };
      const restart = (): void => {
        quietSinceMs = performance.now();
      };
      const timeout = setTimeout(finish, timeoutMs);
      const poll = setInterval(() => {
        if (isQuiet()) finish();
      }, QUIET_MS / 4);
      this.duplex.on('data', restart);
      this.drains.add(finish);
    });
  }

  private listen(): void {
    const { duplex } = this;
    duplex.on('data', this.receive);
    duplex.on('error', (error) => {
      this.finish(messageOf(error));
    });
    const onClosed = (): void => {
      this.finish('the master closed the link');
    };
    duplex.once('end', onClosed).once('close', onClosed);
  }

  private readonly receive = (chunk: Buffer): void => {
    if (this.currentState === 'lost') return;
    this.lastReceivedMs = this.clock.now();
    this.queue.push(chunk);
    this.queuedBytes += chunk.length;
    if (this.queuedBytes > MAX_QUEUED_BYTES) this.duplex.pause();
    if (!this.isWorking) this.workOffNext();
  };

  /** Feeds the session the next chunk and works on it; ends when nothing is queued. */
  private workOffNext(): void {
    const chunk = this.queue.shift();
    if (chunk === undefined) {
      this.isWorking = false;
      if (this.endReason !== undefined) this.lose(this.endReason);
      return;
    }
    this.isWorking = true;
    if (chunk.length < FULL_READ_BYTES && this.queue.length === 0) this.busyAckAtMs = undefined;
    else this.busyAckAtMs ??= this.clock.now() + BUSY_ACK_MS;
    this.queuedBytes -= chunk.length;
    if (this.queuedBytes <= MAX_QUEUED_BYTES && this.duplex.isPaused()) this.duplex.resume();
    this.session.feed(chunk);
    this.workSlice();
  }

  private readonly workSlice = (): void => {
    if (this.currentState === 'lost') return;
    let isMoreLeft: boolean;
    try {
      isMoreLeft = this.session.run(SLICE_MS);
    } catch (error) {
      this.close(messageOf(error));
      return;
    }
    this.noteState();
    this.acknowledge();
    if (isMoreLeft) setImmediate(this.workSlice);
    else if (this.queue.length > 0) setImmediate(this.workNext);
    else this.workOffNext();
  };

  private readonly workNext = (): void => {
    if (this.currentState !== 'lost') this.workOffNext();
  };

  private noteState(): void {
    if (this.session.statistics !== undefined) this.enter('in-sync');
    else if (this.session.isConnected) this.enter('syncing');
  }

  private enter(state: LinkState): void {
    if (this.currentState === state || this.currentState === 'lost') return;
    this.currentState = state;
    this.options.onStateChange?.(this);
  }

  /** Once per applied slice. */
  private acknowledge(): void {
    if (this.session.isStreaming && this.duplex.writableLength < MAX_UNSENT_BYTES) this.report();
  }

  /**
   * The master may be dead: a write to it then resets the connection, and what the socket still holds is gone. So hardly anything
   * is written before that has been read, and nothing once a promotion waits for it.
   */
  private readonly report = (): void => {
    if (this.isDraining || !this.duplex.writable) return;
    if (this.busyAckAtMs !== undefined) {
      const nowMs = this.clock.now();
      if (nowMs < this.busyAckAtMs) return;
      this.busyAckAtMs = nowMs + BUSY_ACK_MS;
    }
    this.duplex.write(this.session.report());
  };

  private readonly beat = (): void => {
    if (this.clock.now() - this.lastReceivedMs > this.timings.timeoutMs) {
      this.finish(`nothing received for ${String(this.timings.timeoutMs)} ms`);
    } else {
      // A process that was suspended finds its timers due first: what came meanwhile is read before anything is written.
      setImmediate(this.report);
    }
  };

  /** Nothing more will come. */
  private finish(reason: string): void {
    this.endReason ??= reason;
    if (!this.isWorking) this.lose(this.endReason);
  }

  private lose(reason: string): void {
    if (this.currentState === 'lost') return;
    this.endReason = reason;
    clearInterval(this.heartbeat);
    this.enter('lost');
    this.duplex.destroy();
    for (const finish of [...this.drains]) finish();
  }
}
