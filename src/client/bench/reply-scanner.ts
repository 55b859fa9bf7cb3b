/** Counts the replies in a byte stream without making anything of them; RESP2 and RESP3, cut into pieces anywhere. */

const CR = 0x0d;
const MINUS = 0x2d;
const ZERO = 0x30;
const PLUS = 0x2b;
const COLON = 0x3a;
const DOLLAR = 0x24;
const STAR = 0x2a;
const EQUALS = 0x3d;
const BANG = 0x21;
const UNDERSCORE = 0x5f;
const COMMA = 0x2c;
const HASH = 0x23;
const BRACKET = 0x28;
const TILDE = 0x7e;
const PUSH = 0x3e;
const PERCENT = 0x25;
const BAR = 0x7c;
const LINE_END_BYTES = 2;
/** The part of an error's text that is kept. */
const ERROR_BYTES_MAX = 512;

export type ScannedError = (replyIndex: number, text: string) => void;

/** What stands at the current position of the stream. */
const Expect = { marker: 0, line: 1, bytes: 2 } as const;

export class ReplyScanner {
  /** Complete replies since the last `reset`. */
  replies = 0;
  /** Of those: nulls and the integer 0, which is what a GET or a DEL of a key that does not exist answers. */
  empty = 0;
  private expect: 0 | 1 | 2 = Expect.marker;
  private marker = 0;
  /** The number in the header line so far, and whether a minus stands before it. */
  private number = 0;
  private isNegative = false;
  private bytesLeft = 0;
  /** Elements that the current top-level reply still lacks. */
  private elementsLeft = 1;
  private isPush = false;
  private isTopLevel = true;
  private errorText = '';

  /** `onError` is told of every error reply, with its place among the replies since the last `reset`. */
  constructor(private readonly onError: ScannedError) {}

  /** Begins to count anew; must not be called in the middle of a reply. */
  reset(): void {
    this.replies = 0;
    this.empty = 0;
  }

  /** Takes the first `length` bytes of a chunk. Throws on what is no reply. */
  scan(bytes: Uint8Array, length: number): void {
    let at = 0;
    while (at < length) {
      if (this.expect === Expect.marker) this.begin(bytes[at++]);
      else if (this.expect === Expect.line) at = this.scanLine(bytes, at, length);
      else at = this.skipBytes(bytes, at, length);
    }
  }

  private begin(marker: number): void {
    this.marker = marker;
    this.number = 0;
    this.isNegative = false;
    this.errorText = '';
    this.expect = Expect.line;
  }

  /** Reads up to the CR of a line; its LF is skipped as part of what follows. */
  private scanLine(bytes: Uint8Array, start: number, length: number): number {
    let at = start;
    if (this.marker === PLUS) {
      while (at < length && bytes[at] !== CR) at++;
    } else if (this.marker === MINUS) {
      while (at < length && bytes[at] !== CR) at++;
      this.keepError(bytes, start, at);
    } else {
      for (; at < length && bytes[at] !== CR; at++) {
        if (bytes[at] === MINUS) this.isNegative = true;
        else this.number = this.number * 10 + bytes[at] - ZERO;
      }
    }
    if (at === length) return at;
    this.endLine();
    return at + 1;
  }

  private endLine(): void {
    switch (this.marker) {
      case DOLLAR:
      case EQUALS:
      case BANG:
        this.expectBytes(this.isNegative ? 1 : 1 + this.number + LINE_END_BYTES);
        if (this.isNegative) this.countEmpty();
        return;
      case COLON:
        this.expectBytes(1);
        if (this.number === 0) this.countEmpty();
        return;
      case UNDERSCORE:
        this.expectBytes(1);
        this.countEmpty();
        return;
      case PLUS:
      case MINUS:
      case COMMA:
      case HASH:
      case BRACKET:
        this.expectBytes(1);
        return;
      default:
        this.beginAggregate();
    }
  }

  private beginAggregate(): void {
    const elements = this.elementsOfAggregate();
    if (this.isNegative) this.countEmpty();
    else this.elementsLeft += elements;
    if (this.isTopLevel && this.marker === PUSH) this.isPush = true;
    this.isTopLevel = false;
    this.expectBytes(1);
  }

  private elementsOfAggregate(): number {
    switch (this.marker) {
      case STAR:
      case TILDE:
      case PUSH:
        return this.number;
      case PERCENT:
        return this.number * 2;
      // An attribute is followed by the reply that it describes.
      case BAR:
        return this.number * 2 + 1;
      default:
        throw new Error(`not a reply: it begins with byte ${this.marker}`);
    }
  }

  private countEmpty(): void {
    if (this.isTopLevel) this.empty++;
  }

  private expectBytes(count: number): void {
    this.bytesLeft = count;
    this.expect = Expect.bytes;
  }

  private skipBytes(bytes: Uint8Array, start: number, length: number): number {
    const skipped = Math.min(this.bytesLeft, length - start);
    if (this.marker === BANG) this.keepError(bytes, start, start + skipped);
    this.bytesLeft -= skipped;
    if (this.bytesLeft === 0) this.endElement();
    return start + skipped;
  }

  private endElement(): void {
    this.expect = Expect.marker;
    const isError = this.marker === MINUS || this.marker === BANG;
    if (isError && this.isTopLevel) this.onError(this.replies, this.errorText.trim());
    this.elementsLeft--;
    if (this.elementsLeft > 0) {
      this.isTopLevel = false;
      return;
    }
    if (!this.isPush) this.replies++;
    this.elementsLeft = 1;
    this.isTopLevel = true;
    this.isPush = false;
  }

  private keepError(bytes: Uint8Array, start: number, end: number): void {
    const room = ERROR_BYTES_MAX - this.errorText.length;
    if (room > 0) this.errorText += Buffer.from(bytes.subarray(start, Math.min(end, start + room))).toString('latin1');
  }
}
