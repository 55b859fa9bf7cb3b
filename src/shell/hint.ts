/** The inline hint: the syntax of what is still to be typed, shown dimmed behind the cursor. */
import { nameLength, type CommandSource } from './command-source.js';
import { progressOf } from './grammar-progress.js';
import { findShellWord, type ShellWord } from './shell-words.js';
import { scan } from './tokenizer.js';

const ELLIPSIS = '…';
/** Less room than this shows nothing of use. */
const COLUMNS_MIN = 4;

/** The hint for a line with the cursor at its end, at most `columns` wide; empty when there is nothing to say. */
export function hintFor(line: string, table: CommandSource, columns: number): string {
  const { tokens, problem, endsInWord } = scan(line);
  if (problem !== undefined || tokens.length === 0) return '';
  const words = tokens.map((token) => token.bytes.toString());
  const syntax = syntaxAfter(words, endsInWord, table);
  return syntax === '' ? '' : fit(endsInWord ? ` ${syntax}` : syntax, columns);
}

function syntaxAfter(words: readonly string[], endsInWord: boolean, table: CommandSource): string {
  const shellWord = findShellWord(words[0]);
  if (shellWord !== undefined) return afterShellWord(shellWord, words, endsInWord, table);
  const command = table.find(words);
  if (command === undefined) return '';
  const isContainer = command.subcommands.length > 0;
  if (isContainer && words.length === 1) return command.subcommands.map((subcommand) => subcommand.name).join(' | ');
  if (isContainer && command.arguments.length === 0) return '';
  const progress = progressOf(command.arguments, words.slice(nameLength(command)));
  return progress.syntax;
}

function afterShellWord(word: ShellWord, words: readonly string[], endsInWord: boolean, table: CommandSource): string {
  if (words.length === 1) return word.syntax;
  return word.takes === 'command' ? syntaxAfter(words.slice(1), endsInWord, table) : '';
}

function fit(text: string, columns: number): string {
  if (text.length <= columns) return text;
  return columns < COLUMNS_MIN ? '' : text.slice(0, columns - 1) + ELLIPSIS;
}
