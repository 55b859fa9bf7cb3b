/** Counters: strings that hold a signed 64-bit integer. */
import { addInt64, INT64_MIN, parseInt64, writeInteger } from '../resp/integer.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { double, integer, key } from './arguments.js';
import type { CommandDeclaration } from './command.js';
import type { CommandContext } from './context.js';
import { addLongDoubles, formatLongDouble, parseLongDouble, type LongDouble } from './long-double.js';
import { NOT_AN_INTEGER } from './replies.js';

/** Longest decimal text of a signed 64-bit integer. */
const INTEGER_BYTES_MAX = 20;
const integerText = Buffer.alloc(INTEGER_BYTES_MAX);

/** Adds to the counter of argument 1, which starts at 0. */
function addTo(context: CommandContext, request: Request, by: number | bigint, reply: ReplyWriter): void {
  const { keyspace } = context;
  const { buffer, offsets, lengths } = request;
  const ref = keyspace.findForWrite(buffer, offsets[1], lengths[1]);
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
  if (ref === 0) keyspace.setString(buffer, offsets[1], lengths[1], integerText, 0, length, true);
  else keyspace.replaceValue(buffer, offsets[1], lengths[1], ref, integerText, 0, length);
  reply.integer(sum);
}

function addArgument(sign: 1 | -1) {
  return (context: CommandContext, request: Request, reply: ReplyWriter): void => {
    const by = parseInt64(request.buffer, request.offsets[2], request.lengths[2]);
    if (by === undefined) reply.error(NOT_AN_INTEGER);
    else if (sign === 1) addTo(context, request, by, reply);
    else if (BigInt(by) === INT64_MIN) reply.error('ERR decrement would overflow');
    else addTo(context, request, -by, reply);
  };
}

const ZERO: LongDouble = { mantissa: 0n, exponent: 0 };

function addFloat({ keyspace, effect }: CommandContext, request: Request, reply: ReplyWriter): void {
  const { buffer, offsets, lengths } = request;
  const ref = keyspace.findForWrite(buffer, offsets[1], lengths[1]);
  const current = ref === 0 ? ZERO : parseLongDouble(keyspace.value(ref).toString('latin1'));
  const by = current === undefined ? undefined : parseLongDouble(request.bytes(2).toString('latin1'));
  if (current === undefined || by === undefined) {
    reply.error('ERR value is not a valid float');
    return;
  }
  const sum = current === 'infinite' || by === 'infinite' ? undefined : addLongDoubles(current, by);
  if (sum === undefined) {
    reply.error('ERR increment would produce NaN or Infinity');
    return;
  }
  const text = Buffer.from(formatLongDouble(sum), 'latin1');
  keyspace.markText(keyspace.setString(buffer, offsets[1], lengths[1], text, 0, text.length, true));
  reply.bulk(text, 0, text.length);
  if (effect.isRecording) effect.replace('SET', request.bytes(1), text, 'KEEPTTL');
}

export const counterCommands: readonly CommandDeclaration[] = [
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
    name: 'INCRBYFLOAT',
    summary:
      'Increments the floating point value of a key by a number. Uses 0 as initial value if the key does not exist.',
    since: '2.6.0',
    group: 'string',
    complexity: 'O(1)',
    flags: ['write', 'denyoom', 'fast'],
    arguments: [key(), double('increment')],
    handler: addFloat,
  },
];
