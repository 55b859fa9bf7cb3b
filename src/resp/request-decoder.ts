/** The server's side of the protocol: chunks of a byte stream in, requests out as views of the receive buffer. */
import {
  defaultDecoderLimits,
  UNAUTHENTICATED_MAX_ARGUMENTS,
  UNAUTHENTICATED_MAX_BULK_BYTES,
  type DecoderLimits,
} from './decoder-limits.js';
import { splitInlineArguments } from './inline-arguments.js';
import { parseInt64 } from './integer.js';
import { ReceiveBuffer } from './receive-buffer.js';
import { Request } from './request.js';

export type { DecoderLimits } from './decoder-limits.js';

/** What `RequestDecoder.next` found; numbers, since it is compared once per command. */
export const DecodeResult = { incomplete: 0, request: 1, protocolError: 2 } as const;
export type DecodeResult = (typeof DecodeResult)[keyof typeof DecodeResult];

const CR = 0x0d;
const LF = 0x0a;
const STAR = 0x2a;
const DOLLAR = 0x24;
const ZERO = 0x30;

/** Numbers of up to this many digits are read by the fast path; they stay small integers to the engine. */
const FAST_DIGITS = 9;
/** Entries for arguments that a connection keeps after a large request. */
const RETAINED_ARGUMENTS = 4096;
const EMPTY = Buffer.alloc(0);

/** Answers of `readLength` and `findLineEnd` that are no length or position. */
const NEGATIVE = -1;
const NEED_MORE = -2;
const INVALID = -3;
const TOO_LONG = -4;

const UNKNOWN = -1;
/** Answer of a step that neither completed a request nor ran out of bytes. */
const CONTINUE = -1;

/**
 * Decodes what one client sends, following processInputBuffer of Redis's networking.c, its error texts and its
 * leniency included (the two bytes behind an argument are not looked at). A frame may arrive in any number of pieces:
 * decoding resumes where it stopped.
 *
 *     decoder.feed(chunk);
 *     while (decoder.next() === DecodeResult.request) handle(decoder.request);
 *
 * A chunk is used in place. Its memory may be reused once `next` has answered `incomplete`, or after `detach`.
 */
export class RequestDecoder {
  /** The request that `next` found, valid until it is called again. */
  readonly request = new Request();
  /** False while the client has yet to authenticate: much tighter limits apply. */
  authenticated = true;

  private readonly limits: DecoderLimits;
  /** Its window begins with the frame that is being decoded. */
  private readonly input = new ReceiveBuffer();
  private failure = '';
  /** Where decoding goes on; equal to the start of the window between frames. */
  private position = 0;
  /** Bytes from `position` on that are known to hold no end of line. */
  private searchedBytes = 0;
  /** Arguments of the current frame that are still to come; 0 between frames. */
  private missing = 0;
  /** Length of the argument at `position`, or UNKNOWN when its header comes first. */
  private bulkBytes = UNKNOWN;
  /** Whether every line and argument of the current frame ended in CR LF. */
  private isCanonical = true;

  constructor(limits: Partial<DecoderLimits> = {}) {
    this.limits = { ...defaultDecoderLimits, ...limits };
  }

  /** Why decoding failed, as it goes behind `-ERR `; empty as long as it has not. */
  get error(): string {
    return this.failure;
  }

  /** Bytes received and not yet handed out as requests. */
  get bufferedBytes(): number {
    return this.input.end - this.input.start;
  }

  /** Bytes of memory that the connection holds for its requests. */
  get heldBytes(): number {
    return this.input.heldBytes + this.request.heldBytes;
  }

  /** Gives memory back that is not in use: for connections that have been silent for a while. */
  releaseIdleMemory(): void {
    if (this.missing === 0) this.input.release();
  }

  /** Takes the next chunk of the stream, the first `length` bytes of a buffer; ignored after an error. */
  feed(chunk: Buffer, length = chunk.length): void {
    if (this.failure !== '') return;
    if (this.bufferedBytes + length > this.limits.maxBufferedBytes) {
      this.fail('too big request');
      this.input.clear();
      return;
    }
    const wantedBytes = this.bulkBytes === UNKNOWN ? 0 : this.position - this.input.start + this.bulkBytes + 2;
    this.rebase(this.input.append(chunk, wantedBytes, length));
  }

