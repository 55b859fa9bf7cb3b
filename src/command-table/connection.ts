/** Commands about the connection itself: handshake, authentication, and the modes of a cluster connection. */
import { parseInt64 } from '../resp/integer.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { block, integer, optional, option, string } from './arguments.js';
import { isPrintableName } from './client.js';
import type { CommandDeclaration, Handler } from './command.js';
import type { CommandContext } from './context.js';
import { databaseRefusal, otherDatabaseError } from './database-index.js';
import { SYNTAX_ERROR } from './replies.js';
import { compatibleRedisVersion } from '../config/version.js';

export const CLUSTER_DISABLED = 'ERR This instance has cluster support disabled';

function ping({ session }: CommandContext, request: Request, reply: ReplyWriter): void {
  if (request.argc > 2) {
    reply.error("ERR wrong number of arguments for 'ping' command");
    return;
  }
  if (session.protocol === 2 && session.subscriptions.count > 0) {
    reply.array(2);
    reply.bulkText('pong');
    if (request.argc === 2) echoArgument(request, reply);
    else reply.bulkText('');
    return;
  }
  if (request.argc === 2) echoArgument(request, reply);
  else reply.simple('PONG');
}

function echoArgument(request: Request, reply: ReplyWriter): void {
  reply.bulk(request.buffer, request.offsets[1], request.lengths[1]);
}

function authenticate({ session }: CommandContext, request: Request, reply: ReplyWriter): void {
  if (request.argc > 3) {
    reply.error(SYNTAX_ERROR);
    return;
  }
  const username = request.argc === 3 ? request.text(1) : undefined;
  const refusal = session.authenticate(username, request.bytes(request.argc - 1));
  if (refusal === undefined) reply.ok();
  else reply.error(refusal);
}

interface HelloOptions {
  version: 2 | 3 | undefined;
  credentials: { username: string; password: Buffer } | undefined;
  name: string | undefined;
}

/** Parses HELLO; answers with an error and returns undefined where it cannot. */
function helloOptions(request: Request, reply: ReplyWriter): HelloOptions | undefined {
  const options: HelloOptions = { version: undefined, credentials: undefined, name: undefined };
  if (request.argc === 1) return options;
  const version = parseInt64(request.buffer, request.offsets[1], request.lengths[1]);
  if (version !== 2 && version !== 3) {
    reply.error(
      version === undefined
        ? 'ERR Protocol version is not an integer or out of range'
        : 'NOPROTO unsupported protocol version',
    );
    return undefined;
  }
  options.version = version;
  for (let index = 2; index < request.argc; index++) {
    const left = request.argc - index - 1;
    if (left >= 2 && request.is(index, 'AUTH')) {
      options.credentials = { username: request.text(index + 1), password: request.bytes(index + 2) };
      index += 2;
    } else if (left >= 1 && request.is(index, 'SETNAME')) {
      options.name = request.text(++index);
    } else {
      reply.error(`ERR Syntax error in HELLO option '${request.text(index)}'`);
      return undefined;
    }
  }
  return options;
}

function hello(context: CommandContext, request: Request, reply: ReplyWriter): void {
  const { session } = context;
  const options = helloOptions(request, reply);
  if (options === undefined) return;
  if (options.credentials !== undefined) {
    const refusal = session.authenticate(options.credentials.username, options.credentials.password);
    if (refusal !== undefined) {
      reply.error(refusal);
      return;
    }
  }
  if (!session.isAuthenticated) {
    reply.error(
      'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time',
    );
    return;
  }
  if (options.name !== undefined && !isPrintableName(options.name)) {
    reply.error('ERR Client names cannot contain spaces, newlines or special characters.');
    return;
  }
  if (options.name !== undefined) session.name = options.name;
  if (options.version !== undefined) session.setProtocol(options.version);
  writeHello(context, reply);
}

function writeHello({ session, node }: CommandContext, reply: ReplyWriter): void {
  reply.map(7);
  reply.bulkText('server');
  reply.bulkText('redis');
  reply.bulkText('version');
  reply.bulkText(compatibleRedisVersion);
  reply.bulkText('proto');
  reply.integer(session.protocol);
  reply.bulkText('id');
  reply.integer(session.id);
  reply.bulkText('mode');
  reply.bulkText(node.topology === undefined ? 'standalone' : 'cluster');
  reply.bulkText('role');
  reply.bulkText(node.replication.role);
  reply.bulkText('modules');
  reply.array(0);
}

