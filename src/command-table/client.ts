/** CLIENT and its subcommands: what a connection is called, and which there are. */
import { parseInt64 } from '../resp/integer.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { integer, many, oneOf, option, optional, string, token } from './arguments.js';
import type { CommandDeclaration } from './command.js';
import type { CommandContext } from './context.js';
import { SYNTAX_ERROR } from './replies.js';

const clientTypes = ['normal', 'master', 'replica', 'slave', 'pubsub'];

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

interface ListFilter {
  readonly ids: ReadonlySet<number> | undefined;
  readonly type: string | undefined;
}

/** The filter from argument 2 on; undefined after an error reply. */
function listFilter(request: Request, reply: ReplyWriter): ListFilter | undefined {
  if (request.argc === 2) return { ids: undefined, type: undefined };
  if (request.argc === 4 && request.is(2, 'TYPE')) return typeFilter(request, reply);
  if (request.argc > 3 && request.is(2, 'ID')) return idFilter(request, reply);
  reply.error(SYNTAX_ERROR);
  return undefined;
}

function typeFilter(request: Request, reply: ReplyWriter): ListFilter | undefined {
  const type = request.text(3).toLowerCase();
  if (clientTypes.includes(type)) return { ids: undefined, type };
  reply.error(`ERR Unknown client type '${request.text(3)}'`);
  return undefined;
}

function idFilter(request: Request, reply: ReplyWriter): ListFilter | undefined {
  const ids = new Set<number>();
  for (let index = 3; index < request.argc; index++) {
    const id = parseInt64(request.buffer, request.offsets[index], request.lengths[index]);
    if (id === undefined) {
      reply.error('ERR Invalid client ID');
      return undefined;
    }
    ids.add(Number(id));
  }
  return { ids, type: undefined };
}

function list({ node, session }: CommandContext, request: Request, reply: ReplyWriter): void {
  const filter = listFilter(request, reply);
  if (filter === undefined) return;
  let text = '';
  for (const other of node.sessionsVisibleTo(session)) {
    const type = other.subscriptions.count > 0 ? 'pubsub' : 'normal';
    if (filter.ids !== undefined && !filter.ids.has(other.id)) continue;
    if (filter.type !== undefined && filter.type !== type) continue;
    text += `${other.describe()}\n`;
  }
  reply.verbatim('txt', text);
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
        flags: subcommandFlags,
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
    ],
  },
];
