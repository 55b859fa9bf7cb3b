/** CLIENT and its subcommands: what a connection is called, which there are, and how they are treated. */
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { integer, many, oneOf, option, optional, string, token } from './arguments.js';
import type { CommandDeclaration } from './command.js';
import type { CommandContext } from './context.js';
import { kill, list } from './client-list.js';
import { noEvict, noTouch, pause, replies, trackingInfo, unblock, unpause } from './client-modes.js';

/** No blanks and nothing outside ASCII's visible range, so that a line of CLIENT LIST stays one line. */
export function isPrintableName(name: string): boolean {
  return /^[\x21-\x7e]*$/.test(name);
}

function setName({ session }: CommandContext, request: Request, reply: ReplyWriter): void {
  const name = request.text(2);
  if (!isPrintableName(name)) {
    reply.error('ERR Client names cannot contain spaces, newlines or special characters.');
    return;
  }
  session.name = name;
  reply.ok();
}

function setInfo({ session }: CommandContext, request: Request, reply: ReplyWriter): void {
  const value = request.text(3);
  const attribute = request.text(2);
  if (!isPrintableName(value)) {
    reply.error(`ERR ${attribute} cannot contain spaces, newlines or special characters.`);
  } else if (request.is(2, 'LIB-NAME')) {
    session.libraryName = value;
    reply.ok();
  } else if (request.is(2, 'LIB-VER')) {
    session.libraryVersion = value;
    reply.ok();
  } else {
    reply.error(`ERR Unrecognized option '${attribute}'`);
  }
}

const subcommandFlags = ['noscript', 'loading', 'stale'] as const;

