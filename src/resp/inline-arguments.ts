/** Splits an inline command into arguments, by the rules of Redis's sdssplitargs (sds.c). */
import type { Request } from './request.js';

const BACKSLASH = 0x5c;
const DOUBLE_QUOTE = 0x22;
const SINGLE_QUOTE = 0x27;
const LOWER_X = 0x78;
/** Stands for "past the end of the line"; no byte has this value. */
const NONE = -1;

/** `\n`, `\r`, `\t`, `\b` and `\a` in double quotes; any other escaped byte stands for itself. */
const ESCAPES: ReadonlyMap<number, number> = new Map([
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
  [0x62, 0x08],
  [0x61, 0x07],
]);

/**
 * Fills `request` (buffer, argc, offsets, lengths) with the arguments of the line `[start, end)` of `line`. They are
 * written to a buffer of their own, since an escaped argument is no view of the input. False when quotes are
 * unbalanced, or a closing quote is followed by anything but a blank.
 */
export function splitInlineArguments(line: Buffer, start: number, end: number, request: Request): boolean {
  const splitter = new InlineSplitter(line, start, end);
  request.buffer = splitter.output;
  request.argc = 0;
  while (splitter.skipBlanks()) {
    const offset = splitter.written;
    if (!splitter.readArgument()) return false;
    request.reserve(request.argc + 1);
    request.offsets[request.argc] = offset;
    request.lengths[request.argc] = splitter.written - offset;
    request.argc++;
  }
  return true;
}

class InlineSplitter {
  /** The arguments, one behind the other: never longer than the line, since escapes only shrink. */
  readonly output: Buffer;
  written = 0;

  constructor(
    private readonly line: Buffer,
    private position: number,
    private readonly end: number,
  ) {
    this.output = Buffer.allocUnsafe(end - position);
  }

  /** Whether an argument follows. */
  skipBlanks(): boolean {
    while (isSpace(this.peek(0))) this.position++;
    return this.position < this.end;
  }

  /** Appends one argument to the output; quotes may open anywhere in it, but their end is its end. */
  readArgument(): boolean {
    for (;;) {
      const byte = this.peek(0);
      if (byte === NONE) return true;
      this.position++;
      if (endsBareWord(byte)) return true;
      if (byte === DOUBLE_QUOTE) return this.readDoubleQuoted();
      if (byte === SINGLE_QUOTE) return this.readSingleQuoted();
      this.output[this.written++] = byte;
    }
  }

  private readDoubleQuoted(): boolean {
    for (;;) {
      const byte = this.peek(0);
      if (byte === NONE) return false;
      if (byte === DOUBLE_QUOTE) return this.closeQuote();
      this.output[this.written++] = byte === BACKSLASH && this.peek(1) !== NONE ? this.readEscape() : byte;
      this.position++;
    }
  }

  private readSingleQuoted(): boolean {
    for (;;) {
      if (this.peek(0) === BACKSLASH && this.peek(1) === SINGLE_QUOTE) this.position++;
      else if (this.peek(0) === SINGLE_QUOTE) return this.closeQuote();
      const byte = this.peek(0);
      if (byte === NONE) return false;
      this.output[this.written++] = byte;
      this.position++;
    }
  }

  /** The byte that an escape stands for; leaves the position on its last character. */
  private readEscape(): number {
    const high = hexDigit(this.peek(2));
    const low = hexDigit(this.peek(3));
    if (this.peek(1) === LOWER_X && high >= 0 && low >= 0) {
      this.position += 3;
      return high * 16 + low;
    }
    this.position++;
    const byte = this.peek(0);
    return ESCAPES.get(byte) ?? byte;
  }

  private closeQuote(): boolean {
    this.position++;
    const following = this.peek(0);
    return following === NONE || isSpace(following);
  }

  private peek(ahead: number): number {
    const position = this.position + ahead;
    return position < this.end ? this.line[position] : NONE;
  }
}

/** C's isspace: blank, \t, \n, \v, \f, \r. */
function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

/** Narrower than isSpace: \v and \f are part of a word that has begun, as in Redis. */
function endsBareWord(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}
