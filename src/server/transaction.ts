/** MULTI: the commands that a connection has queued, and the keys that it watches. */
import type { Command } from '../command-table/command.js';
import type { TransactionPort } from '../command-table/context.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { OUT_OF_MEMORY } from './gates.js';
import type { Instance } from './instance.js';
import type { Session } from './session.js';
import { WatchList, type Watcher } from './watches.js';

export interface QueuedCommand {
  readonly command: Command;
  /** A copy of its own. */
  readonly request: Request;
}

const QUEUED = Buffer.from('+QUEUED\r\n');
const REFUSED = 'EXECABORT Transaction discarded because of previous errors.';
/** What a queued command costs besides its bytes: about. */
const QUEUED_BYTES = 256;

export class Transaction implements TransactionPort, Watcher {
  /** Between MULTI and EXEC or DISCARD. */
  isOpen = false;
  private isRefused = false;
  /** A watched key has changed. */
  isTouched = false;
  /** While EXEC runs what was queued. */
  isRunning = false;
  /** What the queue holds. */
  queuedBytes = 0;
  private queue: QueuedCommand[] = [];
  private readonly watches: WatchList;

  constructor(
    private readonly session: Session,
    private readonly instance: Instance,
  ) {
    this.watches = new WatchList(instance.watches, this);
  }

  /** Commands waiting for EXEC; -1 outside of a transaction. */
  get length(): number {
    return this.isOpen ? this.queue.length : -1;
  }

  open(): void {
    this.isOpen = true;
  }

  /** A command could not be queued: EXEC will refuse. */
  refuse(): void {
    if (this.isOpen) this.isRefused = true;
  }

  keyTouched(): void {
    this.isTouched = true;
  }

  /** Takes a command in place of running it. */
  enqueue(command: Command, request: Request, reply: ReplyWriter): void {
    // A queue grows whatever is in it: while memory is full, nothing is taken. Commands that need memory were refused before.
    if (!command.flags.includes('denyoom') && !this.instance.memoryLimit.admits()) {
      this.refuse();
      reply.error(OUT_OF_MEMORY);
      return;
    }
    const copy = request.copy();
    this.queuedBytes += copy.buffer.length + QUEUED_BYTES;
    const limit = this.instance.config.queryBufferBytes;
    if (this.queuedBytes > limit) {
      this.refuse();
      this.queue = [];
      reply.error(`ERR the transaction is larger than client-query-buffer-limit (${limit} bytes): split it`);
      return;
    }
    this.queue.push({ command, request: copy });
    reply.raw(QUEUED);
  }

  watch(request: Request, index: number): void {
    this.watches.add(this.session.keyspace, request.buffer, request.offsets[index], request.lengths[index]);
  }

  unwatch(): void {
    this.watches.clear();
    this.isTouched = false;
  }

  discard(): void {
    this.isOpen = this.isRefused = false;
    this.queue = [];
    this.queuedBytes = 0;
    this.unwatch();
  }

  /** Whether something was queued that writes. */
  get isWrite(): boolean {
    return this.queue.some(({ command }) => command.isWrite || command.name === 'PUBLISH');
  }

  private run(queue: readonly QueuedCommand[], reply: ReplyWriter): void {
    this.isRunning = true;
    try {
      this.instance.dispatcher.runTogether(this.session, queue, reply);
    } finally {
      this.isRunning = false;
    }
  }

  execute(reply: ReplyWriter): void {
    const { queue, isRefused } = this;
    this.watches.reviewDeadlines();
    const { isTouched } = this;
    this.discard();
    if (isRefused) reply.error(REFUSED);
    else if (isTouched) reply.nullArray();
    else this.run(queue, reply);
  }
}
