/** Values too large for a block of the arena: a Buffer each, named by a positive id that the entry keeps. */
import { copyRange } from './byte-range.js';
import { OutOfMemoryError } from './errors.js';

const NO_BYTES = Buffer.alloc(0);
/** Most room that a growing value gets beyond what it needs: half as much again, up to here. */
const MAX_SPARE_BYTES = 32 * 1024 * 1024;

export class ObjectTable {
  /** Bytes of all buffers, their spare capacity included. */
  usedBytes = 0;
  private readonly buffers: Buffer[] = [NO_BYTES];
  private readonly lengths: number[] = [0];
  private readonly freeIds: number[] = [];

  /** Room for `capacityBytes`, of which the first are a copy of `source`'s range. Throws OutOfMemoryError. */
  add(source: Uint8Array, offset: number, length: number, capacityBytes = length): number {
    const buffer = allocateBuffer(capacityBytes);
    copyRange(source, offset, buffer, 0, length);
    const id = this.freeIds.pop() ?? this.buffers.length;
    this.buffers[id] = buffer;
    this.lengths[id] = length;
    this.usedBytes += capacityBytes;
    return id;
  }

  /** The buffer that holds the value in its first `length(id)` bytes; those behind are zeros. */
  buffer(id: number): Buffer {
    return this.buffers[id];
  }

  length(id: number): number {
    return this.lengths[id];
  }

  capacity(id: number): number {
    return this.buffers[id].length;
  }

  /**
   * Makes a value longer by zeros, with room to spare for more when it has to move.
   * Throws OutOfMemoryError.
   */
  grow(id: number, newLength: number): void {
    if (newLength > this.buffers[id].length) {
      const grown = allocateBuffer(newLength + Math.min(newLength >>> 1, MAX_SPARE_BYTES));
      copyRange(this.buffers[id], 0, grown, 0, this.lengths[id]);
      this.usedBytes += grown.length - this.buffers[id].length;
      this.buffers[id] = grown;
    }
    this.lengths[id] = newLength;
  }

  remove(id: number): void {
    this.usedBytes -= this.buffers[id].length;
    this.buffers[id] = NO_BYTES;
    this.lengths[id] = 0;
    this.freeIds.push(id);
  }
}

/** Zeros: the system hands out pages of them when they are first touched, so that a sparse value costs what is in it. */
function allocateBuffer(sizeBytes: number): Buffer {
  try {
    return Buffer.alloc(sizeBytes);
  } catch (error) {
    throw new OutOfMemoryError('a large value', sizeBytes, error);
  }
}
