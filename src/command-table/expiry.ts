/** Deadlines of keys: EXPIRE and its variants in seconds and milliseconds, relative and absolute. */
import { INT64_MAX } from '../resp/integer.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { integer, key, oneOf, optional, token, unixTime } from './arguments.js';
import type { CommandDeclaration, Handler } from './command.js';
import type { CommandContext } from './context.js';
import { deadlineFrom, expireOrRemove, NOT_INTEGER, OUT_OF_RANGE, type TimeUnit } from './deadlines.js';
import { invalidExpireTime, NOT_AN_INTEGER } from './replies.js';

/** TTL's answers for a key that is not there, and for one without a deadline. */
const NO_KEY = -2;
const NO_DEADLINE = -1;
/** The double next to the largest integer that a reply can hold. */
const INT64_END = 2 ** 63;

interface ExpireConditions {
  onlyWithout: boolean;
  onlyWith: boolean;
  onlyLater: boolean;
  onlyEarlier: boolean;
}

/** The conditions from argument 3 on; undefined after an error reply. */
function parseConditions(request: Request, reply: ReplyWriter): ExpireConditions | undefined {
  const conditions = { onlyWithout: false, onlyWith: false, onlyLater: false, onlyEarlier: false };
  for (let index = 3; index < request.argc; index++) {
    if (request.is(index, 'NX')) conditions.onlyWithout = true;
    else if (request.is(index, 'XX')) conditions.onlyWith = true;
    else if (request.is(index, 'GT')) conditions.onlyLater = true;
    else if (request.is(index, 'LT')) conditions.onlyEarlier = true;
    else {
      reply.error(`ERR Unsupported option ${request.text(index)}`);
      return undefined;
    }
  }
  const { onlyWithout, onlyWith, onlyLater, onlyEarlier } = conditions;
  if (onlyWithout && (onlyWith || onlyLater || onlyEarlier)) {
    reply.error('ERR NX and XX, GT or LT options at the same time are not compatible');
    return undefined;
  }
  if (onlyLater && onlyEarlier) {
    reply.error('ERR GT and LT options at the same time are not compatible');
    return undefined;
  }
  return conditions;
}

/** Whether a key whose deadline is `current` (-1: none, which counts as infinitely late) may get `deadline`. */
function allows(conditions: ExpireConditions, current: number, deadline: number): boolean {
  const hasDeadline = current !== NO_DEADLINE;
  if (conditions.onlyWithout && hasDeadline) return false;
  if (conditions.onlyWith && !hasDeadline) return false;
  if (conditions.onlyLater && (!hasDeadline || deadline <= current)) return false;
  return !(conditions.onlyEarlier && hasDeadline && deadline >= current);
}

function expire(command: string, unit: Omit<TimeUnit, 'word'>): Handler {
  return (context: CommandContext, request: Request, reply: ReplyWriter): void => {
    const conditions = parseConditions(request, reply);
    if (conditions === undefined) return;
    const deadline = deadlineFrom(request, 2, unit, context.now, false);
    if (deadline === NOT_INTEGER) {
      reply.error(NOT_AN_INTEGER);
      return;
    }
    if (deadline === OUT_OF_RANGE) {
      reply.error(invalidExpireTime(command));
      return;
    }
    const ref = context.keyspace.findForWrite(request.buffer, request.offsets[1], request.lengths[1]);
    if (ref === 0 || !allows(conditions, context.keyspace.deadline(ref), deadline)) {
      reply.integer(0);
      return;
    }
    expireOrRemove(context, request, ref, deadline);
    reply.integer(1);
  };
}

/** Answers with what is left, or the deadline itself, in the unit asked for. */
function timeOf(render: (deadline: number, now: number) => number): Handler {
  return (context: CommandContext, request: Request, reply: ReplyWriter): void => {
    const ref = context.keyspace.peek(request.buffer, request.offsets[1], request.lengths[1]);
    if (ref === 0) {
      reply.integer(NO_KEY);
      return;
    }
    const deadline = context.keyspace.deadline(ref);
    const time = deadline === NO_DEADLINE ? NO_DEADLINE : render(deadline, context.now);
    reply.integer(time >= INT64_END ? INT64_MAX : time);
  };
}

function persist(context: CommandContext, request: Request, reply: ReplyWriter): void {
  const ref = context.keyspace.findForWrite(request.buffer, request.offsets[1], request.lengths[1]);
  reply.integer(ref !== 0 && context.keyspace.clearDeadline(ref) ? 1 : 0);
}

const condition = optional(oneOf('condition', token('NX'), token('XX'), token('GT'), token('LT')));

function expireCommand(
  name: string,
  since: string,
  what: string,
  unit: Omit<TimeUnit, 'word'>,
  argument: ReturnType<typeof integer>,
): CommandDeclaration {
  return {
    name,
    summary: `Sets the expiration time of a key ${what}.`,
    since,
    group: 'generic',
    complexity: 'O(1)',
    flags: ['write', 'fast'],
    arguments: [key(), argument, condition],
    handler: expire(name.toLowerCase(), unit),
  };
}

function readCommand(name: string, since: string, summary: string, handler: Handler): CommandDeclaration {
  const complexity = 'O(1)';
  return {
    name,
    summary,
    since,
    group: 'generic',
    complexity,
    flags: ['readonly', 'fast'],
    arguments: [key()],
    handler,
  };
}

export const expiryCommands: readonly CommandDeclaration[] = [
  expireCommand('EXPIRE', '1.0.0', 'in seconds', { unitMs: 1000, isAbsolute: false }, integer('seconds')),
  expireCommand('PEXPIRE', '2.6.0', 'in milliseconds', { unitMs: 1, isAbsolute: false }, integer('milliseconds')),
  expireCommand(
    'EXPIREAT',
    '1.2.0',
    'to a Unix timestamp',
    { unitMs: 1000, isAbsolute: true },
    unixTime('unix-time-seconds'),
  ),
  expireCommand(
    'PEXPIREAT',
    '2.6.0',
    'to a Unix timestamp in milliseconds',
    { unitMs: 1, isAbsolute: true },
    unixTime('unix-time-milliseconds'),
  ),
  readCommand(
    'TTL',
    '1.0.0',
    'Returns the expiration time in seconds of a key.',
    timeOf((deadline, now) => Math.floor((Math.max(0, deadline - now) + 500) / 1000)),
  ),
  readCommand(
    'PTTL',
    '2.6.0',
    'Returns the expiration time in milliseconds of a key.',
    timeOf((deadline, now) => Math.max(0, deadline - now)),
  ),
  readCommand(
    'EXPIRETIME',
    '7.0.0',
    'Returns the expiration time of a key as a Unix timestamp.',
    timeOf((deadline) => Math.floor((deadline + 500) / 1000)),
  ),
  readCommand(
    'PEXPIRETIME',
    '7.0.0',
    'Returns the expiration time of a key as a Unix milliseconds timestamp.',
    timeOf((deadline) => deadline),
  ),
  {
    name: 'PERSIST',
    summary: 'Removes the expiration time of a key.',
    since: '2.2.0',
    group: 'generic',
    complexity: 'O(1)',
    flags: ['write', 'fast'],
    arguments: [key()],
    handler: persist,
  },
];
