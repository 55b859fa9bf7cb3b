/** The string family: GET beside SET, and the reads and writes of many keys. */
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { block, integer, key, many, oneOf, option, optional, string, token, unixTime } from './arguments.js';
import type { CommandDeclaration } from './command.js';
import type { CommandContext } from './context.js';
import { deadlineFrom, expireOrRemove, NOT_INTEGER, OUT_OF_RANGE, type TimeUnit } from './deadlines.js';
import { invalidExpireTime, NOT_AN_INTEGER, STRING_TOO_LONG, SYNTAX_ERROR } from './replies.js';
import { MAX_STRING_BYTES } from './string-ranges.js';
import { ValueOptions } from './value-options.js';

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

const valueOptions = new ValueOptions();

function set(context: CommandContext, request: Request, reply: ReplyWriter): void {
  if (request.argc === 3) {
    store(context, request, 1, 2, false);
    reply.ok();
    return;
  }
  setWithOptions(context, request, reply);
}

function setWithOptions(context: CommandContext, request: Request, reply: ReplyWriter): void {
  const options = valueOptions;
  if (!options.parse(request, 3, true)) {
    reply.error(SYNTAX_ERROR);
    return;
  }
  let deadline = 0;
  if (options.timeUnit !== undefined) {
    const parsed = expireTime(context, request, options.timeIndex, options.timeUnit, 'set', reply);
    if (parsed === undefined) return;
    deadline = parsed;
  }
  // With GET it is a read too, and counts as one.
  const { keyspace } = context;
  const { buffer, offsets, lengths } = request;
  const ref = options.returnOld
    ? keyspace.find(buffer, offsets[1], lengths[1])
    : keyspace.findForWrite(buffer, offsets[1], lengths[1]);
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
  if (context.keyspace.findForWrite(request.buffer, request.offsets[1], request.lengths[1]) !== 0) {
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
  const options = valueOptions;
  if (!options.parse(request, 2, false)) {
    reply.error(SYNTAX_ERROR);
    return;
  }
  const ref = keyspace.find(request.buffer, request.offsets[1], request.lengths[1]);
  if (ref === 0) {
    reply.nullBulk();
    return;
  }
  let deadline = 0;
  if (options.timeUnit !== undefined) {
    const parsed = expireTime(context, request, options.timeIndex, options.timeUnit, 'getex', reply);
    if (parsed === undefined) return;
    deadline = parsed;
  }
  writeValue(context, ref, reply);
  if (options.persist) {
    if (keyspace.clearDeadline(ref)) effect.replace('PERSIST', request.bytes(1));
  } else if (deadline > 0) {
    expireOrRemove(context, request, ref, deadline);
  }
}

function getAndSet(context: CommandContext, request: Request, reply: ReplyWriter): void {
  const { keyspace, effect } = context;
  writeValue(context, keyspace.find(request.buffer, request.offsets[1], request.lengths[1]), reply);
  store(context, request, 1, 2, false);
  if (effect.isRecording) effect.replace('SET', request.bytes(1), request.bytes(2));
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

function setManyIfAbsent(context: CommandContext, request: Request, reply: ReplyWriter): void {
  if (request.argc % 2 === 0) {
    reply.error("ERR wrong number of arguments for 'msetnx' command");
    return;
  }
  const { buffer, offsets, lengths } = request;
  for (let index = 1; index < request.argc; index += 2) {
    if (context.keyspace.findForWrite(buffer, offsets[index], lengths[index]) === 0) continue;
    reply.integer(0);
    return;
  }
  for (let index = 1; index < request.argc; index += 2) store(context, request, index, index + 1, false);
  reply.integer(1);
}

function append(context: CommandContext, request: Request, reply: ReplyWriter): void {
  const { buffer, offsets, lengths } = request;
  const ref = context.keyspace.findForWrite(buffer, offsets[1], lengths[1]);
  const held = ref === 0 ? 0 : context.keyspace.valueLength(ref);
  if (held + lengths[2] > MAX_STRING_BYTES) {
    reply.error(STRING_TOO_LONG);
    return;
  }
  reply.integer(context.keyspace.append(buffer, offsets[1], lengths[1], buffer, offsets[2], lengths[2]));
}

function strlen(context: CommandContext, request: Request, reply: ReplyWriter): void {
  const ref = context.keyspace.find(request.buffer, request.offsets[1], request.lengths[1]);
  reply.integer(ref === 0 ? 0 : context.keyspace.valueLength(ref));
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
    name: 'MSETNX',
    summary: 'Sets the string values of one or more keys, but only when none of the keys exists.',
    since: '1.0.1',
    group: 'string',
    complexity: 'O(N) where N is the number of keys to set.',
    flags: ['write', 'denyoom'],
    arguments: [many(block('data', key(), string('value')))],
    handler: setManyIfAbsent,
  },
  {
    name: 'GETSET',
    summary: 'Returns the previous string value of a key after setting it to a new value.',
    since: '1.0.0',
    group: 'string',
    complexity: 'O(1)',
    flags: ['write', 'denyoom', 'fast'],
    arguments: [key(), string('value')],
    handler: getAndSet,
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
