/** MONITOR shows what is run; WAIT waits until replicas have what was written. */
import { parseInt64 } from '../resp/integer.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { integer } from './arguments.js';
import type { CommandDeclaration } from './command.js';
import type { CommandContext } from './context.js';
import { NOT_AN_INTEGER } from './replies.js';
import { readTimeout } from './timeouts.js';

function monitor({ session }: CommandContext, _request: Request, reply: ReplyWriter): void {
  if (!session.mayWait) {
    reply.error("ERR MONITOR isn't allowed for DENY BLOCKING client");
    return;
  }
  // A connection that monitors already gets no answer, in Redis neither.
  if (session.monitor()) reply.ok();
}

function wait({ node, session }: CommandContext, request: Request, reply: ReplyWriter): void {
  if (node.replication.role === 'replica') {
    reply.error(
      'ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a replica is configured to be writable (which is not the default) writes to replicas are just local and are not propagated.',
    );
    return;
  }
  const replicas = parseInt64(request.buffer, request.offsets[1], request.lengths[1]);
  if (replicas === undefined) {
    reply.error(NOT_AN_INTEGER);
    return;
  }
  const timeoutMs = readTimeout(request, 2, reply);
  if (timeoutMs === undefined) return;
  const wanted = Number(replicas);
  const count = node.acknowledgedBy(session);
  if (count >= wanted || !session.mayWait) {
    reply.integer(count);
    return;
  }
  session.defer(node.awaitReplicas(session, wanted, timeoutMs), (acknowledged, late) => {
    late.integer(acknowledged);
  });
}

export const monitorCommands: readonly CommandDeclaration[] = [
  {
    name: 'MONITOR',
    summary: 'Shows the commands that are run as they are: those of all tenants to the admin, its own to a tenant.',
    since: '1.0.0',
    group: 'server',
    flags: ['noscript', 'loading', 'stale', 'skip_monitor', 'session'],
    handler: monitor,
  },
  {
    name: 'WAIT',
    summary: 'Waits until a number of replicas have acknowledged what this connection wrote.',
    since: '3.0.0',
    group: 'generic',
    complexity: 'O(1)',
    flags: ['noscript'],
    arguments: [integer('numreplicas'), integer('timeout')],
    requestPolicy: 'all_shards',
    responsePolicy: 'agg_min',
    handler: wait,
  },
];
