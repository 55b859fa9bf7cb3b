/** What is typed while something starts: kept off the screen, and left for whoever reads the terminal afterwards. */
import type { Readable } from 'node:stream';

const CTRL_C = 0x03;
/** What is typed beyond this is lost. */
const TYPED_BYTES_MAX = 64 * 1024;

/** A terminal, or whatever stands in for one. */
export type TerminalInput = Readable & { readonly isTTY?: boolean; setRawMode?: (isRaw: boolean) => unknown };

/**
 * Takes the terminal until the returned function is called, which puts back what came meanwhile. Ctrl-C, which is only
 * a byte now, goes to `onCtrlC` and takes back what was typed before it. Does nothing where there is no terminal.
 */
export function holdTyping(input: TerminalInput, onCtrlC: () => void): () => void {
  if (input.isTTY !== true) return () => undefined;
  let held = Buffer.alloc(0);
  const hold = (chunk: Buffer): void => {
    const ctrlC = chunk.lastIndexOf(CTRL_C);
    held = ctrlC < 0 ? Buffer.concat([held, chunk]) : Buffer.from(chunk.subarray(ctrlC + 1));
    if (held.length > TYPED_BYTES_MAX) held = held.subarray(0, TYPED_BYTES_MAX);
    if (ctrlC >= 0) onCtrlC();
  };
  input.setRawMode?.(true);
  input.on('data', hold);
  return () => {
    input.off('data', hold);
    input.setRawMode?.(false);
    input.pause();
    if (held.length > 0) input.unshift(held);
  };
}
