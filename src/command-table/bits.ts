/** Bits of a string value: GETBIT, SETBIT, BITCOUNT, BITPOS, BITOP. Bit 0 is the most significant bit of the first byte. */
import type { Keyspace } from '../keyspace/keyspace.js';
import { parseInt64 } from '../resp/integer.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { block, integer, key, many, oneOf, optional, token } from './arguments.js';
import { bitOperations, combine, countOnes, findBit, type BitRange } from './bit-bytes.js';
import type { CommandDeclaration } from './command.js';
import type { CommandContext } from './context.js';
import { SYNTAX_ERROR } from './replies.js';
import { clampRange, integerArgument, MAX_STRING_BYTES } from './string-ranges.js';

const BITS = 8;
export const BIT_OFFSET_ERROR = 'ERR bit offset is not an integer or out of range';

/** A bit offset within the longest value; undefined where it is none. */
function bitOffset(request: Request, index: number): number | undefined {
  const offset = parseInt64(request.buffer, request.offsets[index], request.lengths[index]);
  if (typeof offset !== 'number' || offset < 0 || Math.floor(offset / BITS) >= MAX_STRING_BYTES) return undefined;
  return offset;
}

function getBit({ keyspace }: CommandContext, request: Request, reply: ReplyWriter): void {
  const offset = bitOffset(request, 2);
  if (offset === undefined) {
    reply.error(BIT_OFFSET_ERROR);
    return;
  }
  const ref = keyspace.find(request.buffer, request.offsets[1], request.lengths[1]);
  const isWithin = ref !== 0 && Math.floor(offset / BITS) < keyspace.valueLength(ref);
  reply.integer(isWithin ? bitAt(keyspace, ref, offset) : 0);
}

function setBit({ keyspace }: CommandContext, request: Request, reply: ReplyWriter): void {
  const { buffer, offsets, lengths } = request;
  const offset = bitOffset(request, 2);
  if (offset === undefined) {
    reply.error(BIT_OFFSET_ERROR);
    return;
  }
  const bit = parseInt64(buffer, offsets[3], lengths[3]);
  if (bit !== 0 && bit !== 1) {
    reply.error('ERR bit is not an integer or out of range');
    return;
  }
  const ref = keyspace.findForWrite(buffer, offsets[1], lengths[1]);
  const byte = Math.floor(offset / BITS);
  const isWithin = ref !== 0 && byte < keyspace.valueLength(ref);
  const old = isWithin ? bitAt(keyspace, ref, offset) : 0;
  reply.integer(old);
  // A bit that is so already is not a change: nothing is to be sent to replicas.
  if (isWithin && old === bit) {
    keyspace.markOpened(ref);
    return;
  }
  const opened = keyspace.openValue(buffer, offsets[1], lengths[1], byte + 1);
  const mask = 1 << (7 - (offset % BITS));
  const value = keyspace.valueBuffer(opened);
  if (bit === 1) value[keyspace.valueOffset(opened) + byte] |= mask;
  else value[keyspace.valueOffset(opened) + byte] &= ~mask;
}

/** The bit at an offset that the value reaches. */
function bitAt(keyspace: Keyspace, ref: number, offset: number): number {
  const at = keyspace.valueOffset(ref) + Math.floor(offset / BITS);
  return (keyspace.valueBuffer(ref)[at] >> (7 - (offset % BITS))) & 1;
}

/** Whether the last argument says BIT; undefined after a syntax error. */
function countsBits(request: Request, index: number, reply: ReplyWriter): boolean | undefined {
  if (request.argc <= index || request.is(index, 'BYTE')) return false;
  if (request.is(index, 'BIT')) return true;
  reply.error(SYNTAX_ERROR);
  return undefined;
}

/** The range that two places name, of bits or of bytes; undefined when it is empty. */
function bitRange(start: number, end: number, lengthBytes: number, isBits: boolean): BitRange | undefined {
  const range = clampRange(start, end, isBits ? lengthBytes * BITS : lengthBytes);
  if (range === undefined) return undefined;
  return isBits ? { first: range[0], last: range[1] } : { first: range[0] * BITS, last: range[1] * BITS + 7 };
}

function viewOf({ keyspace }: CommandContext, ref: number): Uint8Array {
  const offset = keyspace.valueOffset(ref);
  return keyspace.valueBuffer(ref).subarray(offset, offset + keyspace.valueLength(ref));
}

function bitCount(context: CommandContext, request: Request, reply: ReplyWriter): void {
  const ref = context.keyspace.find(request.buffer, request.offsets[1], request.lengths[1]);
  if (ref === 0) {
    reply.integer(0);
    return;
  }
  if (request.argc === 3 || request.argc > 5) {
    reply.error(SYNTAX_ERROR);
    return;
  }
  const length = context.keyspace.valueLength(ref);
  let range = bitRange(0, -1, length, false);
  if (request.argc > 3) {
    const start = integerArgument(request, 2, reply);
    if (start === undefined) return;
    const end = integerArgument(request, 3, reply);
    if (end === undefined) return;
    // Redis looks at the unit only after it has seen that there is anything to count.
    if (start < 0 && end < 0 && start > end) {
      reply.integer(0);
      return;
    }
    const isBits = countsBits(request, 4, reply);
    if (isBits === undefined) return;
    range = bitRange(start, end, length, isBits);
  }
  reply.integer(range === undefined ? 0 : countOnes(viewOf(context, ref), range));
}

