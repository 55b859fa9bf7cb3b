/** The string family: GET beside SET, counters, and the reads and writes of many keys. */
import { addInt64, parseInt64, writeInteger } from '../resp/integer.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { block, integer, key, many, oneOf, option, optional, string, token, unixTime } from './arguments.js';
import type { CommandDeclaration } from './command.js';
import type { CommandContext } from './context.js';
import { deadlineFrom, NOT_INTEGER, OUT_OF_RANGE, timeUnitAt, type TimeUnit } from './deadlines.js';
import { invalidExpireTime, NOT_AN_INTEGER, SYNTAX_ERROR } from './replies.js';

/** Longest decimal text of a signed 64-bit integer. */
const INTEGER_BYTES_MAX = 20;
const MAX_STRING_BYTES = 512 * 1024 * 1024;
const integerText = Buffer.alloc(INTEGER_BYTES_MAX);

const expiryAlternatives = [
  option('EX', integer('seconds')),
  option('PX', integer('milliseconds')),
  option('EXAT', unixTime('unix-time-seconds')),
  option('PXAT', unixTime('unix-time-milliseconds')),
];

function get(context: CommandContext, request: Request, reply: ReplyWriter): void {
  const ref = context.keyspace.find(request.buffer, request.offsets[1], request.lengths[1]);
  writeValue(context, ref, reply);
}

function writeValue({ keyspace }: CommandContext, ref: number, reply: ReplyWriter): void {
  if (ref === 0) {
    reply.nullBulk();
    return;
  }
  const at = reply.beginBulk(keyspace.valueLength(ref));
  keyspace.copyValue(ref, reply.buffer, at);
}

/** Stores argument `valueIndex` under argument `keyIndex`. */
function store(
  { keyspace }: CommandContext,
  request: Request,
  keyIndex: number,
  valueIndex: number,
  keepTtl: boolean,
): number {
  const { buffer, offsets, lengths } = request;
  return keyspace.setString(
    buffer,
    offsets[keyIndex],
    lengths[keyIndex],
    buffer,
    offsets[valueIndex],
    lengths[valueIndex],
    keepTtl,
  );
}

/** The options of one SET, parsed into fields of one object that is used again for every request. */
class SetOptions {
  onlyIfAbsent = false;
  onlyIfPresent = false;
  returnOld = false;
  keepTtl = false;
  timeUnit: TimeUnit | undefined;
  timeIndex = 0;

  /** False on a syntax error. */
  parse(request: Request): boolean {
    this.onlyIfAbsent = this.onlyIfPresent = this.returnOld = this.keepTtl = false;
    this.timeUnit = undefined;
    for (let index = 3; index < request.argc; index++) {
      if (this.parseFlag(request, index)) continue;
      if (!this.parseTime(request, index)) return false;
      index++;
    }
    return true;
  }

  private parseTime(request: Request, index: number): boolean {
    const unit = timeUnitAt(request, index);
    if (unit === undefined || this.timeUnit !== undefined || this.keepTtl || index + 1 >= request.argc) return false;
    this.timeUnit = unit;
    this.timeIndex = index + 1;
    return true;
  }

  private parseFlag(request: Request, index: number): boolean {
    if (request.is(index, 'NX') && !this.onlyIfPresent) return (this.onlyIfAbsent = true);
    if (request.is(index, 'XX') && !this.onlyIfAbsent) return (this.onlyIfPresent = true);
    if (request.is(index, 'GET')) return (this.returnOld = true);
    if (request.is(index, 'KEEPTTL') && this.timeUnit === undefined) return (this.keepTtl = true);
    return false;
  }
}

const setOptions = new SetOptions();

function set(context: CommandContext, request: Request, reply: ReplyWriter): void {
  if (request.argc === 3) {
    store(context, request, 1, 2, false);
    reply.ok();
    return;
  }
  setWithOptions(context, request, reply);
}

