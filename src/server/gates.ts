/**
 * What a request passes before its handler runs, in Redis's order. Each gate answers with an error and returns false, or
 * lets the request on. Which gates a command has follows from its flags, once, when the table is read.
 */
import { arityAccepts, type Command } from '../command-table/command.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import type { Instance } from './instance.js';
import type { Session } from './session.js';

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

const authentication: Gate = (_instance, session, _command, _request, reply) => {
  if (session.isAuthenticated) return true;
  reply.error('NOAUTH Authentication required.');
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
  const refusal = router.check(command, request, session.readsFromReplica);
  if (refusal === undefined) return true;
  reply.error(refusal);
  return false;
};

const memory: Gate = (instance, _session, _command, _request, reply) => {
  const limit = instance.config.maxMemoryBytes;
  if (limit === 0 || instance.store.usedBytes <= limit) return true;
  reply.error("OOM command not allowed when used memory > 'maxmemory'.");
  return false;
};

const writableMaster: Gate = (instance, _session, _command, _request, reply) => {
  if (instance.replication.role === 'master') return true;
  reply.error("READONLY You can't write against a read only replica.");
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
  if (!allowedWhileSubscribed.has(command.fullName)) gates.push(subscriberMode);
  return gates;
}