function bitPosition(context: CommandContext, request: Request, reply: ReplyWriter): void {
  const bit = integerArgument(request, 2, reply);
  if (bit === undefined) return;
  if (bit !== 0 && bit !== 1) {
    reply.error('ERR The bit argument must be 1 or 0.');
    return;
  }
  const ref = context.keyspace.find(request.buffer, request.offsets[1], request.lengths[1]);
  if (ref === 0) {
    reply.integer(bit === 1 ? -1 : 0);
    return;
  }
  if (request.argc > 6) {
    reply.error(SYNTAX_ERROR);
    return;
  }
  const start = request.argc > 3 ? integerArgument(request, 3, reply) : 0;
  if (start === undefined) return;
  const isBits = countsBits(request, 5, reply);
  if (isBits === undefined) return;
  const end = request.argc > 4 ? integerArgument(request, 4, reply) : -1;
  if (end === undefined) return;
  const length = context.keyspace.valueLength(ref);
  const range = bitRange(start, end, length, isBits);
  const position = range === undefined ? -1 : findBit(viewOf(context, ref), range, bit);
  // Without an end, the value is taken to go on with zeros.
  const isOpenEnded = position === -1 && bit === 0 && request.argc <= 4 && range !== undefined;
  reply.integer(isOpenEnded ? length * BITS : position);
}

function bitOperation(context: CommandContext, request: Request, reply: ReplyWriter): void {
  const { keyspace } = context;
  const { buffer, offsets, lengths } = request;
  const operation = bitOperations.find((word) => request.is(1, word));
  if (operation === undefined) {
    reply.error(SYNTAX_ERROR);
    return;
  }
  if (operation === 'NOT' && request.argc !== 4) {
    reply.error('ERR BITOP NOT must be called with a single source key.');
    return;
  }
  const values: Uint8Array[] = [];
  for (let index = 3; index < request.argc; index++) {
    const ref = keyspace.find(buffer, offsets[index], lengths[index]);
    values.push(ref === 0 ? new Uint8Array(0) : viewOf(context, ref));
  }
  const result = combine(operation, values);
  if (result.length === 0) keyspace.remove(buffer, offsets[2], lengths[2]);
  else {
    keyspace.setString(buffer, offsets[2], lengths[2], result, 0, result.length, false);
    // A string of bits is no number to Redis, whatever its bytes are.
    keyspace.openValue(buffer, offsets[2], lengths[2], result.length);
  }
  reply.integer(result.length);
}

const unit = optional(oneOf('unit', token('BYTE'), token('BIT')));

export const bitCommands: readonly CommandDeclaration[] = [
  {
    name: 'GETBIT',
    summary: 'Returns a bit value by offset.',
    since: '2.2.0',
    group: 'bitmap',
    complexity: 'O(1)',
    flags: ['readonly', 'fast'],
    arguments: [key(), integer('offset')],
    handler: getBit,
  },
  {
    name: 'SETBIT',
    summary: 'Sets or clears the bit at offset of the string value. Creates the key if it does not exist.',
    since: '2.2.0',
    group: 'bitmap',
    complexity: 'O(1) amortized',
    flags: ['write', 'denyoom'],
    arguments: [key(), integer('offset'), integer('value')],
    handler: setBit,
  },
  {
    name: 'BITCOUNT',
    summary: 'Counts the number of set bits (population counting) in a string.',
    since: '2.6.0',
    group: 'bitmap',
    complexity: 'O(N)',
    flags: ['readonly'],
    arguments: [key(), optional(block('range', integer('start'), integer('end'), unit))],
    handler: bitCount,
  },
  {
    name: 'BITPOS',
    summary: 'Finds the first set (1) or clear (0) bit in a string.',
    since: '2.8.7',
    group: 'bitmap',
    complexity: 'O(N)',
    flags: ['readonly'],
    arguments: [
      key(),
      integer('bit'),
      optional(block('range', integer('start'), optional(block('end-unit-block', integer('end'), unit)))),
    ],
    handler: bitPosition,
  },
  {
    name: 'BITOP',
    summary: 'Performs bitwise operations on multiple strings, and stores the result.',
    since: '2.6.0',
    group: 'bitmap',
    complexity: 'O(N)',
    flags: ['write', 'denyoom'],
    arguments: [oneOf('operation', token('AND'), token('OR'), token('XOR'), token('NOT')), key('destkey'), many(key())],
    handler: bitOperation,
  },
];