  /** Copies out what is left of the latest chunk, for a caller that stops before `incomplete` and reuses its memory. */
  detach(): void {
    this.rebase(this.input.detach());
  }

  /**
   * Decodes up to the end of the next request, and lets go of the chunk when there is none. After an error it stays at
   * `protocolError`.
   */
  next(): DecodeResult {
    const result = this.advance();
    if (result !== DecodeResult.request) this.letGo();
    return result;
  }

  /**
   * As `next`, but what was decoded before stays valid: for reading several requests ahead. `letGo` or `rewind` must
   * follow before the memory of the chunk is reused.
   */
  advance(): DecodeResult {
    if (this.failure !== '') return DecodeResult.protocolError;
    const { input } = this;
    while (this.missing === 0) {
      if (input.start === input.end) return DecodeResult.incomplete;
      const outcome = input.bytes[input.start] === STAR ? this.beginFrame() : this.decodeInline();
      if (outcome !== CONTINUE) return outcome;
    }
    return this.decodeArguments();
  }

  /** Reads `*<count>`; a frame of no arguments is skipped. */
  private beginFrame(): DecodeResult | typeof CONTINUE {
    const count = this.readLength();
    if (count === NEED_MORE) return DecodeResult.incomplete;
    if (count === TOO_LONG) return this.fail('too big mbulk count string');
    if (count === INVALID || count > this.limits.maxArguments) return this.fail('invalid multibulk length');
    if (count > UNAUTHENTICATED_MAX_ARGUMENTS && !this.authenticated) {
      return this.fail('unauthenticated multibulk length');
    }
    if (count <= 0) {
      this.input.start = this.position;
      this.isCanonical = true;
      return CONTINUE;
    }
    this.missing = count;
    this.request.argc = 0;
    return CONTINUE;
  }

  private decodeArguments(): DecodeResult {
    const { request } = this;
    const { bytes, end } = this.input;
    while (this.missing > 0) {
      if (this.bulkBytes === UNKNOWN) {
        const outcome = this.readBulkHeader();
        if (outcome !== CONTINUE) return outcome;
      }
      const start = this.position;
      const tail = start + this.bulkBytes;
      if (tail + 2 > end) return DecodeResult.incomplete;
      const index = request.argc;
      if (index === request.offsets.length) request.reserve(index + 1);
      request.offsets[index] = start;
      request.lengths[index] = this.bulkBytes;
      request.argc = index + 1;
      if (bytes[tail] !== CR || bytes[tail + 1] !== LF) this.isCanonical = false;
      this.position = tail + 2;
      this.bulkBytes = UNKNOWN;
      this.missing--;
    }
    return this.completeFrame();
  }

  private completeFrame(): DecodeResult {
    const { request, input } = this;
    request.buffer = input.bytes;
    request.frameStart = input.start;
    request.frameEnd = this.position;
    request.isMultibulk = this.isCanonical;
    this.isCanonical = true;
    input.start = this.position;
    return DecodeResult.request;
  }

  /** Reads `$<length>`. */
  private readBulkHeader(): DecodeResult | typeof CONTINUE {
    const { input, limits } = this;
    const hasMarker = this.position < input.end && input.bytes[this.position] === DOLLAR;
    const length = hasMarker ? this.readLength() : this.findLineEnd(CR);
    if (length === NEED_MORE) return DecodeResult.incomplete;
    if (length === TOO_LONG) return this.fail('too big bulk count string');
    if (!hasMarker) return this.fail(`expected '$', got '${printable(input.bytes[this.position])}'`);
    if (length < 0 || length > limits.maxBulkBytes) return this.fail('invalid bulk length');
    if (length > UNAUTHENTICATED_MAX_BULK_BYTES && !this.authenticated) return this.fail('unauthenticated bulk length');
    this.bulkBytes = length;
    return CONTINUE;
  }

