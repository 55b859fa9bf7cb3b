/** BITFIELD and BITFIELD_RO: integers of any width at any bit offset, read, set and incremented with a choice of overflow. */
import { INT64_MAX, INT64_MIN, parseInt64 } from '../resp/integer.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { block, integer, key, many, oneOf, option, optional, string, token } from './arguments.js';
import { BIT_OFFSET_ERROR } from './bits.js';
import type { CommandDeclaration } from './command.js';
import type { CommandContext } from './context.js';
import { NOT_AN_INTEGER, SYNTAX_ERROR } from './replies.js';
import { MAX_STRING_BYTES } from './string-ranges.js';

const BITS = 8;
const SIGNED_BITS_MAX = 64;
const UNSIGNED_BITS_MAX = 63;
const TYPE_ERROR = 'ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.';

type Overflow = 'WRAP' | 'SAT' | 'FAIL';

interface FieldType {
  readonly isSigned: boolean;
  readonly bits: number;
}

interface Operation extends FieldType {
  readonly kind: 'GET' | 'SET' | 'INCRBY';
  readonly offset: number;
  readonly value: bigint;
  readonly overflow: Overflow;
}

function typeAt(request: Request, index: number): FieldType | undefined {
  const match = /^([iu])(\d{1,2})$/.exec(request.text(index));
  if (match === null || match[2].startsWith('0')) return undefined;
  const isSigned = match[1] === 'i';
  const bits = Number(match[2]);
  return bits > (isSigned ? SIGNED_BITS_MAX : UNSIGNED_BITS_MAX) ? undefined : { isSigned, bits };
}

/** `100` is a bit; `#100` is the hundredth field of this width. */
function offsetAt(request: Request, index: number, bits: number): number | undefined {
  const start = request.offsets[index];
  const isIndexed = request.lengths[index] > 0 && request.buffer[start] === 0x23;
  const skipped = isIndexed ? 1 : 0;
  const number = parseInt64(request.buffer, start + skipped, request.lengths[index] - skipped);
  if (typeof number !== 'number') return undefined;
  const offset = isIndexed ? number * bits : number;
  return offset < 0 || Math.floor(offset / BITS) >= MAX_STRING_BYTES ? undefined : offset;
}

/** The operations of a request; undefined after an error reply. */
class OperationParser {
  private overflow: Overflow = 'WRAP';
  private index = 2;

  constructor(
    private readonly request: Request,
    private readonly reply: ReplyWriter,
    private readonly isReadOnly: boolean,
  ) {}

  parse(): Operation[] | undefined {
    const operations: Operation[] = [];
    while (this.index < this.request.argc) {
      if (this.request.is(this.index, 'OVERFLOW') && this.left >= 1) {
        if (!this.parseOverflow()) return undefined;
        continue;
      }
      const operation = this.parseOperation();
      if (operation === undefined) return undefined;
      operations.push(operation);
    }
    return operations;
  }

  /** Arguments behind the current one. */
  private get left(): number {
    return this.request.argc - this.index - 1;
  }

  private parseOverflow(): boolean {
    const chosen = (['WRAP', 'SAT', 'FAIL'] as const).find((word) => this.request.is(this.index + 1, word));
    if (chosen === undefined) {
      this.reply.error('ERR Invalid OVERFLOW type specified');
      return false;
    }
    this.overflow = chosen;
    this.index += 2;
    return true;
  }

  private parseOperation(): Operation | undefined {
    const { request, index, left } = this;
    const kind = (['GET', 'SET', 'INCRBY'] as const).find((word) => request.is(index, word));
    const argumentCount = kind === 'GET' ? 2 : 3;
    if (kind === undefined || left < argumentCount) return this.fail(SYNTAX_ERROR);
    const type = typeAt(request, index + 1);
    if (type === undefined) return this.fail(TYPE_ERROR);
    const offset = offsetAt(request, index + 2, type.bits);
    if (offset === undefined) return this.fail(BIT_OFFSET_ERROR);
    let value = 0n;
    if (kind !== 'GET') {
      if (this.isReadOnly) return this.fail('ERR BITFIELD_RO only supports the GET subcommand');
      const parsed = parseInt64(request.buffer, request.offsets[index + 3], request.lengths[index + 3]);
      if (parsed === undefined) return this.fail(NOT_AN_INTEGER);
      value = BigInt(parsed);
    }
    this.index += argumentCount + 1;
    return { ...type, kind, offset, value, overflow: this.overflow };
  }

  private fail(text: string): undefined {
    this.reply.error(text);
    return undefined;
  }
}

