/**
 * Deadlines in order: a 4-ary heap (shallower than a binary one, its children side by side) over records that entries
 * name by id. Columns are chunked typed arrays, so that growing never copies.
 */

const CHUNK_SHIFT = 14;
const CHUNK_RECORDS = 1 << CHUNK_SHIFT;
const CHUNK_MASK = CHUNK_RECORDS - 1;
/** Two deadlines (record and heap), ref, owner, position, heap record. */
export const EXPIRY_RECORD_BYTES = 32;

export class ExpiryIndex {
  /** Records in the index. */
  size = 0;

  private nextRecord = 1;
  /** Released records, linked through `refs`. */
  private freeRecord = 0;
  private readonly deadlines: Float64Array[] = [];
  private readonly refs: Int32Array[] = [];
  private readonly owners: Int32Array[] = [];
  private readonly positions: Int32Array[] = [];
  private readonly heapDeadlines: Float64Array[] = [];
  private readonly heapRecords: Int32Array[] = [];

  get usedBytes(): number {
    return this.size * EXPIRY_RECORD_BYTES;
  }

  /** Bytes of all records that there is room for. */
  get reservedBytes(): number {
    return this.refs.length * CHUNK_RECORDS * EXPIRY_RECORD_BYTES;
  }

  /** Files a deadline (ms since the epoch) for an entry of an owner; the id of the record, > 0. */
  add(ref: number, owner: number, deadlineMs: number): number {
    const record = this.takeRecord();
    const chunk = record >>> CHUNK_SHIFT;
    const at = record & CHUNK_MASK;
    this.deadlines[chunk][at] = deadlineMs;
    this.refs[chunk][at] = ref;
    this.owners[chunk][at] = owner;
    this.siftUp(this.size++, record, deadlineMs);
    return record;
  }

  update(record: number, deadlineMs: number): void {
    this.deadlines[record >>> CHUNK_SHIFT][record & CHUNK_MASK] = deadlineMs;
    this.settle(this.positions[record >>> CHUNK_SHIFT][record & CHUNK_MASK], record, deadlineMs);
  }

  remove(record: number): void {
    const position = this.positions[record >>> CHUNK_SHIFT][record & CHUNK_MASK];
    const last = --this.size;
    if (position !== last) this.settle(position, this.recordAt(last), this.deadlineAt(last));
    this.refs[record >>> CHUNK_SHIFT][record & CHUNK_MASK] = this.freeRecord;
    this.freeRecord = record;
  }

  /** The record's entry lies elsewhere now. */
  moveTo(record: number, ref: number): void {
    this.refs[record >>> CHUNK_SHIFT][record & CHUNK_MASK] = ref;
  }

  deadline(record: number): number {
    return this.deadlines[record >>> CHUNK_SHIFT][record & CHUNK_MASK];
  }

  ref(record: number): number {
    return this.refs[record >>> CHUNK_SHIFT][record & CHUNK_MASK];
  }

  owner(record: number): number {
    return this.owners[record >>> CHUNK_SHIFT][record & CHUNK_MASK];
  }

  /** The record with the earliest deadline, 0 when there is none. */
  earliest(): number {
    return this.size === 0 ? 0 : this.recordAt(0);
  }

  /** Infinity when there is none. */
  earliestDeadline(): number {
    return this.size === 0 ? Infinity : this.deadlineAt(0);
  }

  /** The record at a position of the heap, 0 to `size` - 1: in no order but that the earliest is at 0. */
  recordAt(position: number): number {
    return this.heapRecords[position >>> CHUNK_SHIFT][position & CHUNK_MASK];
  }

  private deadlineAt(position: number): number {
    return this.heapDeadlines[position >>> CHUNK_SHIFT][position & CHUNK_MASK];
  }

  private takeRecord(): number {
    const freed = this.freeRecord;
    if (freed !== 0) {
      this.freeRecord = this.refs[freed >>> CHUNK_SHIFT][freed & CHUNK_MASK];
      return freed;
    }
    if (this.nextRecord >>> CHUNK_SHIFT >= this.refs.length) this.addChunk();
    return this.nextRecord++;
  }

  private addChunk(): void {
    this.deadlines.push(new Float64Array(CHUNK_RECORDS));
    this.heapDeadlines.push(new Float64Array(CHUNK_RECORDS));
    this.owners.push(new Int32Array(CHUNK_RECORDS));
    this.positions.push(new Int32Array(CHUNK_RECORDS));
    this.heapRecords.push(new Int32Array(CHUNK_RECORDS));
    this.refs.push(new Int32Array(CHUNK_RECORDS));
  }

  private put(position: number, record: number, deadlineMs: number): void {
    this.heapDeadlines[position >>> CHUNK_SHIFT][position & CHUNK_MASK] = deadlineMs;
    this.heapRecords[position >>> CHUNK_SHIFT][position & CHUNK_MASK] = record;
    this.positions[record >>> CHUNK_SHIFT][record & CHUNK_MASK] = position;
  }

  /** Puts a record at a position that is free, and on to where it belongs. */
  private settle(position: number, record: number, deadlineMs: number): void {
    if (position > 0 && this.deadlineAt((position - 1) >>> 2) > deadlineMs) this.siftUp(position, record, deadlineMs);
    else this.siftDown(position, record, deadlineMs);
  }

  private siftUp(from: number, record: number, deadlineMs: number): void {
    let position = from;
    while (position > 0) {
      const parent = (position - 1) >>> 2;
      const parentDeadline = this.deadlineAt(parent);
      if (parentDeadline <= deadlineMs) break;
      this.put(position, this.recordAt(parent), parentDeadline);
      position = parent;
    }
    this.put(position, record, deadlineMs);
  }

  private siftDown(from: number, record: number, deadlineMs: number): void {
    let position = from;
    for (;;) {
      const child = this.earliestChild(position);
      if (child < 0 || this.deadlineAt(child) >= deadlineMs) break;
      this.put(position, this.recordAt(child), this.deadlineAt(child));
      position = child;
    }
    this.put(position, record, deadlineMs);
  }

  private earliestChild(position: number): number {
    const first = position * 4 + 1;
    if (first >= this.size) return -1;
    const end = Math.min(first + 4, this.size);
    let best = first;
    for (let child = first + 1; child < end; child++) {
      if (this.deadlineAt(child) < this.deadlineAt(best)) best = child;
    }
    return best;
  }
}
