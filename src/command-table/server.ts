/** Commands about the node: what it is, what it holds, how it is set, and its end. */
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { many, oneOf, optional, string, token } from './arguments.js';
import type { CommandDeclaration } from './command.js';
import type { CommandContext } from './context.js';
import { SYNTAX_ERROR } from './replies.js';

function info({ node, session, keyspace }: CommandContext, request: Request, reply: ReplyWriter): void {
  const sections: string[] = [];
  for (let index = 1; index < request.argc; index++) sections.push(request.text(index).toLowerCase());
  reply.verbatim('txt', node.info(sections, session, keyspace));
}

/** FLUSHDB and FLUSHALL are the same: a connection sees the keys of its own tenant and no others. */
function flush({ keyspace }: CommandContext, request: Request, reply: ReplyWriter): void {
  const isKnown = request.argc === 1 || (request.argc === 2 && (request.is(1, 'SYNC') || request.is(1, 'ASYNC')));
  if (!isKnown) {
    reply.error(SYNTAX_ERROR);
    return;
  }
  keyspace.clear();
  reply.ok();
}

function time(context: CommandContext, _request: Request, reply: ReplyWriter): void {
  reply.array(2);
  reply.bulkText(String(Math.floor(context.now / 1000)));
  reply.bulkText(String((context.now % 1000) * 1000));
}

function role({ node }: CommandContext, _request: Request, reply: ReplyWriter): void {
  const { replication } = node;
  if (replication.master !== undefined) {
    reply.array(5);
    reply.bulkText('slave');
    reply.bulkText(replication.master.host);
    reply.integer(replication.master.port);
    reply.bulkText(replication.master.state);
    reply.integer(replication.offset);
    return;
  }
  reply.array(3);
  reply.bulkText('master');
  reply.integer(replication.offset);
  reply.array(replication.replicas.length);
  for (const replica of replication.replicas) {
    reply.array(3);
    reply.bulkText(replica.host);
    reply.bulkText(String(replica.port));
    reply.bulkText(String(replica.ackOffset));
  }
}

function shutdown({ node, session }: CommandContext, request: Request, reply: ReplyWriter): void {
  for (let index = 1; index < request.argc; index++) {
    const isKnown = ['NOSAVE', 'SAVE', 'NOW', 'FORCE'].some((word) => request.is(index, word));
    if (!isKnown) {
      reply.error(SYNTAX_ERROR);
      return;
    }
  }
  session.closeAfterReplies();
  node.shutdown();
}

const flushMode = optional(oneOf('flush-type', token('ASYNC'), token('SYNC')));

function flushCommand(name: string, summary: string): CommandDeclaration {
  return {
    name,
    summary,
    since: '1.0.0',
    group: 'server',
    complexity: 'O(1); memory is freed in the background',
    flags: ['write'],
    arguments: [flushMode],
    requestPolicy: 'all_shards',
    responsePolicy: 'all_succeeded',
    destroys: 'removes every key',
    handler: flush,
  };
}

export const serverCommands: readonly CommandDeclaration[] = [
  {
    name: 'INFO',
    summary: 'Returns information and statistics about the server.',
    since: '1.0.0',
    group: 'server',
    complexity: 'O(1)',
    flags: ['loading', 'stale'],
    arguments: [optional(many(string('section')))],
    handler: info,
  },
  {
    name: 'DBSIZE',
    summary: 'Returns the number of keys of the tenant.',
    since: '1.0.0',
    group: 'server',
    complexity: 'O(1)',
    flags: ['readonly', 'fast'],
    requestPolicy: 'all_shards',
    responsePolicy: 'agg_sum',
    handler: ({ keyspace }, _request, reply) => {
      reply.integer(keyspace.size);
    },
  },
  flushCommand('FLUSHDB', 'Removes all keys of the tenant.'),
  flushCommand('FLUSHALL', 'Removes all keys of the tenant. Other tenants are not touched.'),
  {
    name: 'TIME',
    summary: 'Returns the server time.',
    since: '2.6.0',
    group: 'server',
    complexity: 'O(1)',
    flags: ['loading', 'stale', 'fast'],
    handler: time,
  },
  {
    name: 'ROLE',
    summary: 'Returns the replication role.',
    since: '2.8.12',
    group: 'server',
    complexity: 'O(1)',
    flags: ['noscript', 'loading', 'stale', 'fast'],
    handler: role,
  },
  {
    name: 'SHUTDOWN',
    summary: 'Answers what is under way, then shuts the server down.',
    since: '1.0.0',
    group: 'server',
    complexity: 'O(1)',
    flags: ['admin', 'noscript', 'loading', 'stale', 'no_multi', 'allow_busy'],
    arguments: [
      optional(oneOf('save-selector', token('NOSAVE'), token('SAVE'))),
      optional(token('NOW')),
      optional(token('FORCE')),
    ],
    destroys: 'ends the node',
    handler: shutdown,
  },
];