function readField(bytes: Uint8Array, { offset, bits, isSigned }: Operation): bigint {
  let value = 0n;
  for (let at = offset; at < offset + bits; at++) {
    const byte = Math.floor(at / BITS);
    const bit = byte < bytes.length ? (bytes[byte] >> (7 - (at % BITS))) & 1 : 0;
    value = (value << 1n) | BigInt(bit);
  }
  return isSigned ? BigInt.asIntN(bits, value) : value;
}

function writeField(bytes: Uint8Array, { offset, bits }: Operation, value: bigint): void {
  let rest = BigInt.asUintN(bits, value);
  for (let at = offset + bits - 1; at >= offset; at--) {
    const mask = 1 << (7 - (at % BITS));
    const byte = Math.floor(at / BITS);
    if ((rest & 1n) === 1n) bytes[byte] |= mask;
    else bytes[byte] &= ~mask;
    rest >>= 1n;
  }
}

/** What is stored for a wanted value; undefined when it overflows and may not. */
function fitted({ isSigned, bits, overflow }: Operation, wanted: bigint): bigint | undefined {
  const min = isSigned ? -(1n << BigInt(bits - 1)) : 0n;
  const max = isSigned ? (1n << BigInt(bits - 1)) - 1n : (1n << BigInt(bits)) - 1n;
  if (wanted >= min && wanted <= max) return wanted;
  if (overflow === 'FAIL') return undefined;
  if (overflow === 'SAT') return wanted > max ? max : min;
  return isSigned ? BigInt.asIntN(bits, wanted) : BigInt.asUintN(bits, wanted);
}

/** Runs a write, and returns its reply: the old value of SET, the new one of INCRBY; undefined when it was not done. */
function perform(bytes: Uint8Array, operation: Operation): bigint | undefined {
  const old = readField(bytes, operation);
  if (operation.kind === 'GET') return old;
  // Redis takes the value of an unsigned SET for an unsigned 64-bit integer.
  const given = operation.isSigned ? operation.value : BigInt.asUintN(64, operation.value);
  const stored = fitted(operation, operation.kind === 'SET' ? given : old + operation.value);
  if (stored === undefined) return undefined;
  writeField(bytes, operation, stored);
  return operation.kind === 'SET' ? old : stored;
}

function writeResult(reply: ReplyWriter, value: bigint | undefined): void {
  if (value === undefined) reply.nullBulk();
  else reply.integer(value >= INT64_MIN && value <= INT64_MAX ? value : BigInt.asIntN(64, value));
}

function bitField(isReadOnly: boolean) {
  return ({ keyspace }: CommandContext, request: Request, reply: ReplyWriter): void => {
    const operations = new OperationParser(request, reply, isReadOnly).parse();
    if (operations === undefined) return;
    const { buffer, offsets, lengths } = request;
    const writes = operations.filter(({ kind }) => kind !== 'GET');
    const neededBytes = Math.max(0, ...writes.map(({ offset, bits }) => Math.floor((offset + bits - 1) / BITS) + 1));
    const ref =
      writes.length > 0
        ? keyspace.openValue(buffer, offsets[1], lengths[1], neededBytes)
        : keyspace.find(buffer, offsets[1], lengths[1]);
    const start = ref === 0 ? 0 : keyspace.valueOffset(ref);
    const bytes =
      ref === 0 ? new Uint8Array(0) : keyspace.valueBuffer(ref).subarray(start, start + keyspace.valueLength(ref));
    reply.array(operations.length);
    for (const operation of operations) writeResult(reply, perform(bytes, operation));
  };
}

const encoding = string('encoding');
const offset = integer('offset');
const get = option('GET', block('get-block', encoding, offset));
const write = block(
  'write',
  optional(option('OVERFLOW', oneOf('overflow-block', token('WRAP'), token('SAT'), token('FAIL')))),
  oneOf(
    'write-operation',
    option('SET', block('set-block', encoding, offset, integer('value'))),
    option('INCRBY', block('incrby-block', encoding, offset, integer('increment'))),
  ),
);

export const bitFieldCommands: readonly CommandDeclaration[] = [
  {
    name: 'BITFIELD',
    summary: 'Performs arbitrary bitfield integer operations on strings.',
    since: '3.2.0',
    group: 'string',
    complexity: 'O(1) for each subcommand specified',
    flags: ['write', 'denyoom'],
    arguments: [key(), optional(many(oneOf('operation', get, write)))],
    handler: bitField(false),
  },
  {
    name: 'BITFIELD_RO',
    summary: 'Performs arbitrary read-only bitfield integer operations on strings.',
    since: '6.0.0',
    group: 'string',
    complexity: 'O(1) for each subcommand specified',
    flags: ['readonly', 'fast'],
    arguments: [key(), optional(many(get))],
    handler: bitField(true),
  },
];
