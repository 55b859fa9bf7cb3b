/** Splits a byte stream into lines of bounded length. */
import { StringDecoder } from 'node:string_decoder';

export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  #parts: string[] = [];
  #length = 0;

  constructor(
    /** UTF-16 units that one line may have. */
    private readonly maxLength: number,
  ) {}

  /** The lines that this chunk completes, without their line feeds. Throws RangeError when a line is too long. */
  push(chunk: Buffer): string[] {
    const [first = '', ...rest] = this.#decoder.write(chunk).split('\n');
    this.#append(first);
    const lines: string[] = [];
    for (const part of rest) {
      lines.push(this.#parts.join(''));
      this.#parts = [];
      this.#length = 0;
      this.#append(part);
    }
    return lines;
  }

  #append(part: string): void {
    this.#length += part.length;
    if (this.#length > this.maxLength) throw new RangeError(`a line is longer than ${this.maxLength} characters`);
    this.#parts.push(part);
  }
}
