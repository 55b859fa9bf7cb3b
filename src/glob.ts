/**
 * Glob patterns over bytes with the meaning of Redis's stringmatchlen (util.c): `*`, `?`, `[a-z]`, `[^a-z]` and `\` as escape.
 * Matching keeps only the last star to come back to, so it takes at the most pattern x text steps.
 */

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

export class Glob {
  constructor(
    private readonly tokens: Int32Array,
    private readonly sets: readonly Uint8Array[],
    /** Whether it is the pattern `*`. */
    readonly matchesAll: boolean,
  ) {}

  /** Whether the `length` bytes from `offset` match as a whole. */
  matches(bytes: Uint8Array, offset: number, length: number): boolean {
    if (this.matchesAll) return true;
    const { tokens } = this;
    // Redis's loop does not start on an empty text, so that even `**` does not match it; KEYS makes `*` an exception.
    if (length === 0) return tokens.length === 0;
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
    return token === ANY || this.sets[token - SET][byte] === 1;
  }
}

export function compileGlob(pattern: Uint8Array): Glob {
  const tokens: number[] = [];
  const sets: Uint8Array[] = [];
  let at = 0;
  while (at < pattern.length) {
    const byte = pattern[at];
    if (byte === STAR) {
      if (tokens.at(-1) !== MANY) tokens.push(MANY);
    } else if (byte === QUESTION) {
      tokens.push(ANY);
    } else if (byte === OPEN) {
      const set = new Uint8Array(256);
      at = readSet(pattern, at + 1, set);
      tokens.push(SET + sets.length);
      sets.push(set);
    } else {
      if (byte === BACKSLASH && at + 1 < pattern.length) at++;
      tokens.push(pattern[at]);
    }
    at++;
  }
  return new Glob(Int32Array.from(tokens), sets, pattern.length === 1 && pattern[0] === STAR);
}

/**
 * Fills a set with 1 for each byte in it; returns where its closing bracket is, or the last byte of the pattern when there
 * is none: Redis lets the pattern's end close it.
 */
function readSet(pattern: Uint8Array, start: number, set: Uint8Array): number {
  const isNegated = pattern[start] === CARET;
  let at = isNegated ? start + 1 : start;
  for (; at < pattern.length && pattern[at] !== CLOSE; at++) {
    if (pattern[at] === BACKSLASH && at + 1 < pattern.length) {
      at++;
      set[pattern[at]] = 1;
    } else if (at + 2 < pattern.length && pattern[at + 1] === DASH) {
      const low = Math.min(pattern[at], pattern[at + 2]);
      const high = Math.max(pattern[at], pattern[at + 2]);
      set.fill(1, low, high + 1);
      at += 2;
    } else {
      set[pattern[at]] = 1;
    }
  }
  if (isNegated) for (let byte = 0; byte < set.length; byte++) set[byte] ^= 1;
  return Math.min(at, pattern.length - 1);
}
