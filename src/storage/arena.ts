/**
 * Memory off the V8 heap: chunks of 64 MiB cut into pages of 256 KiB, each page holding blocks of one size class with a
 * free list of its own (page-local free lists as in mimalloc), so that a page whose blocks are all free serves another class.
 *
 * A block is named by a ref: a positive int32 in units of 8 bytes over all chunks; 0 is "none".
 */
import { OutOfMemoryError } from './errors.js';
import { CLASS_BYTES, MAX_BLOCK_BYTES, SIZE_CLASS_COUNT, sizeClassOf } from './size-classes.js';

const UNIT_BYTES = 8;
export const PAGE_BYTES = 256 * 1024;
export const CHUNK_BYTES = 64 * 1024 * 1024;
const PAGE_UNITS = PAGE_BYTES / UNIT_BYTES;
const PAGE_SHIFT = 15;
const PAGES_PER_CHUNK = CHUNK_BYTES / PAGE_BYTES;
const PAGES_PER_CHUNK_SHIFT = 8;
const CHUNK_SHIFT = 23;
const IN_CHUNK_MASK = (1 << CHUNK_SHIFT) - 1;
const MAX_CHUNKS = 256;
/** A free chunk is given back only while the others have this many free pages, so that a page at the edge does not flap. */
const SPARE_PAGES = 64;
/** All that an int32 can name. */
const MAX_ARENA_BYTES = MAX_CHUNKS * CHUNK_BYTES;

const NO_BYTES = Buffer.alloc(0);
const NO_WORDS = new Int32Array(0);

/** Index of the chunk that a block lies in, for `bytes` and `words`. */
export function chunkOf(ref: number): number {
  return ref >>> CHUNK_SHIFT;
}

/** Offset of a block in its chunk's `bytes`; a multiple of 8. */
export function byteOf(ref: number): number {
  return (ref & IN_CHUNK_MASK) << 3;
}

/** Offset of a block in its chunk's `words`. */
export function wordOf(ref: number): number {
  return (ref & IN_CHUNK_MASK) << 1;
}

export class Arena {
  /** Each chunk as bytes. A block never crosses chunks. */
  readonly bytes: Buffer[] = [];
  /** Each chunk as 32-bit words in the machine's byte order. */
  readonly words: Int32Array[] = [];
  /** Bytes of the blocks handed out, rounded up to their classes. */
  usedBytes = 0;

  private pagesInUse = 0;
  private readonly maxPages: number;
  /** Per class: first page with a free block, and the one page kept although it is empty (0: none; page 0 is never used). */
  private readonly available = new Int32Array(SIZE_CLASS_COUNT);
  private readonly emptyPage = new Int32Array(SIZE_CLASS_COUNT);
  /** Per page: its class, first freed block, unit offset of the first block never used, blocks in use, list links. */
  private readonly pageClass: Uint8Array;
  private readonly freeHead: Int32Array;
  private readonly bumpUnits: Int32Array;
  private readonly usedBlocks: Int32Array;
  private readonly nextPage: Int32Array;
  private readonly previousPage: Int32Array;
  /** Per chunk: first free page and how many there are. */
  private readonly freePage = new Int32Array(MAX_CHUNKS);
  private readonly freePageCount = new Int32Array(MAX_CHUNKS);

  /** @param maxBytes Limit on `reservedBytes`, at most MAX_ARENA_BYTES. */
  constructor(maxBytes = MAX_ARENA_BYTES) {
    this.maxPages = Math.floor(Math.min(maxBytes, MAX_ARENA_BYTES) / PAGE_BYTES);
    // Page numbers reach as far as the limit and one chunk more, since chunks are numbered whole.
    const pageNumbers = Math.min(this.maxPages + 2 * PAGES_PER_CHUNK, MAX_CHUNKS * PAGES_PER_CHUNK);
    this.pageClass = new Uint8Array(pageNumbers);
    this.freeHead = new Int32Array(pageNumbers);
    this.bumpUnits = new Int32Array(pageNumbers);
    this.usedBlocks = new Int32Array(pageNumbers);
    this.nextPage = new Int32Array(pageNumbers);
    this.previousPage = new Int32Array(pageNumbers);
  }

  /** Bytes of the pages in use. */
  get reservedBytes(): number {
    return this.pagesInUse * PAGE_BYTES;
  }

  /**
   * A block of at least `sizeBytes` (1 to MAX_BLOCK_BYTES), whose content is undefined.
   * Throws OutOfMemoryError when the limit is reached.
   */
  allocate(sizeBytes: number): number {
    if (sizeBytes < 1 || sizeBytes > MAX_BLOCK_BYTES) throw new RangeError(`no block of ${sizeBytes} bytes`);
    const sizeClass = sizeClassOf(sizeBytes);
    const page = this.available[sizeClass] === 0 ? this.openPage(sizeClass) : this.available[sizeClass];
    const blockBytes = CLASS_BYTES[sizeClass];
    let ref = this.freeHead[page];
    if (ref !== 0) {
      this.freeHead[page] = this.words[chunkOf(ref)][wordOf(ref)];
    } else {
      ref = (page << PAGE_SHIFT) + this.bumpUnits[page];
      this.bumpUnits[page] += blockBytes >>> 3;
    }
    if (this.usedBlocks[page]++ === 0 && this.emptyPage[sizeClass] === page) this.emptyPage[sizeClass] = 0;
    if (this.isFull(page, blockBytes)) this.unlink(page, sizeClass);
    this.usedBytes += blockBytes;
    return ref;
  }

