/** The bytes that were received and not yet decoded: the latest chunk in place, or leftovers joined in a growing store. */

const EMPTY = Buffer.alloc(0);
/** Small, since thousands of connections may each be amid a request. */
const INITIAL_STORE_BYTES = 1024;
/** A larger store is given back as soon as nothing in it is needed. */
const RETAINED_STORE_BYTES = 1024 * 1024;
/** Room behind a frame of known size, for what arrives with its last bytes: saves a whole copy of a large frame. */
const SLACK_BYTES = 64 * 1024;

/**
 * Holds the window `[start, end)` of `bytes`. The owner moves `start` forward as it consumes; whatever lies before it
 * is forgotten. Each byte is copied a bounded number of times on average, however the stream is cut.
 */
export class ReceiveBuffer {
  /** Holds the window; bytes from `end` on are stale. */
  bytes: Buffer = EMPTY;
  start = 0;
  end = 0;
  private store = EMPTY;

  /**
   * Takes in the first `length` bytes of a chunk: in place when the window is empty, else joined with it. `wantedBytes` is how long the window is
   * known to become (0: unknown); the store doubles towards it but is never made that large on the word of a header.
   * Returns how far the bytes of the window moved towards the front: positions kept by the owner shrink by it.
   */
  append(chunk: Buffer, wantedBytes: number, length = chunk.length): number {
    if (this.start === this.end) {
      const shift = this.start;
      this.bytes = chunk;
      this.start = 0;
      this.end = length;
      return shift;
    }
    const fits = this.bytes === this.store && this.end + length <= this.store.length;
    const shift = fits ? 0 : this.moveToFront(this.end - this.start + length, wantedBytes);
    chunk.copy(this.store, this.end, 0, length);
    this.end += length;
    return shift;
  }

  /**
   * Lets go of the chunk: what is left of it is copied into the store, so that the caller may reuse the chunk's memory.
   * Returns the shift, as `append` does.
   */
  detach(): number {
    if (this.start < this.end) return this.bytes === this.store ? 0 : this.moveToFront(this.end - this.start, 0);
    const shift = this.start;
    this.clear();
    return shift;
  }

  /** Bytes of memory that it keeps, used or not. */
  get heldBytes(): number {
    return this.store.length;
  }

  /** Gives its memory back when nothing is in it. */
  release(): void {
    if (this.end === 0) this.store = EMPTY;
  }

  /** Forgets everything. */
  clear(): void {
    this.bytes = EMPTY;
    this.start = 0;
    this.end = 0;
    if (this.store.length > RETAINED_STORE_BYTES) this.store = EMPTY;
  }

  /** Moves the window to the front of a store that has room for `neededBytes`. */
  private moveToFront(neededBytes: number, wantedBytes: number): number {
    const { bytes, start, end, store } = this;
    const isOversized = store.length > RETAINED_STORE_BYTES && neededBytes <= RETAINED_STORE_BYTES;
    if (store.length < neededBytes || isOversized) {
      const currentBytes = isOversized ? 0 : store.length;
      this.store = Buffer.allocUnsafeSlow(capacityFor(neededBytes, wantedBytes, currentBytes));
    }
    bytes.copy(this.store, 0, start, end);
    this.bytes = this.store;
    this.start = 0;
    this.end = end - start;
    return start;
  }
}

/** Doubles; goes straight to what the window is known to need once that is within reach of one more doubling. */
function capacityFor(neededBytes: number, wantedBytes: number, currentBytes: number): number {
  const doubledBytes = Math.max(INITIAL_STORE_BYTES, currentBytes * 2);
  const isWithinReach = wantedBytes > neededBytes && wantedBytes <= doubledBytes * 2;
  return Math.max(neededBytes, isWithinReach ? wantedBytes + SLACK_BYTES : doubledBytes);
}
