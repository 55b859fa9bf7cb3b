/** Values of parameters as CONFIG SET takes them and CONFIG GET tells them, with Redis's words for what is wrong with one. */
import { evictionPolicies, type EvictionPolicy } from './eviction-policy.js';
import { parseMemorySize } from './memory-size.js';
import { formatOutputLimits, type OutputClass, type OutputLimit, type OutputLimits } from './output-limits.js';

/** A value that cannot be taken; the message is Redis's. */
export class ParameterError extends Error {}

export const INT_MAX = 2 ** 31 - 1;
export const UINT_MAX = 2 ** 32 - 1;
/** Redis's LLONG_MAX, which a double does not hold; only told, never reached. */
const LONG_MAX_TEXT = '9223372036854775807';
export const LONG_MAX = Number.MAX_SAFE_INTEGER;

/** How the text of a value becomes the value, and back. */
export interface ValueType<T> {
  parse(text: string, current: T): T;
  format(value: T): string;
}

function checkRange(value: number, min: number, max: number): number {
  if (value >= min && value <= max) return value;
  const maxText = max === LONG_MAX ? LONG_MAX_TEXT : String(max);
  throw new ParameterError(`argument must be between ${min} and ${maxText} inclusive`);
}

/** An integer, held as this many of its unit (1000: seconds on the wire, milliseconds inside). */
export function integerBetween(min: number, max: number, unit = 1): ValueType<number> {
  return {
    parse(text) {
      if (!/^-?\d+$/.test(text)) throw new ParameterError("argument couldn't be parsed into an integer");
      return checkRange(Number(text), min, max) * unit;
    },
    format: (value) => String(value / unit),
  };
}

/** `64mb` and its like. */
export function memoryBetween(minBytes: number, maxBytes: number): ValueType<number> {
  return {
    parse(text) {
      const sizeBytes = parseMemorySize(text);
      if (sizeBytes === undefined) throw new ParameterError('argument must be a memory value');
      return checkRange(sizeBytes, minBytes, maxBytes);
    },
    format: String,
  };
}

export const yesOrNo: ValueType<boolean> = {
  parse(text) {
    const word = text.toLowerCase();
    if (word !== 'yes' && word !== 'no') throw new ParameterError("argument must be 'yes' or 'no'");
    return word === 'yes';
  },
  format: (value) => (value ? 'yes' : 'no'),
};

export const evictionPolicy: ValueType<EvictionPolicy> = {
  parse(text) {
    const policy = evictionPolicies.find((name) => name === text.toLowerCase());
    if (policy !== undefined) return policy;
    throw new ParameterError(`argument(s) must be one of the following: ${evictionPolicies.join(', ')}`);
  },
  format: (policy) => policy,
};

/** Redis's log levels, and those of the logger that they stand for. */
const LOG_LEVELS: Readonly<Record<string, string | undefined>> = {
  debug: 'debug',
  verbose: 'debug',
  notice: 'info',
  warning: 'warn',
};

/** In Redis's words; `--log-level` has those of the logger. */
export const logLevel: ValueType<string> = {
  parse(text) {
    const level = text.toLowerCase();
    if (LOG_LEVELS[level] !== undefined) return level;
    throw new ParameterError(`argument(s) must be one of the following: ${Object.keys(LOG_LEVELS).join(', ')}`);
  },
  format(level) {
    if (LOG_LEVELS[level] !== undefined) return level;
    return Object.keys(LOG_LEVELS).findLast((name) => LOG_LEVELS[name] === level) ?? level;
  },
};

/** The level of the logger for a level in the words of either. */
export function loggerLevel(level: string): string {
  return LOG_LEVELS[level] ?? level;
}

/** What is always so. Setting it to that is accepted, since test suites do so to be sure. */
export function always(value: string): ValueType<string> {
  return {
    parse(text) {
      if (text.toLowerCase() !== value) throw new ParameterError(`it can only be '${value}' in this version`);
      return value;
    },
    format: String,
  };
}

const WORDS_PER_CLASS = 4;
const outputClasses: Readonly<Record<string, OutputClass | undefined>> = {
  normal: 'normal',
  slave: 'replica',
  replica: 'replica',
  pubsub: 'pubsub',
};

/** `normal 0 0 0 pubsub 32mb 8mb 60`: classes that are not named stay as they are. */
export const outputLimits: ValueType<OutputLimits> = {
  parse(text, current) {
    const words = text.split(/\s+/).filter((word) => word !== '');
    if (words.length === 0 || words.length % WORDS_PER_CLASS !== 0) {
      throw new ParameterError('Wrong number of arguments in buffer limit configuration.');
    }
    const changed: Record<OutputClass, OutputLimit> = { ...current };
    for (let at = 0; at < words.length; at += WORDS_PER_CLASS) {
      const name = outputClasses[words[at].toLowerCase()];
      if (name === undefined) throw new ParameterError('Invalid client class specified in buffer limit configuration.');
      changed[name] = outputLimit(words.slice(at + 1, at + WORDS_PER_CLASS));
    }
    return changed;
  },
  format: formatOutputLimits,
};

function outputLimit([hard, soft, seconds]: readonly string[]): OutputLimit {
  const hardBytes = parseMemorySize(hard);
  const softBytes = parseMemorySize(soft);
  if (hardBytes === undefined || softBytes === undefined || !/^\d+$/.test(seconds)) {
    throw new ParameterError('Error in hard, soft or soft_seconds setting in buffer limit configuration.');
  }
  return { hardBytes, softBytes, softMs: Number(seconds) * 1000 };
}