  /** Gives a block back. The ref must be one that `allocate` returned and that is not free. */
  free(ref: number): void {
    const page = ref >>> PAGE_SHIFT;
    const sizeClass = this.pageClass[page];
    const blockBytes = CLASS_BYTES[sizeClass];
    if (this.isFull(page, blockBytes)) this.link(page, sizeClass);
    this.words[chunkOf(ref)][wordOf(ref)] = this.freeHead[page];
    this.freeHead[page] = ref;
    this.usedBytes -= blockBytes;
    if (--this.usedBlocks[page] === 0) this.pageEmptied(page, sizeClass);
  }

  /** Bytes that a block can hold: its class's size. */
  blockBytes(ref: number): number {
    return CLASS_BYTES[this.pageClass[ref >>> PAGE_SHIFT]];
  }

  private isFull(page: number, blockBytes: number): boolean {
    return this.freeHead[page] === 0 && this.bumpUnits[page] + (blockBytes >>> 3) > PAGE_UNITS;
  }

  private pageEmptied(page: number, sizeClass: number): void {
    // A fresh start keeps later allocations in address order, whatever order the blocks were freed in.
    this.freeHead[page] = 0;
    this.bumpUnits[page] = 0;
    if (this.emptyPage[sizeClass] === 0) {
      this.emptyPage[sizeClass] = page;
      return;
    }
    this.unlink(page, sizeClass);
    this.pagesInUse--;
    this.poolPage(page);
    this.dropChunkIfFree(page >>> PAGES_PER_CHUNK_SHIFT);
  }

  private openPage(sizeClass: number): number {
    if (this.pagesInUse >= this.maxPages) this.reclaimEmptyPage();
    const chunk = this.chunkWithFreePage();
    const page = this.freePage[chunk];
    this.freePage[chunk] = this.nextPage[page];
    this.freePageCount[chunk]--;
    this.pagesInUse++;
    this.pageClass[page] = sizeClass;
    this.freeHead[page] = 0;
    this.bumpUnits[page] = 0;
    this.usedBlocks[page] = 0;
    this.link(page, sizeClass);
    return page;
  }

  /** At the limit, a page that another class keeps empty is taken from it. */
  private reclaimEmptyPage(): void {
    const sizeClass = this.emptyPage.findIndex((page) => page !== 0);
    if (sizeClass < 0) throw new OutOfMemoryError('a page', this.maxPages * PAGE_BYTES);
    const page = this.emptyPage[sizeClass];
    this.emptyPage[sizeClass] = 0;
    this.unlink(page, sizeClass);
    this.pagesInUse--;
    this.poolPage(page);
  }

  /** The lowest one, so that the highest chunks run empty and can be given back. */
  private chunkWithFreePage(): number {
    for (let chunk = 0; chunk < this.bytes.length; chunk++) {
      if (this.freePageCount[chunk] > 0) return chunk;
    }
    const dropped = this.bytes.indexOf(NO_BYTES);
    const chunk = dropped < 0 ? this.bytes.length : dropped;
    if (chunk >= MAX_CHUNKS) throw new OutOfMemoryError('a chunk', MAX_ARENA_BYTES);
    this.addChunk(chunk);
    return chunk;
  }

  private addChunk(chunk: number): void {
    let buffer: ArrayBuffer;
    try {
      buffer = new ArrayBuffer(CHUNK_BYTES);
    } catch (error) {
      throw new OutOfMemoryError('a chunk', this.maxPages * PAGE_BYTES, error);
    }
    this.bytes[chunk] = Buffer.from(buffer);
    this.words[chunk] = new Int32Array(buffer);
    const first = chunk << PAGES_PER_CHUNK_SHIFT;
    // Page 0 stays unused: no block may have ref 0. Pushed last to first, so that pages are taken in address order.
    for (let page = first + PAGES_PER_CHUNK - 1; page >= Math.max(first, 1); page--) this.poolPage(page);
  }

  private poolPage(page: number): void {
    const chunk = page >>> PAGES_PER_CHUNK_SHIFT;
    this.nextPage[page] = this.freePage[chunk];
    this.freePage[chunk] = page;
    this.freePageCount[chunk]++;
  }

  /** Gives the memory of a chunk without pages in use back to the system (when its buffer is collected). */
  private dropChunkIfFree(chunk: number): void {
    if (chunk === 0 || this.freePageCount[chunk] < PAGES_PER_CHUNK) return;
    let elsewhere = -PAGES_PER_CHUNK;
    for (const count of this.freePageCount) elsewhere += count;
    if (elsewhere < SPARE_PAGES) return;
    this.bytes[chunk] = NO_BYTES;
    this.words[chunk] = NO_WORDS;
    this.freePage[chunk] = 0;
    this.freePageCount[chunk] = 0;
  }

  private link(page: number, sizeClass: number): void {
    const head = this.available[sizeClass];
    this.nextPage[page] = head;
    this.previousPage[page] = 0;
    if (head !== 0) this.previousPage[head] = page;
    this.available[sizeClass] = page;
  }

  private unlink(page: number, sizeClass: number): void {
    const next = this.nextPage[page];
    const previous = this.previousPage[page];
    if (previous === 0) this.available[sizeClass] = next;
    else this.nextPage[previous] = next;
    if (next !== 0) this.previousPage[next] = previous;
  }
}
