/** CLIENT LIST, INFO and KILL: which connections there are, and the end of some. */
import { parseInt64 } from '../resp/integer.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import type { ClientFilter, ClientType, CommandContext } from './context.js';
import { SYNTAX_ERROR } from './replies.js';

const clientTypes: Readonly<Record<string, ClientType>> = {
  normal: 'normal',
  pubsub: 'pubsub',
  master: 'master',
  replica: 'replica',
  slave: 'replica',
};

interface ListFilter {
  readonly ids: ReadonlySet<number> | undefined;
  readonly type: string | undefined;
}

export function list({ node, session }: CommandContext, request: Request, reply: ReplyWriter): void {
  const filter = listFilter(request, reply);
  if (filter === undefined) return;
  let text = '';
  for (const other of node.sessionsVisibleTo(session)) {
    if (filter.ids !== undefined && !filter.ids.has(other.id)) continue;
    if (filter.type !== undefined && filter.type !== other.type) continue;
    text += `${other.describe()}\n`;
  }
  reply.verbatim('txt', text);
}

/** The filter from argument 2 on; undefined after an error reply. */
function listFilter(request: Request, reply: ReplyWriter): ListFilter | undefined {
  if (request.argc === 2) return { ids: undefined, type: undefined };
  if (request.argc === 4 && request.is(2, 'TYPE')) {
    const type = typeAt(request, 3, reply);
    return type === undefined ? undefined : { ids: undefined, type };
  }
  if (request.argc > 3 && request.is(2, 'ID')) return idFilter(request, reply);
  reply.error(SYNTAX_ERROR);
  return undefined;
}

function idFilter(request: Request, reply: ReplyWriter): ListFilter | undefined {
  const ids = new Set<number>();
  for (let index = 3; index < request.argc; index++) {
    const id = integerAt(request, index);
    if (id === undefined) {
      reply.error('ERR Invalid client ID');
      return undefined;
    }
    ids.add(id);
  }
  return { ids, type: undefined };
}

function typeAt(request: Request, index: number, reply: ReplyWriter): ClientType | undefined {
  const name = request.text(index);
  const type = clientTypes[name.toLowerCase()] as ClientType | undefined;
  if (type === undefined) reply.error(`ERR Unknown client type '${name}'`);
  return type;
}

function integerAt(request: Request, index: number): number | undefined {
  const value = parseInt64(request.buffer, request.offsets[index], request.lengths[index]);
  return value === undefined ? undefined : Number(value);
}

/** `CLIENT KILL address`, which may be its own; or options, which leave its own out unless they say otherwise. */
export function kill({ node, session }: CommandContext, request: Request, reply: ReplyWriter): void {
  if (request.argc === 3) {
    const killed = node.clients.kill(session, { address: request.text(2), skipsOwn: false });
    if (killed === 0) reply.error('ERR No such client');
    else reply.ok();
    return;
  }
  const filter = killFilter({ node, session }, request, reply);
  if (filter !== undefined) reply.integer(node.clients.kill(session, filter));
}

type Mutable<T> = { -readonly [Field in keyof T]: T[Field] };

/** Undefined after an error reply. */
function killFilter(
  context: Pick<CommandContext, 'node' | 'session'>,
  request: Request,
  reply: ReplyWriter,
): ClientFilter | undefined {
  const filter: Mutable<ClientFilter> = { skipsOwn: true };
  for (let index = 2; index < request.argc; index += 2) {
    if (index + 1 >= request.argc) {
      reply.error(SYNTAX_ERROR);
      return undefined;
    }
    if (!takeOption(filter, context, request, index, reply)) return undefined;
  }
  return filter;
}

/** Takes the option at `index` and its value; false after an error reply. */
function takeOption(
  filter: Mutable<ClientFilter>,
  { node, session }: Pick<CommandContext, 'node' | 'session'>,
  request: Request,
  index: number,
  reply: ReplyWriter,
): boolean {
  const value = request.text(index + 1);
  if (request.is(index, 'ID')) return takeId(filter, request, index + 1, reply);
  if (request.is(index, 'TYPE')) {
    filter.type = typeAt(request, index + 1, reply);
    return filter.type !== undefined;
  }
  if (request.is(index, 'ADDR')) filter.address = value;
  else if (request.is(index, 'LADDR')) filter.localAddress = value;
  else if (request.is(index, 'USER')) {
    filter.user = value;
    if (node.clients.hasUser(session, value)) return true;
    reply.error(`ERR No such user '${value}'`);
    return false;
  } else if (request.is(index, 'SKIPME') && (request.is(index + 1, 'YES') || request.is(index + 1, 'NO'))) {
    filter.skipsOwn = request.is(index + 1, 'YES');
  } else {
    reply.error(SYNTAX_ERROR);
    return false;
  }
  return true;
}

function takeId(filter: Mutable<ClientFilter>, request: Request, index: number, reply: ReplyWriter): boolean {
  const id = integerAt(request, index);
  if (id === undefined || id < 1) {
    reply.error('ERR client-id should be greater than 0');
    return false;
  }
  filter.id = id;
  return true;
}
