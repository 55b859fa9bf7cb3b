/**
 * What a request passes before its handler runs, in Redis's order. Each gate answers with an error and returns false, or
 * lets the request on. Which gates a command has follows from its flags, once, when the table is read.
 */
import { arityAccepts, type Command } from '../command-table/command.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import type { Instance } from './instance.js';
import type { Session } from './session.js';

export const OUT_OF_MEMORY = "OOM command not allowed when used memory > 'maxmemory'.";

export type Gate = (
  instance: Instance,
  session: Session,
  command: Command,
  request: Request,
  reply: ReplyWriter,
) => boolean;

const arity: Gate = (_instance, _session, command, request, reply) => {
  if (arityAccepts(command, request.argc)) return true;
  reply.error(`ERR wrong number of arguments for '${command.wireName}' command`);
  return false;
};

/** Who it is, and what the token it came in with is for. */
const authentication: Gate = (_instance, { principal }, command, request, reply) => {
  const scope = principal?.scope;
  if (scope === undefined && principal !== undefined) return true;
  const refusal = scope === undefined ? 'NOAUTH Authentication required.' : scope.refusal(command, request);
  if (refusal === undefined) return true;
  reply.error(refusal);
  return false;
};

const permission: Gate = (_instance, session, command, _request, reply) => {
  if (session.isAdmin) return true;
  reply.error(`NOPERM this user has no permissions to run the '${command.wireName}' command`);
  return false;
};

const clusterRedirect: Gate = (instance, session, command, request, reply) => {
  const { router } = instance;
  if (router === undefined) return true;
  const refusal = router.check(command, request, session);
  if (refusal === undefined) return true;
  reply.error(refusal);
  return false;
};

const memory: Gate = (instance, _session, _command, _request, reply) => {
  if (instance.memoryLimit.admits()) return true;
  reply.error(OUT_OF_MEMORY);
  return false;
};

const writableMaster: Gate = (instance, _session, _command, _request, reply) => {
  if (instance.replication.role === 'master') return true;
  reply.error("READONLY You can't write against a read only replica.");
  return false;
};

const outsideTransaction: Gate = (_instance, session, _command, _request, reply) => {
  if (session.openedTransaction?.isOpen !== true) return true;
  reply.error('ERR Command not allowed inside a transaction');
  return false;
};

/** RESP2 has no way to tell a message from a reply, so a subscribed connection may do little else. */
const subscriberMode: Gate = (_instance, session, command, _request, reply) => {
  if (session.protocol === 3 || session.subscriptions.count === 0) return true;
  reply.error(
    `ERR Can't execute '${command.wireName}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
  );
  return false;
};

/** An EXEC that is refused ends its transaction, and says so. */
function abortingTransaction(gate: Gate): Gate {
  return (instance, session, command, request, reply) => {
    const start = reply.length;
    if (gate(instance, session, command, request, reply)) return true;
    const reason = reply.buffer.toString('utf8', start + 1, reply.length).trimEnd();
    reply.length = start;
    session.openedTransaction?.discard();
    reply.error(abortText(reason));
    return false;
  };
}

/** `reason` is an error line. */
export function abortText(reason: string): string {
  return `EXECABORT Transaction discarded because of: ${reason.replace(/^ERR /, '')}`;
}

const allowedWhileSubscribed = new Set([
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'PSUBSCRIBE',
  'PUNSUBSCRIBE',
  'PING',
  'QUIT',
  'RESET',
]);

export function gatesFor(command: Command): readonly Gate[] {
  const gates = [arity];
  const { flags } = command;
  if (!flags.includes('no_auth')) gates.push(authentication);
  if (flags.includes('admin')) gates.push(permission);
  if (command.keys.first > 0) gates.push(clusterRedirect);
  if (flags.includes('denyoom')) gates.push(memory);
  if (command.isWrite) gates.push(writableMaster);
  if (flags.includes('no_multi')) gates.push(outsideTransaction);
  if (!allowedWhileSubscribed.has(command.fullName)) gates.push(subscriberMode);
  return command.name === 'EXEC' ? gates.map(abortingTransaction) : gates;
}