function setWithOptions(context: CommandContext, request: Request, reply: ReplyWriter): void {
  const options = setOptions;
  if (!options.parse(request)) {
    reply.error(SYNTAX_ERROR);
    return;
  }
  let deadline = 0;
  if (options.timeUnit !== undefined) {
    const parsed = expireTime(context, request, options.timeIndex, options.timeUnit, 'set', reply);
    if (parsed === undefined) return;
    deadline = parsed;
  }
  const ref = context.keyspace.find(request.buffer, request.offsets[1], request.lengths[1]);
  const isAllowed = ref === 0 ? !options.onlyIfPresent : !options.onlyIfAbsent;
  if (options.returnOld) writeValue(context, ref, reply);
  else if (isAllowed) reply.ok();
  else reply.nullBulk();
  if (isAllowed) storeUntil(context, request, 2, deadline, options.keepTtl);
}

/** The deadline that an argument names; undefined after an error reply. */
function expireTime(
  context: CommandContext,
  request: Request,
  index: number,
  unit: Omit<TimeUnit, 'word'>,
  command: string,
  reply: ReplyWriter,
): number | undefined {
  const deadline = deadlineFrom(request, index, unit, context.now, true);
  if (deadline === NOT_INTEGER) reply.error(NOT_AN_INTEGER);
  else if (deadline === OUT_OF_RANGE) reply.error(invalidExpireTime(command));
  else return deadline;
  return undefined;
}

/** Stores argument 1 = `valueIndex`; `deadline` 0 means without one. The effect names the absolute time. */
function storeUntil(
  context: CommandContext,
  request: Request,
  valueIndex: number,
  deadline: number,
  keepTtl: boolean,
): void {
  const { keyspace } = context;
  const ref = store(context, request, 1, valueIndex, keepTtl);
  if (deadline > 0) {
    keyspace.setDeadline(request.buffer, request.offsets[1], request.lengths[1], ref, deadline);
  }
  if (!context.effect.isRecording) return;
  const words = ['SET', request.bytes(1), request.bytes(valueIndex)];
  if (deadline > 0) words.push('PXAT', String(deadline));
  else if (keepTtl) words.push('KEEPTTL');
  context.effect.replace(...words);
}

function setWithExpiry(unitMs: 1 | 1000, command: string) {
  return (context: CommandContext, request: Request, reply: ReplyWriter): void => {
    const deadline = expireTime(context, request, 2, { unitMs, isAbsolute: false }, command, reply);
    if (deadline === undefined) return;
    storeUntil(context, request, 3, deadline, false);
    reply.ok();
  };
}

function setIfAbsent(context: CommandContext, request: Request, reply: ReplyWriter): void {
  if (context.keyspace.find(request.buffer, request.offsets[1], request.lengths[1]) !== 0) {
    reply.integer(0);
    return;
  }
  store(context, request, 1, 2, false);
  reply.integer(1);
}

function getAndDelete(context: CommandContext, request: Request, reply: ReplyWriter): void {
  const { keyspace } = context;
  const ref = keyspace.find(request.buffer, request.offsets[1], request.lengths[1]);
  writeValue(context, ref, reply);
  if (ref === 0) return;
  keyspace.remove(request.buffer, request.offsets[1], request.lengths[1]);
  context.effect.replace('DEL', request.bytes(1));
}

function getAndExpire(context: CommandContext, request: Request, reply: ReplyWriter): void {
  const { keyspace, effect } = context;
  const persist = request.argc === 3 && request.is(2, 'PERSIST');
  const unit = request.argc === 4 ? timeUnitAt(request, 2) : undefined;
  if (request.argc > 2 && !persist && unit === undefined) {
    reply.error(SYNTAX_ERROR);
    return;
  }
  const ref = keyspace.find(request.buffer, request.offsets[1], request.lengths[1]);
  if (ref === 0) {
    reply.nullBulk();
    return;
  }
  const deadline = unit === undefined ? 0 : expireTime(context, request, 3, unit, 'getex', reply);
  if (deadline === undefined) return;
  writeValue(context, ref, reply);
  if (persist) {
    if (keyspace.clearDeadline(ref)) effect.replace('PERSIST', request.bytes(1));
  } else if (deadline > 0) {
    expireOrRemove(context, request, ref, deadline);
  }
}

