/** BITFIELD and BITFIELD_RO: integers of any width at any bit offset, read, set and incremented with a choice of overflow. */
import type { Keyspace } from '../keyspace/keyspace.js';
import { parseInt64 } from '../resp/integer.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { block, integer, key, many, oneOf, option, optional, string, token } from './arguments.js';
import {
  readField,
  sumToStore,
  valueToStore,
  writeField,
  type ByteWindow,
  type FieldType,
  type Integer,
  type Overflow,
} from './bitfield-arithmetic.js';
import { BIT_OFFSET_ERROR } from './bits.js';
import type { CommandDeclaration, Handler } from './command.js';
import { NOT_AN_INTEGER, SYNTAX_ERROR } from './replies.js';
import { MAX_STRING_BYTES } from './string-ranges.js';

const BITS = 8;
const SIGNED_BITS_MAX = 64;
const UNSIGNED_BITS_MAX = 63;
const SIGNED = 0x69;
const UNSIGNED = 0x75;
const NUMBER_SIGN = 0x23;
const NO_BYTES = new Uint8Array(0);
const TYPE_ERROR = 'ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.';

interface Operation extends FieldType {
  readonly kind: 'GET' | 'SET' | 'INCRBY';
  readonly offset: number;
  readonly value: Integer;
  readonly overflow: Overflow;
}

function kindAt(request: Request, index: number): Operation['kind'] | undefined {
  if (request.is(index, 'GET')) return 'GET';
  if (request.is(index, 'SET')) return 'SET';
  return request.is(index, 'INCRBY') ? 'INCRBY' : undefined;
}

/** `i8`, `u63`: the sign in lower case, then the width as Redis reads integers. */
function typeAt(request: Request, index: number): FieldType | undefined {
  const { buffer, offsets, lengths } = request;
  const sign = lengths[index] > 0 ? buffer[offsets[index]] : 0;
  if (sign !== SIGNED && sign !== UNSIGNED) return undefined;
  const isSigned = sign === SIGNED;
  const bits = Number(parseInt64(buffer, offsets[index] + 1, lengths[index] - 1) ?? 0);
  return bits < 1 || bits > (isSigned ? SIGNED_BITS_MAX : UNSIGNED_BITS_MAX) ? undefined : { isSigned, bits };
}

/** `100` is a bit; `#100` is the hundredth field of this width. */
function offsetAt(request: Request, index: number, bits: number): number | undefined {
  const start = request.offsets[index];
  const isIndexed = request.lengths[index] > 0 && request.buffer[start] === NUMBER_SIGN;
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
    const { request } = this;
    const at = this.index + 1;
    if (request.is(at, 'WRAP')) this.overflow = 'WRAP';
    else if (request.is(at, 'SAT')) this.overflow = 'SAT';
    else if (request.is(at, 'FAIL')) this.overflow = 'FAIL';
    else {
      this.reply.error('ERR Invalid OVERFLOW type specified');
      return false;
    }
    this.index += 2;
    return true;
  }

  private parseOperation(): Operation | undefined {
    const { request, index, overflow } = this;
    const kind = kindAt(request, index);
    const argumentCount = kind === 'GET' ? 2 : 3;
    if (kind === undefined || this.left < argumentCount) return this.fail(SYNTAX_ERROR);
    const type = typeAt(request, index + 1);
    if (type === undefined) return this.fail(TYPE_ERROR);
    const { isSigned, bits } = type;
    const offset = offsetAt(request, index + 2, bits);
    if (offset === undefined) return this.fail(BIT_OFFSET_ERROR);
    this.index += argumentCount + 1;
    if (kind === 'GET') return { kind, isSigned, bits, offset, value: 0, overflow };
    const value = parseInt64(request.buffer, request.offsets[index + 3], request.lengths[index + 3]);
    if (value === undefined) return this.fail(NOT_AN_INTEGER);
    return { kind, isSigned, bits, offset, value, overflow };
  }

  private fail(text: string): Operation | undefined {
    this.reply.error(text);
    return undefined;
  }
}

/** The value that the operations of one request work on; opened for writing when the first of them changes something. */
class Field implements ByteWindow {
  bytes: Uint8Array = NO_BYTES;
  start = 0;
  end = 0;
  private ref = 0;
  private isOpen = false;

  constructor(
    private readonly keyspace: Keyspace,
    private readonly request: Request,
    isReadOnly: boolean,
  ) {
    const { buffer, offsets, lengths } = request;
    const ref = isReadOnly
      ? keyspace.find(buffer, offsets[1], lengths[1])
      : keyspace.findForWrite(buffer, offsets[1], lengths[1]);
    if (ref !== 0) this.view(ref);
  }

  /** Makes the value at least this long, for writing; 0 is for reading only. */
  reach(lengthBytes: number): void {
    if (lengthBytes > this.end - this.start) this.open(lengthBytes);
    else if (lengthBytes > 0) this.keyspace.markOpened(this.ref);
  }

  write(operation: Operation, value: Integer): void {
    if (!this.isOpen) this.open(this.end - this.start);
    writeField(this, operation.offset, operation, value);
  }

  private open(lengthBytes: number): void {
    const { buffer, offsets, lengths } = this.request;
    this.view(this.keyspace.openValue(buffer, offsets[1], lengths[1], lengthBytes));
    this.isOpen = true;
  }

  private view(ref: number): void {
    this.ref = ref;
    this.bytes = this.keyspace.valueBuffer(ref);
    this.start = this.keyspace.valueOffset(ref);
    this.end = this.start + this.keyspace.valueLength(ref);
  }
}

/** Runs an operation and answers with the value read, the old value of SET, the new one of INCRBY. */
function perform(field: Field, operation: Operation, reply: ReplyWriter): void {
  const old = readField(field, operation.offset, operation);
  if (operation.kind === 'GET') {
    reply.integer(old);
    return;
  }
  const { value, overflow } = operation;
  const isSum = operation.kind === 'INCRBY';
  const stored = isSum ? sumToStore(operation, old, value, overflow) : valueToStore(operation, value, overflow);
  if (stored === undefined) {
    reply.nullBulk();
    return;
  }
  if (stored !== old) field.write(operation, stored);
  reply.integer(isSum ? stored : old);
}

/** How long the value has to be for what is written; 0 when nothing is. */
function writtenBytes(operations: readonly Operation[]): number {
  let length = 0;
  for (const { kind, offset, bits } of operations) {
    if (kind !== 'GET') length = Math.max(length, Math.floor((offset + bits - 1) / BITS) + 1);
  }
  return length;
}

function bitField(isReadOnly: boolean): Handler {
  return ({ keyspace }, request, reply) => {
    const operations = new OperationParser(request, reply).parse();
    if (operations === undefined) return;
    const length = writtenBytes(operations);
    if (isReadOnly && length > 0) {
      reply.error('ERR BITFIELD_RO only supports the GET subcommand');
      return;
    }
    const field = new Field(keyspace, request, length === 0);
    field.reach(length);
    reply.array(operations.length);
    for (const operation of operations) perform(field, operation, reply);
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
    group: 'bitmap',
    complexity: 'O(1) for each subcommand specified',
    flags: ['write', 'denyoom'],
    arguments: [key(), optional(many(oneOf('operation', get, write)))],
    handler: bitField(false),
  },
  {
    name: 'BITFIELD_RO',
    summary: 'Performs arbitrary read-only bitfield integer operations on strings.',
    since: '6.0.0',
    group: 'bitmap',
    complexity: 'O(1) for each subcommand specified',
    flags: ['readonly', 'fast'],
    arguments: [key(), optional(many(get))],
    handler: bitField(true),
  },
];
