/** The generic family: commands on keys whatever their values are. */
import { parseInt64 } from '../resp/integer.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { integer, key, many, option, optional, pattern, string } from './arguments.js';
import type { CommandDeclaration } from './command.js';
import type { CommandContext } from './context.js';
import { compileGlob, type Glob } from '../glob.js';
import { NOT_AN_INTEGER, SYNTAX_ERROR } from './replies.js';

const SCAN_COUNT_DEFAULT = 10;
/** Cursors are positions in a 32-bit hash space. */
const CURSOR_MAX = 2 ** 32 - 1;
const CURSOR_TEXT = /^(?:[+-]?\d+)?$/;
/** By the keyspace's ValueType. */
const typeNames = ['string'] as const;

function remove({ keyspace }: CommandContext, request: Request, reply: ReplyWriter): void {
  let removed = 0;
  for (let index = 1; index < request.argc; index++) {
    if (keyspace.remove(request.buffer, request.offsets[index], request.lengths[index])) removed++;
  }
  reply.integer(removed);
}

function countExisting({ keyspace }: CommandContext, request: Request, reply: ReplyWriter): void {
  let found = 0;
  for (let index = 1; index < request.argc; index++) {
    if (keyspace.peek(request.buffer, request.offsets[index], request.lengths[index]) !== 0) found++;
  }
  reply.integer(found);
}

function touch({ keyspace }: CommandContext, request: Request, reply: ReplyWriter): void {
  let found = 0;
  for (let index = 1; index < request.argc; index++) {
    if (keyspace.find(request.buffer, request.offsets[index], request.lengths[index]) !== 0) found++;
  }
  reply.integer(found);
}

function type({ keyspace }: CommandContext, request: Request, reply: ReplyWriter): void {
  const ref = keyspace.peek(request.buffer, request.offsets[1], request.lengths[1]);
  reply.simple(ref === 0 ? 'none' : typeNames[keyspace.typeOf(ref)]);
}

function writeKeys({ keyspace }: CommandContext, refs: readonly number[], reply: ReplyWriter): void {
  reply.array(refs.length);
  for (const ref of refs) {
    const at = reply.beginBulk(keyspace.keyLength(ref));
    keyspace.copyKey(ref, reply.buffer, at);
  }
}

function keys(context: CommandContext, request: Request, reply: ReplyWriter): void {
  const glob = compileGlob(request.bytes(1));
  const refs: number[] = [];
  context.keyspace.forEach((ref) => {
    if (context.keyspace.keyMatches(ref, glob)) refs.push(ref);
  });
  writeKeys(context, refs, reply);
}

interface ScanOptions {
  glob: Glob | undefined;
  count: number;
  type: string | undefined;
}

/** The options from argument 2 on; undefined after an error reply. */
function scanOptions(request: Request, reply: ReplyWriter): ScanOptions | undefined {
  const options: ScanOptions = { glob: undefined, count: SCAN_COUNT_DEFAULT, type: undefined };
  for (let index = 2; index < request.argc; index += 2) {
    const hasValue = index + 1 < request.argc;
    if (hasValue && request.is(index, 'COUNT')) {
      const count = parseInt64(request.buffer, request.offsets[index + 1], request.lengths[index + 1]);
      if (count === undefined || count < 1) {
        reply.error(count === undefined ? NOT_AN_INTEGER : SYNTAX_ERROR);
        return undefined;
      }
      options.count = Number(count);
    } else if (hasValue && request.is(index, 'MATCH')) {
      options.glob = compileGlob(request.bytes(index + 1));
    } else if (hasValue && request.is(index, 'TYPE')) {
      options.type = request.text(index + 1).toLowerCase();
    } else {
      reply.error(SYNTAX_ERROR);
      return undefined;
    }
  }
  return options;
}

