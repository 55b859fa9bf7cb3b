/** Writing to the standard streams: data to stdout, messages to stderr, and what happens when nobody reads any more. */
import { once } from 'node:events';

/** Writes to stdout and waits while its buffer is full, so that a slow reader does not fill the memory. */
export async function writeOut(data: string | Uint8Array): Promise<void> {
  if (!process.stdout.write(data)) await once(process.stdout, 'drain');
}

export function writeMessage(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** After Ctrl-C the terminal has echoed `^C`: what comes next, such as the prompt, begins on a line of its own. */
export function endEchoedLine(): void {
  if (process.stdin.isTTY && process.stderr.isTTY) process.stderr.write('\n');
}

let brokenPipeHandler = (): void => {
  process.exit(0);
};

/** Replaces what happens when the reader of stdout has gone (`| head`): by default the program ends, with exit code 0. */
export function onBrokenPipe(handler: () => void): void {
  brokenPipeHandler = handler;
}

/** Must run before anything is written. */
export function watchBrokenPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE' || error.code === 'EIO') brokenPipeHandler();
      else throw error;
    });
  }
}

/** JSON as commands print it: scalars and `compact` on one line, structures indented. */
export function jsonText(value: unknown, compact = false): string {
  return JSON.stringify(value ?? null, undefined, compact ? undefined : 2);
}
