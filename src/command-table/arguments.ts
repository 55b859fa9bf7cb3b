/**
 * The argument grammar of a wire command, and what follows from it: arity, key positions, syntax text.
 * Kinds carry the names of Redis's COMMAND DOCS argument types.
 */

export type ValueKind = 'key' | 'string' | 'integer' | 'double' | 'pattern' | 'unix-time';

interface ArgumentBase {
  readonly name: string;
  /** Literal word in front of the value (`EX` in `EX seconds`), or the whole argument of a pure token. */
  readonly token?: string;
  readonly optional?: boolean;
  /** May repeat: `key [key ...]`. */
  readonly multiple?: boolean;
  readonly summary?: string;
}

export type Argument =
  | (ArgumentBase & { readonly kind: ValueKind })
  | (ArgumentBase & { readonly kind: 'pure-token'; readonly token: string })
  | (ArgumentBase & { readonly kind: 'oneof' | 'block'; readonly arguments: readonly Argument[] });

export const key = (name = 'key'): Argument => ({ kind: 'key', name });
export const string = (name: string): Argument => ({ kind: 'string', name });
export const integer = (name: string): Argument => ({ kind: 'integer', name });
export const double = (name: string): Argument => ({ kind: 'double', name });
export const pattern = (name = 'pattern'): Argument => ({ kind: 'pattern', name });
export const unixTime = (name: string): Argument => ({ kind: 'unix-time', name });
export const token = (word: string): Argument => ({ kind: 'pure-token', name: word.toLowerCase(), token: word });
export const oneOf = (name: string, ...options: Argument[]): Argument => ({ kind: 'oneof', name, arguments: options });
export const block = (name: string, ...parts: Argument[]): Argument => ({ kind: 'block', name, arguments: parts });
/** `EX seconds`: a literal word, then the value. */
export const option = (word: string, value: Argument): Argument => ({ ...value, token: word });
export const optional = (argument: Argument): Argument => ({ ...argument, optional: true });
export const many = (argument: Argument): Argument => ({ ...argument, multiple: true });

/** The fewest words that this argument can be written in. */
function minimumWords(argument: Argument): number {
  if (argument.optional === true) return 0;
  const tokenWords = argument.token !== undefined && argument.kind !== 'pure-token' ? 1 : 0;
  switch (argument.kind) {
    case 'oneof':
      return tokenWords + Math.min(...argument.arguments.map(minimumWords));
    case 'block':
      return tokenWords + sumOfMinimumWords(argument.arguments);
    default:
      return tokenWords + 1;
  }
}

function sumOfMinimumWords(parts: readonly Argument[]): number {
  return parts.reduce((sum, part) => sum + minimumWords(part), 0);
}

function hasVariableLength(argument: Argument): boolean {
  if (argument.optional === true || argument.multiple === true) return true;
  if (argument.kind === 'oneof') {
    return new Set(argument.arguments.map(minimumWords)).size > 1 || argument.arguments.some(hasVariableLength);
  }
  return argument.kind === 'block' && argument.arguments.some(hasVariableLength);
}

/** Arity as Redis counts it: the name words included; negative means "at least". */
export function arityOf(nameWords: number, parts: readonly Argument[]): number {
  const words = nameWords + sumOfMinimumWords(parts);
  return parts.some(hasVariableLength) ? -words : words;
}

/** Key positions as Redis's legacy triple; `last` is negative when counted from the end, and all are 0 without keys. */
export interface KeyRange {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

const noKeys: KeyRange = { first: 0, last: 0, step: 0 };

/** Key positions of a command, from the leading arguments of its grammar (keys stand at fixed places up to the first repeat). */
export function keyRangeOf(nameWords: number, parts: readonly Argument[]): KeyRange {
  let position = nameWords;
  let first = 0;
  let last = 0;
  for (const part of parts) {
    if (part.kind === 'key' && part.token === undefined) {
      if (first === 0) first = position;
      last = part.multiple === true ? -1 : position;
    } else if (part.kind === 'block' && part.multiple === true && part.arguments[0]?.kind === 'key') {
      return { first: position, last: -1, step: part.arguments.length };
    }
    if (part.optional === true || part.multiple === true) break;
    position += minimumWords(part);
  }
  return first === 0 ? noKeys : { first, last, step: 1 };
}

/** The grammar as text, in Redis's notation: `key value [NX | XX] [EX seconds | ...]`. */
export function syntaxOf(parts: readonly Argument[]): string {
  return parts.map(syntaxOfOne).join(' ');
}

function syntaxOfOne(argument: Argument): string {
  const body = bodyOf(argument);
  const repeated = argument.multiple === true ? `${body} [${body} ...]` : body;
  const withToken =
    argument.token !== undefined && argument.kind !== 'pure-token' ? `${argument.token} ${repeated}` : repeated;
  if (argument.optional === true) return `[${withToken}]`;
  return argument.kind === 'oneof' ? `<${withToken}>` : withToken;
}

function bodyOf(argument: Argument): string {
  switch (argument.kind) {
    case 'pure-token':
      return argument.token;
    case 'oneof':
      return argument.arguments.map(syntaxOfOne).join(' | ');
    case 'block':
      return syntaxOf(argument.arguments);
    default:
      return argument.name;
  }
}

/** Every literal word that can occur in these arguments, for completion. */
export function tokensOf(parts: readonly Argument[]): string[] {
  return parts.flatMap((part) => [
    ...(part.token === undefined ? [] : [part.token]),
    ...('arguments' in part ? tokensOf(part.arguments) : []),
  ]);
}
