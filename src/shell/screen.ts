/** Where the shell prints: one output stream, with its width, its colours, and the knowledge of whether anybody still reads. */
import type { Writable } from 'node:stream';
import { Chalk, type ChalkInstance } from 'chalk';
import { systemCodeOf } from '../errors.js';

const COLUMNS_DEFAULT = 80;
/** Chalk's levels: none, and the 16 colours that every terminal has. */
const NO_COLOUR = 0;
const BASIC_COLOUR = 1;

export class Screen {
  readonly chalk: ChalkInstance;
  private gone = false;
  private failure: Error | undefined;
  private readonly onError = (error: Error): void => {
    this.gone = true;
    if (systemCodeOf(error) !== 'EPIPE' && systemCodeOf(error) !== 'ERR_STREAM_DESTROYED') this.failure ??= error;
  };

  constructor(
    private readonly output: Writable,
    colour: boolean,
  ) {
    this.chalk = new Chalk({ level: colour ? BASIC_COLOUR : NO_COLOUR });
    output.on('error', this.onError);
  }

  /** Columns of the terminal; 80 where there is none. */
  get columns(): number {
    const { columns } = this.output as { columns?: unknown };
    return typeof columns === 'number' && columns > 0 ? columns : COLUMNS_DEFAULT;
  }

  /** Whether the reader has gone away (EPIPE): nothing more needs to be done for it. */
  get isGone(): boolean {
    return this.gone;
  }

  /** Prints text and a line end. */
  print(text: string): void {
    this.write(`${text}\n`);
  }

  write(text: string | Uint8Array): void {
    if (!this.gone) this.output.write(text);
  }

  /** Waits until what was written is taken, so that a slow reader holds the shell up instead of filling its memory. */
  async drained(): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    if (this.gone || !this.output.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      const settle = (): void => {
        for (const event of ['drain', 'error', 'close']) this.output.off(event, settle);
        resolve();
      };
      for (const event of ['drain', 'error', 'close']) this.output.on(event, settle);
    });
  }

  /** Takes the listener off the stream, which belongs to the caller. */
  release(): void {
    this.output.off('error', this.onError);
  }
}