function select({ node }: CommandContext, request: Request, reply: ReplyWriter): void {
  const other = otherDatabaseError(node.topology !== undefined, 'ERR SELECT is not allowed in cluster mode');
  const refusal = databaseRefusal(request, 1, other);
  if (refusal === undefined) reply.ok();
  else reply.error(refusal);
}

function quit({ session }: CommandContext, _request: Request, reply: ReplyWriter): void {
  session.closeAfterReplies();
  reply.ok();
}

function reset({ session }: CommandContext, _request: Request, reply: ReplyWriter): void {
  session.reset();
  reply.simple('RESET');
}

/** A mode of a cluster connection, which a node outside a cluster does not have. */
function clusterMode(apply: (context: CommandContext) => void): Handler {
  return (context, _request, reply) => {
    if (context.node.topology === undefined) {
      reply.error(CLUSTER_DISABLED);
      return;
    }
    apply(context);
    reply.ok();
  };
}

export const connectionCommands: readonly CommandDeclaration[] = [
  {
    name: 'PING',
    summary: "Returns the server's liveliness response.",
    since: '1.0.0',
    group: 'connection',
    complexity: 'O(1)',
    flags: ['fast'],
    arguments: [optional(string('message'))],
    arity: -1,
    handler: ping,
  },
  {
    name: 'ECHO',
    summary: 'Returns the given string.',
    since: '1.0.0',
    group: 'connection',
    complexity: 'O(1)',
    flags: ['loading', 'stale', 'fast'],
    arguments: [string('message')],
    handler: (_context, request, reply) => {
      echoArgument(request, reply);
    },
  },
  {
    name: 'AUTH',
    summary: 'Authenticates the connection: as the admin, or as a tenant with one of its tokens.',
    since: '1.0.0',
    group: 'connection',
    complexity: 'O(N) where N is the number of tokens of the tenant',
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy', 'session'],
    arguments: [optional(string('username')), string('password')],
    secretFrom: 1,
    handler: authenticate,
  },
  {
    name: 'HELLO',
    summary: 'Handshakes with the server: protocol version, authentication, name.',
    since: '6.0.0',
    group: 'connection',
    complexity: 'O(1)',
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy', 'session'],
    arguments: [
      optional(
        block(
          'arguments',
          integer('protover'),
          optional(option('AUTH', block('auth', string('username'), string('password')))),
          optional(option('SETNAME', string('clientname'))),
        ),
      ),
    ],
    secretFrom: 2,
    handler: hello,
  },
  {
    name: 'SELECT',
    summary: 'Changes the selected database; there is only 0, since tenants take the place of databases.',
    since: '1.0.0',
    group: 'connection',
    complexity: 'O(1)',
    flags: ['loading', 'stale', 'fast', 'session'],
    arguments: [integer('index')],
    handler: select,
  },
  {
    name: 'QUIT',
    summary: 'Closes the connection.',
    since: '1.0.0',
    group: 'connection',
    complexity: 'O(1)',
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy', 'session'],
    arity: -1,
    runsInTransaction: true,
    handler: quit,
  },
  {
    name: 'RESET',
    summary: 'Resets the connection.',
    since: '6.2.0',
    group: 'connection',
    complexity: 'O(1)',
    flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy', 'session'],
    runsInTransaction: true,
    handler: reset,
  },
  {
    name: 'READONLY',
    summary: 'Enables read-only queries for a connection to a cluster replica node.',
    since: '3.0.0',
    group: 'cluster',
    complexity: 'O(1)',
    flags: ['loading', 'stale', 'fast', 'session'],
    handler: clusterMode(({ session }) => {
      session.readsFromReplica = true;
    }),
  },
  {
    name: 'READWRITE',
    summary: 'Enables read-write queries for a connection to a cluster replica node.',
    since: '3.0.0',
    group: 'cluster',
    complexity: 'O(1)',
    flags: ['loading', 'stale', 'fast', 'session'],
    handler: clusterMode(({ session }) => {
      session.readsFromReplica = false;
    }),
  },
  {
    name: 'ASKING',
    summary: 'Signals that the next command follows an -ASK redirection.',
    since: '3.0.0',
    group: 'cluster',
    complexity: 'O(1)',
    flags: ['fast', 'session'],
    // No slot is ever half-way between two nodes, so there is nothing to remember.
    handler: clusterMode(() => undefined),
  },
];
