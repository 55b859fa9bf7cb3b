/**
 * What a token is for: reading only, some commands, some keys. The connection itself (HELLO, PING, CLIENT SETNAME) and
 * what clients ask to find their way (COMMAND, CLUSTER SLOTS, INFO) is open to every token.
 */
import { keyPositions, type Command } from '../command-table/command.js';
import { categoriesOf } from '../command-table/categories.js';
import { commandTable } from '../command-table/index.js';
import { compileGlob, type Glob } from '../glob.js';
import type { TenantToken } from '../ipc/messages.js';
import type { Request } from '../resp/request.js';

const NO_KEY = 'NOPERM this user has no permissions to access one of the keys used as arguments';
const NO_CHANNEL = 'NOPERM this user has no permissions to access one of the channels used as arguments';

const OPEN_GROUPS: ReadonlySet<string> = new Set(['connection', 'cluster', 'transactions', 'tenant']);
const OPEN_COMMANDS: ReadonlySet<string> = new Set(['COMMAND', 'INFO']);
/** Not writes, and yet felt by others than the connection that sends them. */
const FELT_BY_OTHERS: ReadonlySet<string> = new Set([
  ...['CLIENT KILL', 'CLIENT PAUSE', 'CLIENT UNPAUSE', 'CLIENT UNBLOCK', 'CLIENT NO-EVICT'],
  ...['PUBLISH', 'SPUBLISH', 'SLOWLOG RESET'],
]);
/** Name keys that the request does not: a token for some keys has no business with them. */
const ABOUT_ALL_KEYS: ReadonlySet<string> = new Set([
  ...['KEYS', 'SCAN', 'RANDOMKEY', 'FLUSHALL', 'FLUSHDB', 'MONITOR', 'SLOWLOG GET', 'CLUSTER GETKEYSINSLOT'],
]);

const scopes = new WeakMap<TenantToken, TokenScope>();

/** The scope of a token; undefined when it has none. Worked out once per token. */
export function scopeOf(token: TenantToken): TokenScope | undefined {
  if (token.readOnly !== true && token.commands === undefined && token.keys === undefined) return undefined;
  let scope = scopes.get(token);
  if (scope === undefined) scopes.set(token, (scope = new TokenScope(token)));
  return scope;
}

/** Whether a token can be limited to this: a command, a subcommand (`client|list`), or a category (`@read`). */
export function isCommandRule(rule: string): boolean {
  return everyCommand().some((command) => matchesRule(command, rule.toLowerCase()));
}

export class TokenScope {
  /** By command id: 1 where the command may be run. */
  private readonly allowed = new Uint8Array(commandTable.idCount);
  private readonly keys: readonly Glob[] | undefined;
  private readonly patterns: ReadonlySet<string>;

  constructor(token: TenantToken) {
    for (const command of everyCommand()) if (isAllowed(command, token)) this.allowed[command.id] = 1;
    this.keys = token.keys?.map((pattern) => compileGlob(Buffer.from(pattern)));
    this.patterns = new Set(token.keys);
  }

  /** The error to answer a request with, or undefined. */
  refusal(command: Command, request: Request): string | undefined {
    if (this.allowed[command.id] === 0) {
      return `NOPERM this user has no permissions to run the '${command.wireName}' command`;
    }
    if (this.keys === undefined) return undefined;
    if (ABOUT_ALL_KEYS.has(command.fullName)) return NO_KEY;
    for (const position of keyPositions(command, request.argc)) if (!this.matches(request, position)) return NO_KEY;
    return command.group === 'pubsub' ? this.channelRefusal(command, request) : undefined;
  }

  private channelRefusal(command: Command, request: Request): string | undefined {
    const { fullName } = command;
    if (fullName.startsWith('PUBSUB') || fullName.includes('UNSUBSCRIBE')) return undefined;
    const last = fullName.endsWith('PUBLISH') ? 1 : request.argc - 1;
    for (let index = 1; index <= last; index++) {
      // Of a pattern only the token's own words are known to lie within it.
      const isOwn = fullName === 'PSUBSCRIBE' ? this.patterns.has(request.text(index)) : this.matches(request, index);
      if (!isOwn) return NO_CHANNEL;
    }
    return undefined;
  }

  private matches({ buffer, offsets, lengths }: Request, index: number): boolean {
    return this.keys?.some((glob) => glob.matches(buffer, offsets[index], lengths[index])) !== false;
  }
}

function isAllowed(command: Command, token: TenantToken): boolean {
  const isOpen = isOpenToAll(command);
  if (token.readOnly === true && (command.isWrite || FELT_BY_OTHERS.has(command.fullName))) return false;
  return isOpen || token.commands?.some((rule) => matchesRule(command, rule)) !== false;
}

function isOpenToAll(command: Command): boolean {
  if (FELT_BY_OTHERS.has(command.fullName) || ABOUT_ALL_KEYS.has(command.fullName)) return false;
  return OPEN_GROUPS.has(command.group) || OPEN_COMMANDS.has((command.parent ?? command).name);
}

function matchesRule(command: Command, rule: string): boolean {
  if (rule === '@all') return true;
  if (rule.startsWith('@')) return categoriesOf(command).includes(rule);
  return command.wireName === rule || command.parent?.wireName === rule;
}

function everyCommand(): Command[] {
  return commandTable.all().flatMap((command) => [command, ...command.subcommands]);
}
