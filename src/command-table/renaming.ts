/** RENAME, RENAMENX and COPY: a value gets another name, or one more. */
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { integer, key, option, optional, token } from './arguments.js';
import type { CommandDeclaration } from './command.js';
import type { CommandContext } from './context.js';
import { databaseRefusal, otherDatabaseError } from './database-index.js';
import { NO_SUCH_KEY, SYNTAX_ERROR } from './replies.js';

function rename({ keyspace }: CommandContext, request: Request, reply: ReplyWriter): void {
  const { buffer, offsets, lengths } = request;
  if (keyspace.rename(buffer, offsets[1], lengths[1], buffer, offsets[2], lengths[2])) reply.ok();
  else reply.error(NO_SUCH_KEY);
}

function renameIfAbsent({ keyspace }: CommandContext, request: Request, reply: ReplyWriter): void {
  const { buffer, offsets, lengths } = request;
  if (keyspace.findForWrite(buffer, offsets[1], lengths[1]) === 0) {
    reply.error(NO_SUCH_KEY);
    return;
  }
  if (keyspace.findForWrite(buffer, offsets[2], lengths[2]) !== 0) {
    reply.integer(0);
    return;
  }
  keyspace.rename(buffer, offsets[1], lengths[1], buffer, offsets[2], lengths[2]);
  reply.integer(1);
}

/** Whether REPLACE is among the options; undefined after an error reply. */
function copyOptions(context: CommandContext, request: Request, reply: ReplyWriter): boolean | undefined {
  let replaces = false;
  const other = otherDatabaseError(
    context.node.topology !== undefined,
    'ERR Copying to another database is not allowed in cluster mode',
  );
  for (let index = 3; index < request.argc; index++) {
    if (request.is(index, 'REPLACE')) {
      replaces = true;
    } else if (request.is(index, 'DB') && index + 1 < request.argc) {
      const refusal = databaseRefusal(request, ++index, other);
      if (refusal !== undefined) {
        reply.error(refusal);
        return undefined;
      }
    } else {
      reply.error(SYNTAX_ERROR);
      return undefined;
    }
  }
  return replaces;
}

function copy(context: CommandContext, request: Request, reply: ReplyWriter): void {
  const { keyspace } = context;
  const { buffer, offsets, lengths } = request;
  const replaces = copyOptions(context, request, reply);
  if (replaces === undefined) return;
  if (request.bytes(1).equals(request.bytes(2))) {
    reply.error('ERR source and destination objects are the same');
    return;
  }
  const isTaken = keyspace.findForWrite(buffer, offsets[2], lengths[2]) !== 0;
  const source = keyspace.find(buffer, offsets[1], lengths[1]);
  const isAllowed = source !== 0 && (replaces || !isTaken);
  if (isAllowed) keyspace.copy(source, buffer, offsets[2], lengths[2]);
  reply.integer(isAllowed ? 1 : 0);
}

export const renamingCommands: readonly CommandDeclaration[] = [
  {
    name: 'RENAME',
    summary: 'Renames a key and overwrites the destination.',
    since: '1.0.0',
    group: 'generic',
    complexity: 'O(1)',
    flags: ['write'],
    arguments: [key(), key('newkey')],
    handler: rename,
  },
  {
    name: 'RENAMENX',
    summary: 'Renames a key only when the target key name does not exist.',
    since: '1.0.0',
    group: 'generic',
    complexity: 'O(1)',
    flags: ['write', 'fast'],
    arguments: [key(), key('newkey')],
    handler: renameIfAbsent,
  },
  {
    name: 'COPY',
    summary: 'Copies the value of a key to a new key.',
    since: '6.2.0',
    group: 'generic',
    complexity: 'O(N) where N is the length of the value',
    flags: ['write', 'denyoom'],
    arguments: [
      key('source'),
      key('destination'),
      optional(option('DB', integer('destination-db'))),
      optional(token('REPLACE')),
    ],
    handler: copy,
  },
];
