/** A typed line into words, by the quoting rules of redis-cli (`sdssplitargs` in Redis's sds.c). */
import { ExitCode, RedNodeError } from '../errors.js';

const TAB = 0x09;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const DOUBLE_QUOTE = 0x22;
const SINGLE_QUOTE = 0x27;
const BACKSLASH = 0x5c;
const LOWER_CASE_X = 0x78;

/** What `\n` and its like stand for inside double quotes; any other escaped byte stands for itself. */
const ESCAPES: ReadonlyMap<number, number> = new Map([
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
  [0x62, 0x08],
  [0x61, 0x07],
]);

export interface Token {
  /** The bytes meant, quotes and escapes resolved. */
  readonly bytes: Buffer;
  /** Half-open byte range in the UTF-8 form of the line, quotes included. */
  readonly start: number;
  readonly end: number;
}

/** A line as far as it can be read: what completion and hints work on while it is still being typed. */
export interface Tokenized {
  readonly tokens: readonly Token[];
  /** Why the line cannot be run as it is, with the byte position where the trouble begins. */
  readonly problem?: { readonly message: string; readonly position: number } | undefined;
  /** Whether the last word is still being typed: nothing stands behind it. */
  readonly endsInWord: boolean;
}

/** Words of a line as bytes. Throws RedNodeError `BAD_SYNTAX` with the column when quotes are not balanced. */
export function tokenize(line: string): Buffer[] {
  const { tokens, problem } = scan(line);
  if (problem === undefined) return tokens.map((token) => token.bytes);
  const column = Buffer.from(line).toString('utf8', 0, problem.position).length + 1;
  throw new RedNodeError('BAD_SYNTAX', `${problem.message} at column ${String(column)}`, ExitCode.usage, {
    hint: 'inside double quotes write \\" and \\\\, inside single quotes \\\'',
  });
}

/** As `tokenize`, without throwing: an open quote makes a last word and a problem. */
export function scan(line: string): Tokenized {
  const source = Buffer.from(line);
  const tokens: Token[] = [];
  let position = skipBlanks(source, 0);
  while (position < source.length) {
    const word = new WordScanner(source, position);
    const problem = word.run();
    tokens.push({ bytes: Buffer.from(word.bytes), start: position, end: word.position });
    if (problem !== undefined) return { tokens, problem, endsInWord: true };
    position = skipBlanks(source, word.position);
  }
  return { tokens, endsInWord: tokens.at(-1)?.end === source.length };
}

function isBlank(byte: number): boolean {
  return byte === SPACE || (byte >= TAB && byte <= CARRIAGE_RETURN);
}

function skipBlanks(source: Buffer, from: number): number {
  let position = from;
  while (position < source.length && isBlank(source[position])) position++;
  return position;
}

/** Reads one word; `position` ends behind it. */
class WordScanner {
  readonly bytes: number[] = [];

  constructor(
    private readonly source: Buffer,
    public position: number,
  ) {}

  run(): Tokenized['problem'] {
    while (this.position < this.source.length && !isBlank(this.source[this.position])) {
      const byte = this.source[this.position];
      if (byte !== DOUBLE_QUOTE && byte !== SINGLE_QUOTE) {
        this.bytes.push(byte);
        this.position++;
        continue;
      }
      const problem = this.quoted(byte);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  /** A quoted part; as in redis-cli, only a blank or the end may follow it. */
  private quoted(quote: number): Tokenized['problem'] {
    const opening = this.position++;
    while (this.position < this.source.length) {
      if (this.source[this.position] === quote) {
        this.position++;
        const closedWell = this.position === this.source.length || isBlank(this.source[this.position]);
        return closedWell ? undefined : { message: 'a closing quote must end the word', position: this.position };
      }
      if (this.source[this.position] === BACKSLASH) this.escaped(quote);
      else this.bytes.push(this.source[this.position++]);
    }
    return { message: 'this quote is not closed', position: opening };
  }

  private escaped(quote: number): void {
    const next = this.source[this.position + 1] as number | undefined;
    if (next === undefined || (quote === SINGLE_QUOTE && next !== SINGLE_QUOTE)) {
      this.bytes.push(BACKSLASH);
      this.position++;
    } else if (quote === DOUBLE_QUOTE && next === LOWER_CASE_X && this.pushHexByte()) {
      this.position += 4;
    } else {
      this.bytes.push(quote === SINGLE_QUOTE ? next : (ESCAPES.get(next) ?? next));
      this.position += 2;
    }
  }

  /** `\xHH`: false when two hex digits do not follow, and then `\x` means `x`. */
  private pushHexByte(): boolean {
    const digits = this.source.toString('latin1', this.position + 2, this.position + 4);
    if (!/^[0-9a-f]{2}$/i.test(digits)) return false;
    this.bytes.push(Number.parseInt(digits, 16));
    return true;
  }
}
