/** Random calls of a wire command, written by its own grammar: a command that is declared is generated. */
import type { Argument, ValueKind } from '../../src/command-table/arguments.js';
import type { Command } from '../../src/command-table/command.js';
import type { SeededRandom } from './random-source.js';

export type Word = Buffer | string;

/** Where values come from. `name` is the argument's own (`seconds`, `offset`). */
export type Vocabulary = Readonly<Record<ValueKind, (random: SeededRandom, name: string) => Word>>;

const OPTION_PROBABILITY = 0.4;
const REPEATS_MAX = 4;

/** The words of one call, the name first. */
export function callOf(command: Command, vocabulary: Vocabulary, random: SeededRandom): Word[] {
  const name = command.fullName.split(' ').map((word) => (random.chance(0.2) ? word.toLowerCase() : word));
  return [...name, ...command.arguments.flatMap((argument) => wordsOf(argument, vocabulary, random))];
}

function wordsOf(argument: Argument, vocabulary: Vocabulary, random: SeededRandom): Word[] {
  if (argument.optional === true && !random.chance(OPTION_PROBABILITY)) return [];
  const repeats = argument.multiple === true ? random.int(1, REPEATS_MAX) : 1;
  const words: Word[] = [];
  if (argument.token !== undefined && argument.kind !== 'pure-token') words.push(argument.token);
  for (let count = 0; count < repeats; count++) words.push(...bodyOf(argument, vocabulary, random));
  return words;
}

function bodyOf(argument: Argument, vocabulary: Vocabulary, random: SeededRandom): Word[] {
  switch (argument.kind) {
    case 'pure-token':
      return [argument.token];
    case 'oneof':
      return wordsOf({ ...random.pick(argument.arguments), optional: false }, vocabulary, random);
    case 'block':
      return argument.arguments.flatMap((part) => wordsOf(part, vocabulary, random));
    default:
      return [vocabulary[argument.kind](random, argument.name)];
  }
}

/** A request as RESP. */
export function frameOf(words: readonly Word[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${words.length}\r\n`)];
  for (const word of words) {
    const bytes = typeof word === 'string' ? Buffer.from(word) : word;
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'));
  }
  return Buffer.concat(parts);
}

/** In the quoting of redis-cli, for people to play. */
export function showCall(words: readonly Word[]): string {
  return words
    .map((word) => {
      const text = typeof word === 'string' ? word : word.toString('latin1');
      return /^[\w.:*?^+-]+$/.test(text) ? text : quoted(text);
    })
    .join(' ');
}

function quoted(text: string): string {
  const escaped = text.replace(/[\\"]|[^\x20-\x7e]/g, (character) =>
    character === '\\' || character === '"'
      ? `\\${character}`
      : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `"${escaped}"`;
}
