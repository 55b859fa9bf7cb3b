/** DEBUG: for tests of clients and of clusters. */
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { double, key, string } from './arguments.js';
import type { CommandDeclaration } from './command.js';
import type { CommandContext } from './context.js';
import { NO_SUCH_KEY } from './replies.js';

/** A test that asks for more has a mistake in it. */
const SLEEP_SECONDS_MAX = 60;

/** Keeps everything waiting: that is what it is for. */
function sleep(_context: CommandContext, request: Request, reply: ReplyWriter): void {
  const text = request.text(2);
  const seconds = Number(text);
  if (text.trim() === '' || !(seconds >= 0 && seconds <= SLEEP_SECONDS_MAX)) {
    reply.error(`ERR DEBUG SLEEP takes 0 to ${SLEEP_SECONDS_MAX} seconds, not '${text}'`);
    return;
  }
  Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 0, seconds * 1000);
  reply.ok();
}

function object({ keyspace }: CommandContext, request: Request, reply: ReplyWriter): void {
  const ref = keyspace.findForWrite(request.buffer, request.offsets[2], request.lengths[2]);
  if (ref === 0) {
    reply.error(NO_SUCH_KEY);
    return;
  }
  const fields = [
    `Value at:0x${ref.toString(16)}`,
    'refcount:1',
    `encoding:${keyspace.encodingOf(ref)}`,
    `serializedlength:${keyspace.valueLength(ref)}`,
    `lru_seconds_idle:${keyspace.idleSeconds(ref)}`,
  ];
  reply.simple(fields.join(' '));
}

function setActiveExpire({ node }: CommandContext, request: Request, reply: ReplyWriter): void {
  node.expiresActively = request.text(2) !== '0';
  reply.ok();
}

const flags = ['admin', 'noscript', 'loading', 'stale'] as const;

export const debugCommands: readonly CommandDeclaration[] = [
  {
    name: 'DEBUG',
    summary: 'A container for debugging commands.',
    since: '1.0.0',
    group: 'server',
    flags,
    subcommands: [
      {
        name: 'SLEEP',
        summary: `Stops the node for some seconds, ${SLEEP_SECONDS_MAX} at the most.`,
        since: '1.0.0',
        group: 'server',
        complexity: 'Depends on the argument',
        flags,
        arguments: [double('seconds')],
        handler: sleep,
      },
      {
        name: 'OBJECT',
        summary: 'Returns low-level facts about a key and its value.',
        since: '1.0.0',
        group: 'server',
        complexity: 'O(1)',
        flags,
        arguments: [key()],
        handler: object,
      },
      {
        name: 'SET-ACTIVE-EXPIRE',
        summary: 'Says whether expired keys are removed before somebody asks for them: 0 or 1.',
        since: '2.8.0',
        group: 'server',
        complexity: 'O(1)',
        flags,
        arguments: [string('active')],
        requestPolicy: 'all_nodes',
        responsePolicy: 'all_succeeded',
        handler: setActiveExpire,
      },
    ],
  },
];
