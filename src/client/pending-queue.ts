/** Commands that wait for their replies, in the order in which they were sent. */
import type { RedNodeError } from '../errors.js';
import type { Reply } from '../resp/reply.js';

/** How many taken entries may lie in front before the array is compacted. */
const COMPACT_AFTER = 1024;

export interface PendingCommand {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: RedNodeError) => void;
  readonly timer: NodeJS.Timeout;
  /** Of a (un)subscribe command: its name in lower case, as its confirmations repeat it. */
  readonly verb: string | undefined;
  /** Of a (un)subscribe command: confirmations still to come; it is answered by one for each channel. */
  confirmationsLeft: number;
}

/** First in, first out, in constant time however long it grows. */
export class PendingQueue {
  private entries: (PendingCommand | undefined)[] = [];
  private head = 0;

  get length(): number {
    return this.entries.length - this.head;
  }

  push(command: PendingCommand): void {
    this.entries.push(command);
  }

  peek(): PendingCommand | undefined {
    return this.entries[this.head];
  }

  /** Takes the oldest out and stops its timer. */
  shift(): PendingCommand | undefined {
    const command = this.entries[this.head];
    if (command === undefined) return undefined;
    clearTimeout(command.timer);
    this.entries[this.head++] = undefined;
    if (this.head === this.entries.length) {
      this.entries = [];
      this.head = 0;
    } else if (this.head >= COMPACT_AFTER && this.head * 2 >= this.entries.length) {
      this.entries = this.entries.slice(this.head);
      this.head = 0;
    }
    return command;
  }

  rejectAll(error: RedNodeError): void {
    for (let command = this.shift(); command !== undefined; command = this.shift()) command.reject(error);
  }
}