function scan(context: CommandContext, request: Request, reply: ReplyWriter): void {
  const { keyspace } = context;
  const text = request.text(1);
  if (!CURSOR_TEXT.test(text) || Math.abs(Number(text)) >= 2 ** 64) {
    reply.error('ERR invalid cursor');
    return;
  }
  const options = scanOptions(request, reply);
  if (options === undefined) return;
  const refs: number[] = [];
  const cursor = Number(text);
  // Redis reads the cursor as strtoul does, signs and no digits included. What no scan gave out is behind the last key.
  const start = cursor < 0 || cursor > CURSOR_MAX ? CURSOR_MAX : cursor;
  const next = keyspace.scan(start, options.count, (ref) => {
    const wanted =
      (options.glob === undefined || keyspace.keyMatches(ref, options.glob)) &&
      (options.type === undefined || options.type === typeNames[keyspace.typeOf(ref)]);
    if (wanted) refs.push(ref);
  });
  reply.array(2);
  reply.bulkText(String(next));
  writeKeys(context, refs, reply);
}

function randomKey({ keyspace }: CommandContext, _request: Request, reply: ReplyWriter): void {
  const name = keyspace.randomKey(Math.random);
  if (name === undefined) reply.nullBulk();
  else reply.bulk(name, 0, name.length);
}

export const keyCommands: readonly CommandDeclaration[] = [
  {
    name: 'DEL',
    summary: 'Deletes one or more keys.',
    since: '1.0.0',
    group: 'generic',
    complexity: 'O(N) where N is the number of keys that will be removed.',
    flags: ['write'],
    arguments: [many(key())],
    requestPolicy: 'multi_shard',
    responsePolicy: 'agg_sum',
    handler: remove,
  },
  {
    name: 'UNLINK',
    summary: 'Deletes one or more keys; large values are freed in the background.',
    since: '4.0.0',
    group: 'generic',
    complexity: 'O(1) for each key removed.',
    flags: ['write', 'fast'],
    arguments: [many(key())],
    requestPolicy: 'multi_shard',
    responsePolicy: 'agg_sum',
    handler: remove,
  },
  {
    name: 'EXISTS',
    summary: 'Determines whether one or more keys exist.',
    since: '1.0.0',
    group: 'generic',
    complexity: 'O(N) where N is the number of keys to check.',
    flags: ['readonly', 'fast'],
    arguments: [many(key())],
    requestPolicy: 'multi_shard',
    responsePolicy: 'agg_sum',
    handler: countExisting,
  },
  {
    name: 'TOUCH',
    summary:
      'Returns the number of existing keys out of those specified after updating the time they were last accessed.',
    since: '3.2.1',
    group: 'generic',
    complexity: 'O(N) where N is the number of keys that will be touched.',
    flags: ['readonly', 'fast'],
    arguments: [many(key())],
    requestPolicy: 'multi_shard',
    responsePolicy: 'agg_sum',
    handler: touch,
  },
  {
    name: 'TYPE',
    summary: 'Determines the type of value stored at a key.',
    since: '1.0.0',
    group: 'generic',
    complexity: 'O(1)',
    flags: ['readonly', 'fast'],
    arguments: [key()],
    handler: type,
  },
  {
    name: 'KEYS',
    summary: 'Returns all key names that match a pattern.',
    since: '1.0.0',
    group: 'generic',
    complexity: 'O(N) with N being the number of keys in the database.',
    flags: ['readonly'],
    arguments: [pattern()],
    requestPolicy: 'all_shards',
    handler: keys,
  },
  {
    name: 'SCAN',
    summary: 'Iterates over the key names in the database.',
    since: '2.8.0',
    group: 'generic',
    complexity: 'O(1) for every call. O(N) for a complete iteration.',
    flags: ['readonly'],
    arguments: [
      integer('cursor'),
      optional(option('MATCH', pattern())),
      optional(option('COUNT', integer('count'))),
      optional(option('TYPE', string('type'))),
    ],
    requestPolicy: 'special',
    responsePolicy: 'special',
    handler: scan,
  },
  {
    name: 'RANDOMKEY',
    summary: 'Returns a random key name from the database.',
    since: '1.0.0',
    group: 'generic',
    complexity: 'O(1)',
    flags: ['readonly'],
    requestPolicy: 'all_shards',
    responsePolicy: 'special',
    handler: randomKey,
  },
];
