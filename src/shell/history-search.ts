/** Ctrl-R: the history searched backwards while the text is typed. Knows bytes and lines, and nothing of a terminal. */
import { StringDecoder } from 'node:string_decoder';

export const CTRL_R = 0x12;
const CTRL_C = 0x03;
const CTRL_G = 0x07;
const BACKSPACE = 0x08;
const DELETE = 0x7f;
const SPACE = 0x20;

/** What a byte came to: the search goes on; the match is taken and the byte still to be acted on; the line is as it was; it is emptied. */
export type SearchStep = 'more' | 'take' | 'leave' | 'clear';

export class HistorySearch {
  private text = '';
  private position: number;
  private hasFailed = false;
  private readonly decoder = new StringDecoder();

  /** `lines` are oldest first. */
  constructor(private readonly lines: readonly string[]) {
    this.position = lines.length;
  }

  /** The line found last; undefined before the first. */
  get match(): string | undefined {
    return this.lines.at(this.position);
  }

  get prompt(): string {
    return `(${this.hasFailed ? 'failed ' : ''}reverse-i-search)\`${this.text}': `;
  }

  /** Acts on a typed byte. Ctrl-R goes on to an older line; any control byte without a meaning here takes the match. */
  take(byte: number): SearchStep {
    if (byte === CTRL_C) return 'clear';
    if (byte === CTRL_G) return 'leave';
    if (byte === CTRL_R) this.find(this.position - 1, this.match);
    else if (byte === DELETE || byte === BACKSPACE) this.shorten();
    else if (byte < SPACE) return 'take';
    else this.lengthen(byte);
    return 'more';
  }

  private lengthen(byte: number): void {
    this.text += this.decoder.write(Buffer.from([byte]));
    this.find(this.position);
  }

  private shorten(): void {
    this.text = this.text.replace(/.$/su, '');
    this.find(this.lines.length - 1);
  }

  /** Looks from a position on for an older line with the text; a line equal to `skipped` is none. */
  private find(from: number, skipped?: string): void {
    if (this.text === '') return;
    const older = this.lines.slice(0, from + 1);
    const found = older.findLastIndex((line) => line !== skipped && line.includes(this.text));
    this.hasFailed = found < 0;
    if (found >= 0) this.position = found;
  }
}
