/** The bytes of the replication log: a row of equal chunks, appended to at the end and trimmed at the front. */

/** Chunks that were trimmed and wait to be filled again. */
const SPARE_CHUNKS = 4;

/** Up to this length a loop is faster than a view and a native copy. */
const LOOP_COPY_BYTES = 64;

function copyBytes(source: Uint8Array, from: number, length: number, target: Buffer, at: number): void {
  if (length > LOOP_COPY_BYTES) {
    target.set(source.subarray(from, from + length), at);
    return;
  }
  for (let i = 0; i < length; i++) target[at + i] = source[from + i];
}

export class LogChunks {
  private chunks: Buffer[] = [];
  private readonly spare: Buffer[] = [];
  private first = 0;
  private last = 0;
  /** The last chunk and how full it is; full also while there is none. */
  private tail: Buffer = Buffer.alloc(0);
  private tailLength: number;

  constructor(readonly chunkBytes: number) {
    this.tailLength = chunkBytes;
  }

  /** Offset of the oldest byte kept. */
  get startOffset(): number {
    return this.first;
  }

  /** Offset behind the newest byte. */
  get endOffset(): number {
    return this.last;
  }

  /** Copies in the half-open range `[start, end)` of `bytes`. Returns whether a new chunk was begun. */
  append(bytes: Uint8Array, start: number, end: number): boolean {
    const length = end - start;
    this.last += length;
    if (length <= this.chunkBytes - this.tailLength) {
      copyBytes(bytes, start, length, this.tail, this.tailLength);
      this.tailLength += length;
      return false;
    }
    this.appendAcross(bytes, start, end);
    return true;
  }

  private appendAcross(bytes: Uint8Array, start: number, end: number): void {
    let from = start;
    while (from < end) {
      if (this.tailLength === this.chunkBytes) {
        this.tail = this.spare.pop() ?? Buffer.allocUnsafeSlow(this.chunkBytes);
        this.tailLength = 0;
        this.chunks.push(this.tail);
      }
      const length = Math.min(this.chunkBytes - this.tailLength, end - from);
      copyBytes(bytes, from, length, this.tail, this.tailLength);
      from += length;
      this.tailLength += length;
    }
  }

  /** The contiguous bytes from `offset` on, which must be within the log: at the most to the end of their chunk. */
  slice(offset: number): Buffer {
    const distance = offset - this.first;
    const chunk = this.chunks[Math.floor(distance / this.chunkBytes)];
    const start = distance % this.chunkBytes;
    return chunk.subarray(start, Math.min(this.chunkBytes, start + this.last - offset));
  }

  /** Drops the chunks that end at `offset` or before. Nobody may hold slices of them: their memory is written to again. */
  trimTo(offset: number): void {
    while (this.chunks.length > 0 && this.first + this.chunkBytes <= offset) {
      const chunk = this.chunks.shift();
      if (chunk !== undefined && this.spare.length < SPARE_CHUNKS) this.spare.push(chunk);
      this.first += this.chunkBytes;
    }
    // A full tail may have gone with the others: the next append begins a chunk in any case.
  }

  /** Forgets everything and goes on at `offset`. */
  resetTo(offset: number): void {
    this.chunks = [];
    this.tailLength = this.chunkBytes;
    this.first = offset;
    this.last = offset;
  }
}
