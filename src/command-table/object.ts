/** OBJECT: how a value is kept and how it is used. Looking leaves no trace in what it tells. */
import type { Keyspace } from '../keyspace/keyspace.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import { key } from './arguments.js';
import type { CommandDeclaration, Handler } from './command.js';

/** What Redis says of the small integers, which all keys share (OBJ_SHARED_REFCOUNT and OBJ_SHARED_INTEGERS). */
const SHARED_REFERENCES = 2 ** 31 - 1;
const SHARED_INTEGERS = 10_000;
const SWITCHING =
  'Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.';
const NO_FREQUENCY = `ERR An LFU maxmemory policy is not selected, access frequency not tracked. ${SWITCHING}`;
const NO_IDLE_TIME = `ERR An LFU maxmemory policy is selected, idle time not tracked. ${SWITCHING}`;

/** Answers about the key behind the subcommand; null when there is none. */
function ofKey(tell: (keyspace: Keyspace, ref: number, reply: ReplyWriter) => void): Handler {
  return ({ keyspace }, request, reply) => {
    const ref = keyspace.peek(request.buffer, request.offsets[2], request.lengths[2]);
    if (ref === 0) reply.nullBulk();
    else tell(keyspace, ref, reply);
  };
}

const encoding = ofKey((keyspace, ref, reply) => {
  reply.bulkText(keyspace.encodingOf(ref));
});

const frequency = ofKey((keyspace, ref, reply) => {
  if (keyspace.accessMeasure === 'frequency') reply.integer(keyspace.accessFrequency(ref));
  else reply.error(NO_FREQUENCY);
});

const idleTime = ofKey((keyspace, ref, reply) => {
  if (keyspace.accessMeasure === 'frequency') reply.error(NO_IDLE_TIME);
  else reply.integer(keyspace.idleSeconds(ref));
});

const referenceCount = ofKey((keyspace, ref, reply) => {
  const value = keyspace.encodingOf(ref) === 'int' ? keyspace.integerValue(ref) : undefined;
  const isShared = value !== undefined && value >= 0 && value < SHARED_INTEGERS;
  reply.integer(isShared ? SHARED_REFERENCES : 1);
});

function subcommand(name: string, since: string, summary: string, handler: Handler): CommandDeclaration {
  return {
    name,
    summary,
    since,
    group: 'generic',
    complexity: 'O(1)',
    flags: ['readonly'],
    arguments: [key()],
    handler,
  };
}

export const objectCommands: readonly CommandDeclaration[] = [
  {
    name: 'OBJECT',
    summary: 'A container for object introspection commands.',
    since: '2.2.3',
    group: 'generic',
    flags: [],
    subcommands: [
      subcommand('ENCODING', '2.2.3', 'Returns how the value of a key is encoded.', encoding),
      subcommand('FREQ', '4.0.0', 'Returns the logarithmic access frequency counter of a key.', frequency),
      subcommand('IDLETIME', '2.2.3', 'Returns the seconds since the last access to a key.', idleTime),
      subcommand('REFCOUNT', '2.2.3', 'Returns the reference count of the value of a key.', referenceCount),
    ],
  },
];
