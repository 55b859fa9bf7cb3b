/** The line editor: Node's readline, with an inline hint behind the cursor and notices above the line. */
import { clearLine, clearScreenDown, createInterface, moveCursor, type Interface, type Key } from 'node:readline';
import type { Completion } from './completion.js';
import { displayWidth } from './display-width.js';
import { HISTORY_LINES_MAX, type History } from './history.js';
import { HistorySearch } from './history-search.js';
import { InputGate, type TerminalInput } from './input-gate.js';
import { LEAVING_REMINDER, type LineReader } from './line-reader.js';
import type { Screen } from './screen.js';

export interface LineEditorOptions {
  readonly input: TerminalInput;
  readonly output: NodeJS.WritableStream;
  readonly screen: Screen;
  readonly history: History;
  /** The hint for a line with the cursor at its end, at most `columns` wide. */
  readonly hint: (line: string, columns: number) => string;
  readonly complete: (line: string) => Promise<Completion>;
}

export class LineEditor implements LineReader {
  private readonly gate: InputGate;
  private readonly readline: Interface;
  private pending: ((line: string | undefined) => void) | undefined;
  private isClosed = false;
  private hasHint = false;
  private isHintDue = false;
  private isSearching = false;
  private interruptHandler: (() => void) | undefined;

  constructor(private readonly options: LineEditorOptions) {
    this.gate = new InputGate(options.input);
    this.readline = createInterface({
      input: this.gate,
      output: options.output,
      terminal: true,
      history: [...options.history.lines].reverse(),
      historySize: HISTORY_LINES_MAX,
      completer: (line: string, done: (error: null, result: [string[], string]) => void) => {
        this.completeInto(line, done);
      },
    });
    this.listen();
  }

  readLine(prompt: string): Promise<string | undefined> {
    if (this.isClosed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.pending = resolve;
      this.readline.setPrompt(prompt);
      this.readline.prompt();
      this.gate.open();
    });
  }

  printAbove(text: string): void {
    const { output, screen } = this.options;
    if (this.pending === undefined) {
      screen.print(text);
      return;
    }
    const { rows, cols } = this.readline.getCursorPos();
    moveCursor(output, -cols, -rows);
    clearScreenDown(output);
    this.hasHint = false;
    screen.print(text);
    this.forgetRows();
    this.readline.prompt(true);
    this.scheduleHint();
  }

  onInterrupt(handler: (() => void) | undefined): void {
    this.interruptHandler = handler;
  }

  async handOver<T>(action: () => Promise<T>): Promise<T> {
    this.gate.detach();
    try {
      return await action();
    } finally {
      this.gate.attach();
    }
  }

  close(): void {
    this.gate.off('keypress', this.scheduleHint);
    this.gate.off('keypress', this.startSearch);
    this.readline.close();
    this.gate.detach();
    this.options.output.off('resize', this.redrawHint);
  }

  private listen(): void {
    const { readline, gate, options } = this;
    readline.on('line', (line) => {
      this.settle(line);
    });
    readline.on('close', () => {
      this.isClosed = true;
      this.settle(undefined);
    });
    readline.on('SIGINT', () => {
      this.clearTyped();
    });
    readline.on('history', (lines: string[]) => {
      options.history.add(lines[0]);
      lines.splice(0, lines.length, ...[...options.history.lines].reverse());
    });
    // The hint goes before readline acts on a key and comes back after it, so readline never sees it on the screen.
    gate.prependListener('keypress', this.eraseHint);
    gate.on('keypress', this.scheduleHint);
    gate.on('keypress', this.startSearch);
    gate.on('interrupt', () => this.interruptHandler?.());
    options.output.on('resize', this.redrawHint);
  }

  private settle(line: string | undefined): void {
    const { pending } = this;
    this.pending = undefined;
    this.eraseHint();
    pending?.(line);
  }

  /** Ctrl-C: an empty line gets a reminder of how to leave, any other is emptied. */
  private clearTyped(): void {
    if (this.readline.line === '') {
      this.printAbove(this.options.screen.chalk.dim(LEAVING_REMINDER));
      return;
    }
    this.replaceLine('');
  }

  private replaceLine(line: string): void {
    this.readline.write(null, { ctrl: true, name: 'e' });
    this.readline.write(null, { ctrl: true, name: 'u' });
    if (line !== '') this.readline.write(line);
  }

  /** Ctrl-R: until the search ends, typed bytes are for it, and readline shows its prompt and what it has found. */
  private readonly startSearch = (_text: string | undefined, key: Key): void => {
    if (key.ctrl !== true || key.name !== 'r') return;
    const before = { prompt: this.readline.getPrompt(), line: this.readline.line };
    const search = new HistorySearch(this.options.history.lines);
    this.isSearching = true;
    this.redraw(search.prompt, before.line);
    this.gate.divert((byte) => {
      const step = search.take(byte);
      const line = search.match ?? before.line;
      if (step === 'more') {
        this.redraw(search.prompt, line);
      } else {
        this.gate.divert(undefined);
        this.isSearching = false;
        this.redraw(before.prompt, step === 'take' ? line : step === 'leave' ? before.line : '');
        this.scheduleHint();
      }
      return step !== 'take';
    });
  };

  private redraw(prompt: string, line: string): void {
    this.readline.setPrompt(prompt);
    this.replaceLine(line);
    this.readline.prompt(true);
  }

  private completeInto(line: string, done: (error: null, result: [string[], string]) => void): void {
    const answer = ({ candidates, fragment }: Completion): void => {
      this.eraseHint();
      done(null, [[...candidates], fragment]);
      this.scheduleHint();
    };
    this.options.complete(line).then(answer, () => {
      answer({ candidates: [], fragment: '' });
    });
  }

  private readonly eraseHint = (): void => {
    if (!this.hasHint) return;
    this.hasHint = false;
    clearLine(this.options.output, 1);
  };

  /** Once for a burst of keys: a paste does not draw a hint per character. */
  private readonly scheduleHint = (): void => {
    if (this.isHintDue) return;
    this.isHintDue = true;
    setImmediate(() => {
      this.isHintDue = false;
      this.drawHint();
    });
  };

  private readonly redrawHint = (): void => {
    this.hasHint = false;
    this.scheduleHint();
  };

  /** Without colours a hint could not be told from what was typed: then there is none. */
  private drawHint(): void {
    const { line, cursor } = this.readline;
    const { screen, output } = this.options;
    if (
      this.pending === undefined ||
      this.isSearching ||
      screen.chalk.level === 0 ||
      line === '' ||
      cursor !== line.length
    )
      return;
    this.eraseHint();
    const room = screen.columns - this.readline.getCursorPos().cols - 1;
    const hint = this.options.hint(line, room);
    if (hint === '') return;
    screen.write(screen.chalk.dim(hint));
    moveCursor(output, -displayWidth(hint), 0);
    this.hasHint = true;
  }

  /** Readline would move up by the rows that it remembers of a wrapped line, although the line was redrawn below. */
  private forgetRows(): void {
    Object.assign(this.readline, { prevRows: 0 });
  }
}
