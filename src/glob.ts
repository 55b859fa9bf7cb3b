/**
 * Glob patterns over bytes with the meaning of Redis's stringmatchlen (util.c): `*`, `?`, `[a-z]`, `[^a-z]` and `\` as escape.
 * Matching keeps only the last star to come back to, so it takes at the most pattern x text steps, and no stack.
 */
import { ExitCode, RedNodeError } from './errors.js';

/** The steps that one match takes are bounded by this times the length of the text. */
export const MAX_PATTERN_BYTES = 4096;

const STAR = 0x2a;
const QUESTION = 0x3f;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const CARET = 0x5e;
const DASH = 0x2d;
const BACKSLASH = 0x5c;

/** Tokens: a byte stands for itself, the others are above the bytes. */
const ANY = 256;
const MANY = 257;
/** SET + i is the i-th set. */
const SET = 258;
/** A set is a bit for each byte, in words of 32. */
const WORDS_PER_SET = 8;

export class Glob {
  /** No shorter text can match: each token but a star takes one byte. */
  private readonly minimumBytes: number;

  constructor(
    private readonly tokens: Int32Array,
    /** The bits of all sets, one after the other. */
    private readonly sets: Int32Array,
    /** Whether it is the pattern `*`. */
    readonly matchesAll: boolean,
  ) {
    this.minimumBytes = tokens.reduce((count, token) => (token === MANY ? count : count + 1), 0);
  }

  /** Whether the `length` bytes from `offset` match as a whole. */
  matches(bytes: Uint8Array, offset: number, length: number): boolean {
    if (this.matchesAll) return true;
    const { tokens } = this;
    // Redis's loop does not start on an empty text, so that even `**` does not match it; KEYS makes `*` an exception.
    if (length === 0) return tokens.length === 0;
    if (length < this.minimumBytes) return false;
    const end = offset + length;
    let at = offset;
    let token = 0;
    let starToken = -1;
    let starAt = 0;
    while (at < end) {
      if (token < tokens.length && tokens[token] === MANY) {
        starToken = ++token;
        starAt = at;
      } else if (token < tokens.length && this.accepts(tokens[token], bytes[at])) {
        token++;
        at++;
      } else if (starToken >= 0) {
        token = starToken;
        at = ++starAt;
      } else {
        return false;
      }
    }
    while (token < tokens.length && tokens[token] === MANY) token++;
    return token === tokens.length;
  }

  private accepts(token: number, byte: number): boolean {
    if (token < ANY) return token === byte;
    if (token === ANY) return true;
    return ((this.sets[(token - SET) * WORDS_PER_SET + (byte >>> 5)] >>> (byte & 31)) & 1) === 1;
  }
}

/** Throws PATTERN_TOO_LONG. */
export function compileGlob(pattern: Uint8Array): Glob {
  if (pattern.length > MAX_PATTERN_BYTES) throw patternTooLong(pattern.length);
  const tokens: number[] = [];
  const sets: number[] = [];
  let at = 0;
  while (at < pattern.length) {
    const byte = pattern[at];
    if (byte === STAR) {
      if (tokens.at(-1) !== MANY) tokens.push(MANY);
    } else if (byte === QUESTION) {
      tokens.push(ANY);
    } else if (byte === OPEN) {
      tokens.push(SET + sets.length / WORDS_PER_SET);
      at = readSet(pattern, at + 1, sets);
    } else {
      if (byte === BACKSLASH && at + 1 < pattern.length) at++;
      tokens.push(pattern[at]);
    }
    at++;
  }
  return new Glob(Int32Array.from(tokens), Int32Array.from(sets), pattern.length === 1 && pattern[0] === STAR);
}

function patternTooLong(lengthBytes: number): RedNodeError {
  return new RedNodeError(
    'PATTERN_TOO_LONG',
    `pattern is too long (${lengthBytes} bytes, ${MAX_PATTERN_BYTES} at the most)`,
    ExitCode.usage,
    { hint: 'use a shorter pattern' },
  );
}

/**
 * Appends the bits of a set; returns where its closing bracket is, or the last byte of the pattern when there is none:
 * Redis lets the pattern's end close it.
 */
function readSet(pattern: Uint8Array, start: number, sets: number[]): number {
  const words = new Int32Array(WORDS_PER_SET);
  const isNegated = pattern[start] === CARET;
  let at = isNegated ? start + 1 : start;
  for (; at < pattern.length && pattern[at] !== CLOSE; at++) {
    if (pattern[at] === BACKSLASH && at + 1 < pattern.length) {
      at++;
      addRange(words, pattern[at], pattern[at]);
    } else if (at + 2 < pattern.length && pattern[at + 1] === DASH) {
      addRange(words, Math.min(pattern[at], pattern[at + 2]), Math.max(pattern[at], pattern[at + 2]));
      at += 2;
    } else {
      addRange(words, pattern[at], pattern[at]);
    }
  }
  for (const word of words) sets.push(isNegated ? ~word : word);
  return Math.min(at, pattern.length - 1);
}

function addRange(words: Int32Array, low: number, high: number): void {
  for (let byte = low; byte <= high; byte++) words[byte >>> 5] |= 1 << (byte & 31);
}
