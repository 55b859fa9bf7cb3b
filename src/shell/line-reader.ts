/** How the interactive shell gets its lines: a line editor on a terminal, plain lines on a dumb one. */

export interface LineReader {
  /** The next line, or undefined when there are no more (Ctrl-D, end of input). */
  readLine(prompt: string): Promise<string | undefined>;
  /** Prints lines above the one that is being typed. */
  printAbove(text: string): void;
  /** Called on Ctrl-C while no line is being read; undefined for nobody. */
  onInterrupt(handler: (() => void) | undefined): void;
  /** Leaves the terminal to `action`, which reads it by itself. */
  handOver<T>(action: () => Promise<T>): Promise<T>;
  close(): void;
}

/** Shown on Ctrl-C where there is nothing to clear. */
export const LEAVING_REMINDER = 'Ctrl-D leaves';