export const clientCommands: readonly CommandDeclaration[] = [
  {
    name: 'CLIENT',
    summary: 'A container for client connection commands.',
    since: '2.4.0',
    group: 'connection',
    flags: [],
    subcommands: [
      {
        name: 'ID',
        summary: 'Returns the unique client ID of the connection.',
        since: '5.0.0',
        group: 'connection',
        complexity: 'O(1)',
        flags: subcommandFlags,
        handler: ({ session }, _request, reply) => {
          reply.integer(session.id);
        },
      },
      {
        name: 'SETNAME',
        summary: 'Sets the connection name.',
        since: '2.6.9',
        group: 'connection',
        complexity: 'O(1)',
        flags: [...subcommandFlags, 'session'],
        arguments: [string('connection-name')],
        handler: setName,
      },
      {
        name: 'GETNAME',
        summary: 'Returns the name of the connection.',
        since: '2.6.9',
        group: 'connection',
        complexity: 'O(1)',
        flags: subcommandFlags,
        handler: ({ session }, _request, reply) => {
          if (session.name === '') reply.nullBulk();
          else reply.bulkText(session.name);
        },
      },
      {
        name: 'SETINFO',
        summary: 'Sets information specific to the client or connection.',
        since: '7.2.0',
        group: 'connection',
        complexity: 'O(1)',
        flags: [...subcommandFlags, 'session'],
        arguments: [oneOf('attr', option('LIB-NAME', string('libname')), option('LIB-VER', string('libver')))],
        handler: setInfo,
      },
      {
        name: 'LIST',
        summary: 'Lists open connections: all of them for the admin, its own for a tenant.',
        since: '2.4.0',
        group: 'connection',
        complexity: 'O(N) where N is the number of client connections',
        flags: [...subcommandFlags, 'skip_monitor'],
        arguments: [
          optional(
            option('TYPE', oneOf('client-type', token('NORMAL'), token('MASTER'), token('REPLICA'), token('PUBSUB'))),
          ),
          optional(option('ID', many(integer('client-id')))),
        ],
        handler: list,
      },
      {
        name: 'INFO',
        summary: 'Returns information about the connection.',
        since: '6.2.0',
        group: 'connection',
        complexity: 'O(1)',
        flags: subcommandFlags,
        handler: ({ session }, _request, reply) => {
          reply.verbatim('txt', `${session.describe()}\n`);
        },
      },
      {
        name: 'KILL',
        summary: 'Closes connections: of all tenants for the admin, its own for a tenant.',
        since: '2.4.0',
        group: 'connection',
        complexity: 'O(N) where N is the number of client connections',
        flags: [...subcommandFlags, 'skip_monitor'],
        arguments: [
          oneOf(
            'filter',
            string('ip:port'),
            many(
              oneOf(
                'new-format',
                option('ID', integer('client-id')),
                option(
                  'TYPE',
                  oneOf(
                    'client-type',
                    token('NORMAL'),
                    token('MASTER'),
                    token('SLAVE'),
                    token('REPLICA'),
                    token('PUBSUB'),
                  ),
                ),
                option('USER', string('username')),
                option('ADDR', string('ip:port')),
                option('LADDR', string('ip:port')),
                option('SKIPME', oneOf('yes/no', token('YES'), token('NO'))),
              ),
            ),
          ),
        ],
        arity: -3,
        handler: kill,
      },
      {
        name: 'PAUSE',
        summary: 'Has the commands of all clients wait for a time, or their writes.',
        since: '3.0.0',
        group: 'connection',
        complexity: 'O(1)',
        flags: ['admin', ...subcommandFlags],
        arguments: [integer('timeout'), optional(oneOf('mode', token('WRITE'), token('ALL')))],
        handler: pause,
      },
      {
        name: 'UNPAUSE',
        summary: 'Lets clients go on that were paused.',
        since: '6.2.0',
        group: 'connection',
        complexity: 'O(N) where N is the number of paused clients',
        flags: ['admin', ...subcommandFlags],
        handler: unpause,
      },
      {
        name: 'UNBLOCK',
        summary: 'Ends the waiting of a connection that waits in a command.',
        since: '5.0.0',
        group: 'connection',
        complexity: 'O(N) where N is the number of client connections',
        flags: [...subcommandFlags, 'skip_monitor'],
        arguments: [integer('client-id'), optional(oneOf('unblock-type', token('TIMEOUT'), token('ERROR')))],
        handler: unblock,
      },
      {
        name: 'REPLY',
        summary: 'Instructs the server whether to answer the commands of this connection.',
        since: '3.2.0',
        group: 'connection',
        complexity: 'O(1)',
        flags: [...subcommandFlags, 'session'],
        arguments: [oneOf('on-off-skip', token('ON'), token('OFF'), token('SKIP'))],
        handler: replies,
      },
      {
        name: 'NO-EVICT',
        summary: 'Exempts the connection from being closed when clients hold too much memory.',
        since: '7.0.0',
        group: 'connection',
        complexity: 'O(1)',
        flags: ['admin', ...subcommandFlags, 'session'],
        arguments: [oneOf('enabled', token('ON'), token('OFF'))],
        handler: noEvict,
      },
      {
        name: 'NO-TOUCH',
        summary: 'Keeps the reads of the connection from marking keys as used.',
        since: '7.2.0',
        group: 'connection',
        complexity: 'O(1)',
        flags: [...subcommandFlags, 'session'],
        arguments: [oneOf('enabled', token('ON'), token('OFF'))],
        handler: noTouch,
      },
      {
        name: 'GETREDIR',
        summary: 'Returns the connection that invalidations are sent to: -1, for there are none.',
        since: '6.0.0',
        group: 'connection',
        complexity: 'O(1)',
        flags: subcommandFlags,
        handler: (_context, _request, reply) => {
          reply.integer(-1);
        },
      },
      {
        name: 'TRACKINGINFO',
        summary: 'Tells how client-side caching is set: it is off.',
        since: '6.2.0',
        group: 'connection',
        complexity: 'O(1)',
        flags: subcommandFlags,
        handler: trackingInfo,
      },
    ],
  },
];