/** Gives the key of argument 1 a deadline, or removes it when that has passed; logged with the absolute time. */
export function expireOrRemove(context: CommandContext, request: Request, ref: number, deadline: number): void {
  const { keyspace, effect, now } = context;
  if (deadline <= now) {
    keyspace.remove(request.buffer, request.offsets[1], request.lengths[1]);
    effect.replace('DEL', request.bytes(1));
    return;
  }
  keyspace.setDeadline(request.buffer, request.offsets[1], request.lengths[1], ref, deadline);
  if (effect.isRecording) effect.replace('PEXPIREAT', request.bytes(1), String(deadline));
}

function readMany(context: CommandContext, request: Request, reply: ReplyWriter): void {
  reply.array(request.argc - 1);
  for (let index = 1; index < request.argc; index++) {
    writeValue(context, context.keyspace.find(request.buffer, request.offsets[index], request.lengths[index]), reply);
  }
}

function setMany(context: CommandContext, request: Request, reply: ReplyWriter): void {
  if (request.argc % 2 === 0) {
    reply.error("ERR wrong number of arguments for 'mset' command");
    return;
  }
  for (let index = 1; index < request.argc; index += 2) store(context, request, index, index + 1, false);
  reply.ok();
}

function append(context: CommandContext, request: Request, reply: ReplyWriter): void {
  const { buffer, offsets, lengths } = request;
  const ref = context.keyspace.find(buffer, offsets[1], lengths[1]);
  const held = ref === 0 ? 0 : context.keyspace.valueLength(ref);
  if (held + lengths[2] > MAX_STRING_BYTES) {
    reply.error('ERR string exceeds maximum allowed size (proto-max-bulk-len)');
    return;
  }
  reply.integer(context.keyspace.append(buffer, offsets[1], lengths[1], buffer, offsets[2], lengths[2]));
}

function strlen(context: CommandContext, request: Request, reply: ReplyWriter): void {
  const ref = context.keyspace.find(request.buffer, request.offsets[1], request.lengths[1]);
  reply.integer(ref === 0 ? 0 : context.keyspace.valueLength(ref));
}

/** Adds to the counter of argument 1, which starts at 0. */
function addTo(context: CommandContext, request: Request, by: number | bigint, reply: ReplyWriter): void {
  const { keyspace } = context;
  const { buffer, offsets, lengths } = request;
  const ref = keyspace.find(buffer, offsets[1], lengths[1]);
  const current = ref === 0 ? 0 : keyspace.integerValue(ref);
  if (current === undefined) {
    reply.error(NOT_AN_INTEGER);
    return;
  }
  const sum = addInt64(current, by);
  if (sum === undefined) {
    reply.error('ERR increment or decrement would overflow');
    return;
  }
  const length = writeInteger(integerText, 0, sum);
  keyspace.setString(buffer, offsets[1], lengths[1], integerText, 0, length, true);
  reply.integer(sum);
}

function addArgument(sign: 1 | -1) {
  return (context: CommandContext, request: Request, reply: ReplyWriter): void => {
    const by = parseInt64(request.buffer, request.offsets[2], request.lengths[2]);
    if (by === undefined) reply.error(NOT_AN_INTEGER);
    else if (sign === 1) addTo(context, request, by, reply);
    else if (BigInt(by) === -(2n ** 63n)) reply.error('ERR decrement would overflow');
    else addTo(context, request, -by, reply);
  };
}

