/** The words of a command as bytes and as text. */
import type { CommandArgument, CommandWords } from './types.js';

/** A word as it goes over the wire. */
export function bytesOf(word: CommandArgument): Buffer {
  if (typeof word === 'string') return Buffer.from(word);
  return Buffer.from(word.buffer, word.byteOffset, word.byteLength);
}

/** A word as UTF-8 text; '' for one that is missing. */
export function textOf(word: CommandArgument | undefined): string {
  if (word === undefined) return '';
  return typeof word === 'string' ? word : bytesOf(word).toString();
}

/** The command's name in upper case. */
export function nameOf(words: CommandWords): string {
  return textOf(words[0]).toUpperCase();
}
