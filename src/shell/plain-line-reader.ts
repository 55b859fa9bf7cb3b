/** Lines from a terminal that cannot move its cursor (`TERM=dumb`): its own line editing, and no escape sequences. */
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { History } from './history.js';
import { LEAVING_REMINDER, type LineReader } from './line-reader.js';
import type { Screen } from './screen.js';

export interface PlainLineReaderOptions {
  readonly input: Readable;
  readonly screen: Screen;
  readonly history: History;
  /** Where Ctrl-C arrives as a signal: the terminal stays in its own mode. */
  readonly signals: NodeJS.EventEmitter;
}

export class PlainLineReader implements LineReader {
  private readonly readline: Interface;
  private readonly lines: string[] = [];
  private pending: ((line: string | undefined) => void) | undefined;
  private isClosed = false;
  private prompt = '';
  private interruptHandler: (() => void) | undefined;

  constructor(private readonly options: PlainLineReaderOptions) {
    this.readline = createInterface({ input: options.input, terminal: false });
    this.readline.on('line', (line) => {
      this.lines.push(line);
      this.deliver();
    });
    this.readline.on('close', () => {
      this.isClosed = true;
      this.deliver();
    });
    options.signals.on('SIGINT', this.interrupt);
  }

  readLine(prompt: string): Promise<string | undefined> {
    this.prompt = prompt;
    this.options.screen.write(prompt);
    return new Promise((resolve) => {
      this.pending = resolve;
      this.deliver();
    });
  }

  printAbove(text: string): void {
    this.options.screen.print(this.pending === undefined ? text : `\n${text}`);
    if (this.pending !== undefined) this.options.screen.write(this.prompt);
  }

  onInterrupt(handler: (() => void) | undefined): void {
    this.interruptHandler = handler;
  }

  handOver<T>(action: () => Promise<T>): Promise<T> {
    return action();
  }

  close(): void {
    this.options.signals.off('SIGINT', this.interrupt);
    this.readline.close();
  }

  private deliver(): void {
    const { pending } = this;
    if (pending === undefined || (this.lines.length === 0 && !this.isClosed)) return;
    this.pending = undefined;
    const line = this.lines.shift();
    if (line !== undefined) this.options.history.add(line);
    pending(line);
  }

  /** The terminal has thrown away what was typed by itself. */
  private readonly interrupt = (): void => {
    this.lines.length = 0;
    if (this.pending === undefined) this.interruptHandler?.();
    else this.printAbove(LEAVING_REMINDER);
  };
}
