/**
 * A decoded request as a view: offsets and lengths of its arguments in the receive buffer. Nothing is copied and no
 * object is made per argument; the view is valid only until its handler returns.
 */

const LOWER_CASE_BIT = 0x20;
const INITIAL_ARGUMENTS = 16;

export class Request {
  /** The buffer that holds the arguments. */
  buffer: Buffer = Buffer.alloc(0);
  /** Number of arguments, the command name included. */
  argc = 0;
  /** Byte offset of each argument in `buffer`; entries from `argc` on are stale. */
  offsets = new Int32Array(INITIAL_ARGUMENTS);
  /** Byte length of each argument. */
  lengths = new Int32Array(INITIAL_ARGUMENTS);
  /** Half-open byte range of the whole frame in `buffer`; of an inline command only the start, in what was received. */
  frameStart = 0;
  frameEnd = 0;
  /**
   * Whether the frame is RESP as it should be, byte for byte, and can be propagated as it is. False for an inline
   * command, and for a frame whose lines do not all end in CR LF: these must be encoded anew.
   */
  isMultibulk = false;

  /** Bytes of its entries for arguments. */
  get heldBytes(): number {
    return this.offsets.byteLength + this.lengths.byteLength;
  }

  /** Argument `index` as UTF-8 text (allocates). */
  text(index: number): string {
    const offset = this.offsets[index];
    return this.buffer.toString('utf8', offset, offset + this.lengths[index]);
  }

  /** Argument `index` as a copy of its bytes. */
  bytes(index: number): Buffer {
    const offset = this.offsets[index];
    return Buffer.from(this.buffer.subarray(offset, offset + this.lengths[index]));
  }

  /** Whether argument `index` is this upper-case ASCII word, in any case of letters. */
  is(index: number, word: string): boolean {
    const length = this.lengths[index];
    if (length !== word.length) return false;
    const { buffer } = this;
    const offset = this.offsets[index];
    for (let i = 0; i < length; i++) {
      let byte = buffer[offset + i];
      if (byte >= 0x61 && byte <= 0x7a) byte ^= LOWER_CASE_BIT;
      if (byte !== word.charCodeAt(i)) return false;
    }
    return true;
  }

  /** All arguments as copies, for requests that outlive their buffer. */
  copyArguments(): Buffer[] {
    const copies: Buffer[] = [];
    for (let index = 0; index < this.argc; index++) copies.push(this.bytes(index));
    return copies;
  }

  /** The same request in memory of its own, for one that runs later. */
  copy(): Request {
    const copy = new Request();
    const { argc, isMultibulk } = this;
    const last = argc - 1;
    const start = isMultibulk ? this.frameStart : this.offsets[0];
    const end = isMultibulk ? this.frameEnd : this.offsets[last] + this.lengths[last];
    copy.buffer = Buffer.from(this.buffer.subarray(start, end));
    copy.argc = argc;
    copy.offsets = this.offsets.slice(0, argc).map((offset) => offset - start);
    copy.lengths = this.lengths.slice(0, argc);
    copy.frameEnd = end - start;
    copy.isMultibulk = isMultibulk;
    return copy;
  }

  /** Makes room for `count` arguments, keeping those that are there. */
  reserve(count: number): void {
    if (count <= this.offsets.length) return;
    const capacity = Math.max(count, this.offsets.length * 2);
    const offsets = new Int32Array(capacity);
    const lengths = new Int32Array(capacity);
    offsets.set(this.offsets);
    lengths.set(this.lengths);
    this.offsets = offsets;
    this.lengths = lengths;
  }

  /** Gives back the memory that a request of many arguments took; the arguments are lost. */
  shrink(): void {
    this.argc = 0;
    this.offsets = new Int32Array(INITIAL_ARGUMENTS);
    this.lengths = new Int32Array(INITIAL_ARGUMENTS);
  }
}
