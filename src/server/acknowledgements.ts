/** WAIT: connections that wait until replicas have acknowledged what they wrote. */
import type { Instance } from './instance.js';
import type { Session } from './session.js';

/** What a connection waits for, so that others can end the waiting. */
export interface Blocked {
  /** As when the time is over: with what there is by now. */
  timeOut(): void;
  /** With an error to answer with. */
  fail(error: Error): void;
  /** The connection is gone. */
  forget(): void;
}

/** The longest time that a timer takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export class Acknowledgements {
  private readonly waiting = new Set<Waiting>();

  constructor(private readonly instance: Instance) {}

  /** How many replicas have all that this session wrote. */
  countFor(session: Session): number {
    let count = 0;
    for (const offset of this.instance.replication.acknowledgedOffsets()) if (offset >= session.writeOffset) count++;
    return count;
  }

  /** Resolves to how many replicas have it: as soon as they are `replicas`, or when the time is over. 0: no limit. */
  wait(session: Session, replicas: number, timeoutMs: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const waiting = new Waiting(session, replicas, {
        finish: () => {
          this.forget(waiting);
          resolve(this.countFor(session));
        },
        fail: (error) => {
          this.forget(waiting);
          reject(error);
        },
        forget: () => {
          this.forget(waiting);
        },
      });
      this.waiting.add(waiting);
      session.blocked = waiting;
      if (timeoutMs > 0) waiting.limit(timeoutMs);
      this.instance.replication.requestAcknowledgements();
    });
  }

  /** A replica has told how far it is. */
  review(): void {
    for (const waiting of this.waiting) if (this.countFor(waiting.session) >= waiting.replicas) waiting.timeOut();
  }

  /** The node is a master no longer: nobody will acknowledge anything to it. */
  abandon(): void {
    for (const waiting of [...this.waiting]) {
      waiting.session.closeAfterReplies();
      waiting.fail(
        new Error('UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)'),
      );
    }
  }

  private forget(waiting: Waiting): void {
    this.waiting.delete(waiting);
    waiting.session.blocked = undefined;
    waiting.clear();
  }
}

interface Ends {
  readonly finish: () => void;
  readonly fail: (error: Error) => void;
  readonly forget: () => void;
}

class Waiting implements Blocked {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    readonly session: Session,
    readonly replicas: number,
    private readonly ends: Ends,
  ) {}

  limit(leftMs: number): void {
    const stepMs = Math.min(leftMs, MAX_TIMER_MS);
    this.timer = setTimeout(() => {
      if (leftMs > stepMs) this.limit(leftMs - stepMs);
      else this.timeOut();
    }, stepMs);
    this.timer.unref();
  }

  clear(): void {
    clearTimeout(this.timer);
  }

  timeOut(): void {
    this.ends.finish();
  }

  fail(error: Error): void {
    this.ends.fail(error);
  }

  forget(): void {
    this.ends.forget();
  }
}
