/** CLIENT PAUSE, UNBLOCK, REPLY and the switches of a connection. */
import { parseInt64 } from '../resp/integer.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import type { CommandContext } from './context.js';
import { NOT_AN_INTEGER, SYNTAX_ERROR } from './replies.js';
import { readTimeout } from './timeouts.js';

function hasTooManyWords(name: string, request: Request, reply: ReplyWriter): boolean {
  if (request.argc <= 4) return false;
  reply.error(`ERR unknown subcommand or wrong number of arguments for '${name}'. Try CLIENT HELP.`);
  return true;
}

export function pause({ node }: CommandContext, request: Request, reply: ReplyWriter): void {
  if (hasTooManyWords('pause', request, reply)) return;
  const isWrite = request.argc === 4 && request.is(3, 'WRITE');
  if (request.argc === 4 && !isWrite && !request.is(3, 'ALL')) {
    reply.error('ERR CLIENT PAUSE mode must be WRITE or ALL');
    return;
  }
  const durationMs = readTimeout(request, 2, reply);
  if (durationMs === undefined) return;
  node.clients.pause(isWrite ? 'write' : 'all', durationMs);
  reply.ok();
}

export function unpause({ node }: CommandContext, _request: Request, reply: ReplyWriter): void {
  node.clients.unpause();
  reply.ok();
}

export function unblock({ node, session }: CommandContext, request: Request, reply: ReplyWriter): void {
  if (hasTooManyWords('unblock', request, reply)) return;
  const asError = request.argc === 4 && request.is(3, 'ERROR');
  if (request.argc === 4 && !asError && !request.is(3, 'TIMEOUT')) {
    reply.error('ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR');
    return;
  }
  const id = parseInt64(request.buffer, request.offsets[2], request.lengths[2]);
  if (id === undefined) reply.error(NOT_AN_INTEGER);
  else reply.integer(node.clients.unblock(session, Number(id), asError) ? 1 : 0);
}

/** OFF and SKIP are not answered, which the caller sees to. */
export function replies({ session }: CommandContext, request: Request, reply: ReplyWriter): void {
  if (request.is(2, 'ON')) {
    session.setReplies('on');
    reply.ok();
  } else if (request.is(2, 'OFF')) session.setReplies('off');
  else if (request.is(2, 'SKIP')) session.setReplies('skip');
  else reply.error(SYNTAX_ERROR);
}

/** ON or OFF in argument 2; undefined after an error reply. */
function readSwitch(request: Request, reply: ReplyWriter): boolean | undefined {
  if (request.is(2, 'ON')) return true;
  if (request.is(2, 'OFF')) return false;
  reply.error(SYNTAX_ERROR);
  return undefined;
}

export function noEvict({ session }: CommandContext, request: Request, reply: ReplyWriter): void {
  const isOn = readSwitch(request, reply);
  if (isOn === undefined) return;
  session.isEvictable = !isOn;
  reply.ok();
}

export function noTouch({ session }: CommandContext, request: Request, reply: ReplyWriter): void {
  const isOn = readSwitch(request, reply);
  if (isOn === undefined) return;
  session.leavesNoTrace = isOn;
  reply.ok();
}

/** Client-side caching does not exist: it is off for every connection. */
export function trackingInfo(_context: CommandContext, _request: Request, reply: ReplyWriter): void {
  reply.map(3);
  reply.bulkText('flags');
  reply.set(1);
  reply.bulkText('off');
  reply.bulkText('redirect');
  reply.integer(-1);
  reply.bulkText('prefixes');
  reply.array(0);
}