  private decodeInline(): DecodeResult | typeof CONTINUE {
    const { input, request } = this;
    const newline = this.findLineEnd(LF);
    if (newline === NEED_MORE) return DecodeResult.incomplete;
    if (newline === TOO_LONG) return this.fail('too big inline request');
    const hasReturn = newline > input.start && input.bytes[newline - 1] === CR;
    request.frameStart = input.start;
    const isBalanced = splitInlineArguments(input.bytes, input.start, hasReturn ? newline - 1 : newline, request);
    if (!isBalanced) return this.fail('unbalanced quotes in request');
    this.searchedBytes = 0;
    this.position = newline + 1;
    input.start = this.position;
    request.isMultibulk = false;
    return request.argc === 0 ? CONTINUE : DecodeResult.request;
  }

  /** The number behind the marker at `position`, which moves past its line; else NEGATIVE, NEED_MORE, INVALID or TOO_LONG. */
  private readLength(): number {
    const { bytes, end } = this.input;
    const first = this.position + 1;
    const limit = Math.min(end, first + FAST_DIGITS);
    let value = 0;
    let at = first;
    while (at < limit) {
      const digit = bytes[at] - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      at++;
    }
    const isPlain = at > first && (bytes[first] !== ZERO || at === first + 1);
    if (!isPlain || at + 1 >= end || bytes[at] !== CR || bytes[at + 1] !== LF) return this.readUnusualLength();
    this.searchedBytes = 0;
    this.position = at + 2;
    return value;
  }

  /** The slow path: the line is cut off, negative, very long or wrong. */
  private readUnusualLength(): number {
    const { bytes, end } = this.input;
    const lineEnd = this.findLineEnd(CR);
    if (lineEnd < 0) return lineEnd;
    if (lineEnd + 1 >= end) return NEED_MORE;
    const length = parseInt64(bytes, this.position + 1, lineEnd - this.position - 1);
    if (bytes[lineEnd + 1] !== LF) this.isCanonical = false;
    this.searchedBytes = 0;
    this.position = lineEnd + 2;
    if (length === undefined) return INVALID;
    return length < 0 ? NEGATIVE : Number(length);
  }

  /** Position of the next `terminator`, or NEED_MORE, or TOO_LONG when it is more than `maxInlineBytes` away. */
  private findLineEnd(terminator: number): number {
    const { bytes, end } = this.input;
    const stop = Math.min(end, this.position + this.limits.maxInlineBytes + 1);
    let at = this.position + this.searchedBytes;
    while (at < stop && bytes[at] !== terminator) at++;
    if (at < stop) return at;
    this.searchedBytes = at - this.position;
    return this.searchedBytes > this.limits.maxInlineBytes ? TOO_LONG : NEED_MORE;
  }

  /** Goes back to a request that `advance` found since the last chunk was fed: it will be found again. */
  rewind(frameStart: number): void {
    this.failure = '';
    this.input.start = this.position = frameStart;
    this.missing = 0;
    this.bulkBytes = UNKNOWN;
    this.searchedBytes = 0;
    this.isCanonical = true;
  }

  /** Copies out what is not decoded yet, so that the memory of the chunk may be reused, and keeps no more than that. */
  letGo(): void {
    if (this.failure !== '') this.input.clear();
    this.detach();
    if (this.missing !== 0) return;
    this.request.argc = 0;
    this.request.buffer = EMPTY;
    if (this.request.offsets.length > RETAINED_ARGUMENTS) this.request.shrink();
  }

  private fail(text: string): DecodeResult {
    this.failure = `Protocol error: ${text}`;
    return DecodeResult.protocolError;
  }

  /** Follows a move of the window; a request that was handed out keeps its positions. */
  private rebase(shift: number): void {
    if (shift === 0) return;
    this.position -= shift;
    if (this.missing === 0) return;
    const { offsets, argc } = this.request;
    for (let index = 0; index < argc; index++) offsets[index] -= shift;
  }
}

/** As one character of an error line, in which CR and LF cannot stand. */
function printable(byte: number): string {
  return byte === CR || byte === LF ? ' ' : String.fromCharCode(byte);
}