export const stringCommands: readonly CommandDeclaration[] = [
  {
    name: 'GET',
    summary: 'Returns the string value of a key.',
    since: '1.0.0',
    group: 'string',
    complexity: 'O(1)',
    flags: ['readonly', 'fast'],
    arguments: [key()],
    handler: get,
  },
  {
    name: 'SET',
    summary: 'Sets the string value of a key, ignoring its type. The key is created if it does not exist.',
    since: '1.0.0',
    group: 'string',
    complexity: 'O(1)',
    flags: ['write', 'denyoom'],
    arguments: [
      key(),
      string('value'),
      optional(oneOf('condition', token('NX'), token('XX'))),
      optional(token('GET')),
      optional(oneOf('expiration', ...expiryAlternatives, token('KEEPTTL'))),
    ],
    handler: set,
  },
  {
    name: 'MGET',
    summary: 'Returns the string values of one or more keys.',
    since: '1.0.0',
    group: 'string',
    complexity: 'O(N) where N is the number of keys to retrieve.',
    flags: ['readonly', 'fast'],
    arguments: [many(key())],
    requestPolicy: 'multi_shard',
    handler: readMany,
  },
  {
    name: 'MSET',
    summary: 'Sets the string values of one or more keys.',
    since: '1.0.1',
    group: 'string',
    complexity: 'O(N) where N is the number of keys to set.',
    flags: ['write', 'denyoom'],
    arguments: [many(block('data', key(), string('value')))],
    requestPolicy: 'multi_shard',
    responsePolicy: 'all_succeeded',
    handler: setMany,
  },
  {
    name: 'INCR',
    summary: 'Increments the integer value of a key by one. Uses 0 as initial value if the key does not exist.',
    since: '1.0.0',
    group: 'string',
    complexity: 'O(1)',
    flags: ['write', 'denyoom', 'fast'],
    arguments: [key()],
    handler: (context, request, reply) => {
      addTo(context, request, 1, reply);
    },
  },
  {
    name: 'INCRBY',
    summary: 'Increments the integer value of a key by a number. Uses 0 as initial value if the key does not exist.',
    since: '1.0.0',
    group: 'string',
    complexity: 'O(1)',
    flags: ['write', 'denyoom', 'fast'],
    arguments: [key(), integer('increment')],
    handler: addArgument(1),
  },
  {
    name: 'DECR',
    summary: 'Decrements the integer value of a key by one. Uses 0 as initial value if the key does not exist.',
    since: '1.0.0',
    group: 'string',
    complexity: 'O(1)',
    flags: ['write', 'denyoom', 'fast'],
    arguments: [key()],
    handler: (context, request, reply) => {
      addTo(context, request, -1, reply);
    },
  },
  {
    name: 'DECRBY',
    summary: 'Decrements a number from the integer value of a key. Uses 0 as initial value if the key does not exist.',
    since: '1.0.0',
    group: 'string',
    complexity: 'O(1)',
    flags: ['write', 'denyoom', 'fast'],
    arguments: [key(), integer('decrement')],
    handler: addArgument(-1),
  },
  {
    name: 'APPEND',
    summary: 'Appends a string to the value of a key. Creates the key if it does not exist.',
    since: '2.0.0',
    group: 'string',
    complexity: 'O(1) amortized',
    flags: ['write', 'denyoom', 'fast'],
    arguments: [key(), string('value')],
    handler: append,
  },
  {
    name: 'STRLEN',
    summary: 'Returns the length of a string value.',
    since: '2.2.0',
    group: 'string',
    complexity: 'O(1)',
    flags: ['readonly', 'fast'],
    arguments: [key()],
    handler: strlen,
  },
  {
    name: 'GETDEL',
    summary: 'Returns the string value of a key after deleting the key.',
    since: '6.2.0',
    group: 'string',
    complexity: 'O(1)',
    flags: ['write', 'fast'],
    arguments: [key()],
    handler: getAndDelete,
  },
  {
    name: 'GETEX',
    summary: 'Returns the string value of a key after setting its expiration time.',
    since: '6.2.0',
    group: 'string',
    complexity: 'O(1)',
    flags: ['write', 'fast'],
    arguments: [key(), optional(oneOf('expiration', ...expiryAlternatives, token('PERSIST')))],
    handler: getAndExpire,
  },
  {
    name: 'SETNX',
    summary: 'Sets the string value of a key only when the key does not exist.',
    since: '1.0.0',
    group: 'string',
    complexity: 'O(1)',
    flags: ['write', 'denyoom', 'fast'],
    arguments: [key(), string('value')],
    handler: setIfAbsent,
  },
  {
    name: 'SETEX',
    summary: 'Sets the string value and expiration time of a key. Creates the key if it does not exist.',
    since: '2.0.0',
    group: 'string',
    complexity: 'O(1)',
    flags: ['write', 'denyoom'],
    arguments: [key(), integer('seconds'), string('value')],
    handler: setWithExpiry(1000, 'setex'),
  },
  {
    name: 'PSETEX',
    summary:
      'Sets both string value and expiration time in milliseconds of a key. The key is created if it does not exist.',
    since: '2.6.0',
    group: 'string',
    complexity: 'O(1)',
    flags: ['write', 'denyoom'],
    arguments: [key(), integer('milliseconds'), string('value')],
    handler: setWithExpiry(1, 'psetex'),
  },
];
