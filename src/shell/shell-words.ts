/** The words that the shell answers itself, beside the wire commands. */
import { ExitCode, RedNodeError } from '../errors.js';

/** No wire command begins with it. */
export const SHELL_WORD_MARK = ':';

export interface ShellWord {
  readonly name: string;
  /** What follows the name, in the notation of command syntax. */
  readonly syntax: string;
  readonly summary: string;
  /** What its arguments are, for completion and hints. */
  readonly takes: 'nothing' | 'command' | 'tenant' | 'command-name';
}

export const SHELL_WORDS: readonly ShellWord[] = [
  {
    name: 'explain',
    syntax: 'command [arg ...]',
    summary: 'where a command goes: key, slot, master, replicas',
    takes: 'command',
  },
  { name: 'use', syntax: 'tenant', summary: 'work on the keys of another tenant', takes: 'tenant' },
  { name: 'help', syntax: '[command]', summary: 'what there is, or one command in full', takes: 'command-name' },
  { name: ':help', syntax: '[command]', summary: 'the same as help', takes: 'command-name' },
  { name: ':nodes', syntax: '', summary: 'the nodes as this shell knows them', takes: 'nothing' },
  { name: ':stats', syntax: '', summary: 'what this shell has sent, and what was redirected', takes: 'nothing' },
  { name: 'clear', syntax: '', summary: 'clear the screen', takes: 'nothing' },
  { name: 'exit', syntax: '', summary: 'leave (Ctrl-D does too)', takes: 'nothing' },
  { name: 'quit', syntax: '', summary: 'leave', takes: 'nothing' },
];

export function findShellWord(word: string): ShellWord | undefined {
  const lower = word.toLowerCase();
  return SHELL_WORDS.find((candidate) => candidate.name === lower);
}

export function unknownShellWord(word: string): RedNodeError {
  const known = SHELL_WORDS.map(({ name }) => name).filter((name) => name.startsWith(SHELL_WORD_MARK));
  return new RedNodeError('UNKNOWN_COMMAND', `there is no shell command ${word}`, ExitCode.usage, {
    hint: known.join(', '),
  });
}
