/** The options of TENANT CREATE, LIMIT and TOKEN ADD: their grammar, and reading them. */
import { evictionPolicies } from '../config/eviction-policy.js';
import { parseMemorySize } from '../config/memory-size.js';
import { parseInt64 } from '../resp/integer.js';
import type { Request } from '../resp/request.js';
import { integer, many, oneOf, option, optional, pattern, string, token, type Argument } from './arguments.js';
import type { TenantLimitOptions, TenantTokenOptions } from './context.js';
import { NOT_AN_INTEGER, SYNTAX_ERROR } from './replies.js';

const NO_EVICTION = 'noeviction';
const MAX_RULES = 256;

export const limitArguments: readonly Argument[] = [
  optional(option('MAXKEYS', integer('keys'))),
  optional(option('MAXMEMORY', string('bytes'))),
  optional(option('MAXOPS', integer('ops-per-second'))),
  optional(option('MAXCONNECTIONS', integer('connections'))),
  optional(option('DEFAULTTTL', integer('seconds'))),
  optional(option('EVICT', oneOf('policy', ...evictionPolicies.map(token)))),
];

export const tokenArguments: readonly Argument[] = [
  optional(option('EXPIRES', integer('seconds'))),
  optional(token('READONLY')),
  optional(option('COMMANDS', many(string('command-or-category')))),
  optional(option('KEYS', many(pattern()))),
];

/** What was read, or the error to answer with. */
export type Parsed<T> = { readonly options: T } | { readonly error: string };

const numberOptions: readonly (readonly [word: string, field: Exclude<keyof TenantLimitOptions, 'evict'>])[] = [
  ['MAXKEYS', 'maxKeys'],
  ['MAXOPS', 'maxOpsPerSecond'],
  ['MAXCONNECTIONS', 'maxConnections'],
  ['DEFAULTTTL', 'defaultTtlSeconds'],
];

/** The limits from argument `from` on; 0 for one that is to be lifted. */
export function parseLimits(request: Request, from: number): Parsed<TenantLimitOptions> {
  const options: TenantLimitOptions = {};
  for (let index = from; index < request.argc; index += 2) {
    const error = index + 1 < request.argc ? readLimit(request, index, options) : SYNTAX_ERROR;
    if (error !== undefined) return { error };
  }
  return { options };
}

function readLimit(request: Request, index: number, options: TenantLimitOptions): string | undefined {
  const known = numberOptions.find(([word]) => request.is(index, word));
  if (known !== undefined) {
    const value = naturalNumber(request, index + 1);
    if (value === undefined) return NOT_AN_INTEGER;
    options[known[1]] = value;
    return undefined;
  }
  const text = request.text(index + 1).toLowerCase();
  if (request.is(index, 'MAXMEMORY')) {
    const bytes = parseMemorySize(text);
    if (bytes === undefined) return 'ERR MAXMEMORY is not a size: a number of bytes, or such as 64mb';
    options.maxMemoryBytes = bytes;
  } else if (request.is(index, 'EVICT')) {
    const policy = text === '0' || text === 'none' ? NO_EVICTION : text;
    if (!evictionPolicies.some((known) => known === policy)) {
      return `ERR EVICT must be one of ${evictionPolicies.join(', ')}`;
    }
    options.evict = policy;
  } else {
    return SYNTAX_ERROR;
  }
  return undefined;
}

/** A whole number of at least 0 that a double holds. */
function naturalNumber(request: Request, index: number): number | undefined {
  const value = parseInt64(request.buffer, request.offsets[index], request.lengths[index]);
  return typeof value === 'number' && value >= 0 && Number.isSafeInteger(value) ? value : undefined;
}

const TOKEN_WORDS = ['EXPIRES', 'READONLY', 'COMMANDS', 'KEYS'];

/** The scope of a token from argument `from` on. */
export function parseTokenOptions(
  request: Request,
  from: number,
  isCommandRule: (rule: string) => boolean,
): Parsed<TenantTokenOptions> {
  const options: TenantTokenOptions = {};
  for (let index = from; index < request.argc;) {
    const end = endOfOption(request, index);
    const error = readTokenOption(request, index, end, options, isCommandRule);
    if (error !== undefined) return { error };
    index = end;
  }
  return { options };
}

/** Lists reach to the next option; the others have their fixed number of words. */
function endOfOption(request: Request, index: number): number {
  if (request.is(index, 'READONLY')) return index + 1;
  if (request.is(index, 'EXPIRES')) return Math.min(index + 2, request.argc);
  let end = index + 1;
  while (end < request.argc && !TOKEN_WORDS.some((word) => request.is(end, word))) end++;
  return end;
}

function readTokenOption(
  request: Request,
  index: number,
  end: number,
  options: TenantTokenOptions,
  isCommandRule: (rule: string) => boolean,
): string | undefined {
  if (request.is(index, 'READONLY')) {
    options.readOnly = true;
    return undefined;
  }
  if (end === index + 1 || end - index > MAX_RULES) return SYNTAX_ERROR;
  if (request.is(index, 'EXPIRES')) {
    const seconds = naturalNumber(request, index + 1);
    if (seconds === undefined || seconds === 0) return NOT_AN_INTEGER;
    options.expiresInSeconds = seconds;
    return undefined;
  }
  const words: string[] = [];
  for (let at = index + 1; at < end; at++) words.push(request.text(at));
  if (request.is(index, 'KEYS')) options.keys = words;
  else if (!request.is(index, 'COMMANDS')) return SYNTAX_ERROR;
  else return readRules(words, options, isCommandRule);
  return undefined;
}

/** `+keys`, as ACL rules are written, stands for the command where `keys` would be the option. */
function readRules(
  words: readonly string[],
  options: TenantTokenOptions,
  isCommandRule: (rule: string) => boolean,
): string | undefined {
  const rules = words.map((word) => word.replace(/^\+/, '').toLowerCase());
  const unknown = rules.find((rule) => !isCommandRule(rule));
  if (unknown !== undefined) return `ERR unknown command or category '${unknown}'`;
  options.commands = rules;
  return undefined;
}
