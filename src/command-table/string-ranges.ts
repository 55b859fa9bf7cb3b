/** Parts of a string value: GETRANGE, SETRANGE. */
import { parseInt64 } from '../resp/integer.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { integer, key, string } from './arguments.js';
import type { CommandDeclaration } from './command.js';
import type { CommandContext } from './context.js';
import { NOT_AN_INTEGER, STRING_TOO_LONG } from './replies.js';

/** Longest value (Redis: proto-max-bulk-len). */
export const MAX_STRING_BYTES = 512 * 1024 * 1024;

/** The integer in argument `index`, beyond 2^53 as the nearest double; undefined after an error reply. */
export function integerArgument(request: Request, index: number, reply: ReplyWriter): number | undefined {
  const value = parseInt64(request.buffer, request.offsets[index], request.lengths[index]);
  if (value === undefined) reply.error(NOT_AN_INTEGER);
  return value === undefined ? undefined : Number(value);
}

/** An inclusive range within `[0, length)`, where negative places count from the end; undefined when it is empty. */
export function clampRange(start: number, end: number, length: number): readonly [number, number] | undefined {
  const first = Math.max(start < 0 ? start + length : start, 0);
  const last = Math.min(Math.max(end < 0 ? end + length : end, 0), length - 1);
  return first > last || length === 0 ? undefined : [first, last];
}

function getRange({ keyspace }: CommandContext, request: Request, reply: ReplyWriter): void {
  const start = integerArgument(request, 2, reply);
  if (start === undefined) return;
  const end = integerArgument(request, 3, reply);
  if (end === undefined) return;
  const ref = keyspace.find(request.buffer, request.offsets[1], request.lengths[1]);
  // Both before the beginning, Redis would clamp them to the first byte: it leaves out a range that runs backwards first.
  const isBackwards = start < 0 && end < 0 && start > end;
  const range = ref === 0 || isBackwards ? undefined : clampRange(start, end, keyspace.valueLength(ref));
  if (range === undefined) reply.bulkText('');
  else reply.bulk(keyspace.valueBuffer(ref), keyspace.valueOffset(ref) + range[0], range[1] - range[0] + 1);
}

function setRange({ keyspace }: CommandContext, request: Request, reply: ReplyWriter): void {
  const { buffer, offsets, lengths } = request;
  const offset = integerArgument(request, 2, reply);
  if (offset === undefined) return;
  if (offset < 0) {
    reply.error('ERR offset is out of range');
    return;
  }
  const ref = keyspace.findForWrite(buffer, offsets[1], lengths[1]);
  const oldLength = ref === 0 ? 0 : keyspace.valueLength(ref);
  const length = lengths[3];
  if (length === 0) {
    reply.integer(oldLength);
    return;
  }
  if (offset + length > MAX_STRING_BYTES) {
    reply.error(STRING_TOO_LONG);
    return;
  }
  const opened = keyspace.openValue(buffer, offsets[1], lengths[1], offset + length);
  buffer.copy(keyspace.valueBuffer(opened), keyspace.valueOffset(opened) + offset, offsets[3], offsets[3] + length);
  reply.integer(Math.max(oldLength, offset + length));
}

function rangeReader(name: string, since: string, summary: string): CommandDeclaration {
  return {
    name,
    summary,
    since,
    group: 'string',
    complexity: 'O(N) where N is the length of the returned string.',
    flags: ['readonly'],
    arguments: [key(), integer('start'), integer('end')],
    handler: getRange,
  };
}

export const stringRangeCommands: readonly CommandDeclaration[] = [
  rangeReader('GETRANGE', '2.4.0', 'Returns a substring of the string stored at a key.'),
  rangeReader('SUBSTR', '1.0.0', 'Returns a substring from a string value; the older name of GETRANGE.'),
  {
    name: 'SETRANGE',
    summary: 'Overwrites a part of a string value with another by an offset. Creates the key if it does not exist.',
    since: '2.2.0',
    group: 'string',
    complexity: 'O(M) where M is the length of the value, when it has to move.',
    flags: ['write', 'denyoom'],
    arguments: [key(), integer('offset'), string('value')],
    handler: setRange,
  },
];
