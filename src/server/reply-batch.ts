/**
 * The replies of one turn of the event loop, of all connections, in one buffer: written when every request that has
 * arrived is answered. A client that is woken by the first write finds work until the last one, so a turn costs one
 * wake-up and not one per connection (Redis does the same before it sleeps).
 */
import { ReplyWriter } from '../resp/reply-writer.js';

/** Replies leave early when this much of them has gathered. */
const FLUSH_BYTES = 256 * 1024;
/** Or when so much was read since the last time: with large values a turn is long, and its first replies need not wait for its end. */
const FLUSH_INPUT_BYTES = 256 * 1024;

/** A connection that replies are written to. */
export interface ReplyReceiver {
  /** Takes replies; returns whether the socket still reads from their memory. */
  sendReplies(bytes: Buffer): boolean;
}

export class ReplyBatch {
  /** Replies are appended here, between `length` before and `length` after. */
  readonly writer = new ReplyWriter();
  private readonly receivers: ReplyReceiver[] = [];
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  private isScheduled = false;
  private inputBytes = 0;

  /** What was written from `start` on is for this connection. */
  add(receiver: ReplyReceiver, start: number): void {
    const { receivers, ends, writer } = this;
    if (writer.length === start) return;
    const last = receivers.length - 1;
    if (last >= 0 && receivers[last] === receiver && ends[last] === start) {
      ends[last] = writer.length;
    } else {
      receivers.push(receiver);
      this.starts.push(start);
      ends.push(writer.length);
    }
    if (writer.length >= FLUSH_BYTES) this.flush();
    else this.schedule();
  }

  /** So many bytes were read, and what they asked for is answered. */
  countInput(bytes: number): void {
    this.inputBytes += bytes;
    if (this.inputBytes >= FLUSH_INPUT_BYTES) this.flush();
  }

  /** Has `flush` called at the end of this turn of the event loop. */
  schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(this.flushScheduled);
  }

  /** Hands all replies to their sockets. */
  flush(): void {
    const { receivers, starts, ends, writer } = this;
    const { buffer } = writer;
    this.inputBytes = 0;
    let isRetained = false;
    for (let index = 0; index < receivers.length; index++) {
      if (receivers[index].sendReplies(buffer.subarray(starts[index], ends[index]))) isRetained = true;
    }
    receivers.length = 0;
    starts.length = 0;
    ends.length = 0;
    if (isRetained) writer.abandon();
    else writer.reset();
  }

  private readonly flushScheduled = (): void => {
    this.isScheduled = false;
    this.flush();
  };
}
