/**
 * How far typed words have come in the argument grammar of a command: what may follow.
 * Both the inline hint and Tab completion read this.
 */
import { syntaxOf, type Argument } from '../command-table/arguments.js';

export interface Progress {
  /** Syntax text of what may still follow; empty when nothing may. */
  readonly syntax: string;
  /** Literal words that may come next. */
  readonly tokens: readonly string[];
  /** False when a word did not fit the grammar: then nothing can be said about what follows. */
  readonly fits: boolean;
}

const MISFIT: Progress = { syntax: '', tokens: [], fits: false };

/** What follows `words` (the arguments, without the command's name) in the grammar `parts`. */
export function progressOf(parts: readonly Argument[], words: readonly string[]): Progress {
  const walk = walkSequence(parts, words, 0, []);
  if (walk.next < words.length) return MISFIT;
  return { syntax: walk.syntax, tokens: walk.tokens, fits: true };
}

/** The state behind the last word taken. */
interface Walk {
  /** Index of the first word not taken. */
  readonly next: number;
  readonly syntax: string;
  readonly tokens: readonly string[];
  /** Whether the argument is complete: a value it needs is not missing. */
  readonly isComplete: boolean;
}

/** Takes words for a row of arguments; optional ones may come in any order before the next that is required. */
function walkSequence(
  parts: readonly Argument[],
  words: readonly string[],
  start: number,
  following: readonly Argument[],
): Walk {
  let remaining: readonly Argument[] = parts;
  let repeatable: Argument | undefined;
  let next = start;
  while (next < words.length) {
    const choice = chooseArgument(reachable(remaining), words[next]);
    if (choice === undefined) break;
    remaining = remaining.slice(0, remaining.indexOf(choice)).concat(remaining.slice(remaining.indexOf(choice) + 1));
    const rest = [...remaining, ...following];
    const taken = walkRepeated(choice, words, next, rest);
    next = taken.next;
    if (!taken.isComplete) return { ...taken, syntax: joined(taken.syntax, syntaxOf(remaining)) };
    repeatable = choice.multiple === true ? choice : undefined;
  }
  const again = repeatable === undefined ? '' : repetitionOf(repeatable);
  const tokens = [...(repeatable === undefined ? [] : leadingTokens(repeatable)), ...nextTokens(remaining)];
  const isComplete = remaining.every((part) => part.optional === true);
  return { next, syntax: joined(again, syntaxOf(remaining)), tokens, isComplete };
}

/** One argument, as often as it may repeat: words go on belonging to it until one is a token of what follows. */
function walkRepeated(part: Argument, words: readonly string[], start: number, following: readonly Argument[]): Walk {
  const stops = new Set(following.flatMap(leadingTokens));
  let walk = walkOne(part, words, start, following);
  while (part.multiple === true && walk.isComplete && walk.next < words.length) {
    const word = words[walk.next].toUpperCase();
    if (stops.has(word) || chooseArgument([part], word) === undefined) break;
    const before = walk.next;
    walk = walkOne(part, words, before, following);
    if (walk.next === before) break;
  }
  if (walk.isComplete || part.multiple !== true) return walk;
  return { ...walk, syntax: joined(walk.syntax, repetitionOf(part)) };
}

function walkOne(part: Argument, words: readonly string[], start: number, following: readonly Argument[]): Walk {
  const complete = (next: number): Walk => ({ next, syntax: '', tokens: [], isComplete: true });
  if (part.kind === 'pure-token') return complete(start + 1);
  const first = part.token === undefined ? start : start + 1;
  if (part.kind === 'oneof') {
    const word = words[first] as string | undefined;
    const alternative = word === undefined ? undefined : chooseArgument(part.arguments, word);
    if (alternative !== undefined) return walkOne(alternative, words, first, following);
    const syntax = syntaxOf([onceOf(part)]);
    return { next: first, syntax, tokens: part.arguments.flatMap(leadingTokens), isComplete: false };
  }
  if (part.kind === 'block') return walkSequence(part.arguments, words, first, following);
  return first < words.length ? complete(first + 1) : { next: first, syntax: part.name, tokens: [], isComplete: false };
}

/** The arguments that the next word can belong to: up to the first required one. */
function reachable(parts: readonly Argument[]): readonly Argument[] {
  const required = parts.findIndex((part) => part.optional !== true);
  return required < 0 ? parts : parts.slice(0, required + 1);
}

/** The argument whose token the word is, else the first that takes any word. */
function chooseArgument(candidates: readonly Argument[], word: string): Argument | undefined {
  const upper = word.toUpperCase();
  return candidates.find((candidate) => leadingTokens(candidate).includes(upper)) ?? candidates.find(takesAnyWord);
}

function takesAnyWord(part: Argument): boolean {
  if (part.token !== undefined) return false;
  if (part.kind === 'oneof') return part.arguments.some(takesAnyWord);
  if (part.kind === 'block') return part.arguments.length > 0 && takesAnyWord(part.arguments[0]);
  return true;
}

/** The literal words that an argument can begin with, upper case. */
function leadingTokens(part: Argument): readonly string[] {
  if (part.token !== undefined) return [part.token.toUpperCase()];
  if (part.kind === 'oneof') return part.arguments.flatMap(leadingTokens);
  return part.kind === 'block' ? nextTokens(part.arguments) : [];
}

function nextTokens(parts: readonly Argument[]): readonly string[] {
  return reachable(parts).flatMap(leadingTokens);
}

/** An argument written once and required, for the text of a repetition. */
function onceOf(part: Argument): Argument {
  return { ...part, optional: false, multiple: false };
}

function repetitionOf(part: Argument): string {
  const { token: _token, ...bare } = onceOf(part);
  return `[${syntaxOf([part.kind === 'pure-token' ? onceOf(part) : (bare as Argument)])} ...]`;
}

function joined(...texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join(' ');
}
