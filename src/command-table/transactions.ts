/** Transactions: commands that run one after the other with nothing in between, unless a watched key has changed. */
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { key, many } from './arguments.js';
import type { CommandDeclaration } from './command.js';
import type { CommandContext } from './context.js';

function multi({ session: { transaction } }: CommandContext, _request: Request, reply: ReplyWriter): void {
  if (transaction.isOpen) {
    reply.error('ERR MULTI calls can not be nested');
    return;
  }
  transaction.open();
  reply.ok();
}

function exec({ session: { transaction } }: CommandContext, _request: Request, reply: ReplyWriter): void {
  if (transaction.isOpen) transaction.execute(reply);
  else reply.error('ERR EXEC without MULTI');
}

function discard({ session: { transaction } }: CommandContext, _request: Request, reply: ReplyWriter): void {
  if (!transaction.isOpen) {
    reply.error('ERR DISCARD without MULTI');
    return;
  }
  transaction.discard();
  reply.ok();
}

function watch({ session: { transaction } }: CommandContext, request: Request, reply: ReplyWriter): void {
  if (transaction.isOpen) {
    reply.error('ERR WATCH inside MULTI is not allowed');
    return;
  }
  for (let index = 1; index < request.argc; index++) transaction.watch(request, index);
  reply.ok();
}

function unwatch({ session: { transaction } }: CommandContext, _request: Request, reply: ReplyWriter): void {
  transaction.unwatch();
  reply.ok();
}

export const transactionCommands: readonly CommandDeclaration[] = [
  {
    name: 'MULTI',
    summary: 'Starts a transaction.',
    since: '1.2.0',
    group: 'transactions',
    complexity: 'O(1)',
    flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy', 'session'],
    runsInTransaction: true,
    handler: multi,
  },
  {
    name: 'EXEC',
    summary: 'Executes all commands in a transaction.',
    since: '1.2.0',
    group: 'transactions',
    complexity: 'Depends on commands in the transaction',
    flags: ['noscript', 'loading', 'stale', 'skip_slowlog', 'session'],
    runsInTransaction: true,
    handler: exec,
  },
  {
    name: 'DISCARD',
    summary: 'Discards a transaction.',
    since: '2.0.0',
    group: 'transactions',
    complexity: 'O(N), when N is the number of queued commands',
    flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy', 'session'],
    runsInTransaction: true,
    handler: discard,
  },
  {
    name: 'WATCH',
    summary: 'Monitors changes to keys to determine the execution of a transaction.',
    since: '2.2.0',
    group: 'transactions',
    complexity: 'O(1) for every key.',
    flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy', 'session'],
    runsInTransaction: true,
    arguments: [many(key())],
    handler: watch,
  },
  {
    name: 'UNWATCH',
    summary: 'Forgets about watched keys of a transaction.',
    since: '2.2.0',
    group: 'transactions',
    complexity: 'O(1)',
    flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy', 'session'],
    handler: unwatch,
  },
];
