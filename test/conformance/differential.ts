/** Random sequences of data commands, played to redis-server and to RedNode: where do replies or final states differ? */
import type { Command } from '../../src/command-table/command.js';
import { commandTable } from '../../src/command-table/index.js';
import { callOf, frameOf, showCall, type Vocabulary, type Word } from '../support/command-words.js';
import { RawConnection } from '../support/raw-connection.js';
import { splitAggregate } from '../support/reply-frames.js';
import type { SeededRandom } from '../support/random-source.js';

export type Call = readonly Word[];

/** Commands with the groups of data, and why they cannot be compared here. */
const EXCLUDED: ReadonlyMap<string, string> = new Map([
  ['RANDOMKEY', 'its reply is random'],
  ['SCAN', 'cursors and the order of keys are the own of each server'],
  ['OBJECT IDLETIME', 'depends on the second in which it is asked'],
  ['OBJECT HELP', 'texts differ'],
  ['OBJECT ENCODING', 'INCRBYFLOAT leaves a number as text in Redis, which remembers that; RedNode looks at the value'],
  ['OBJECT REFCOUNT', 'tells how Redis shares small integers'],
  ['WAIT', 'waits for replicas, without end when it is told to'],
]);
const GROUPS: ReadonlySet<string> = new Set(['string', 'bitmap', 'generic', 'transactions']);
const FURTHER = ['DBSIZE', 'FLUSHALL'];
/** Their order is left open. */
const UNORDERED = new Set(['KEYS']);
/** What they answer depends on the millisecond in which a deadline was set. */
const TIMED = new Set(['TTL', 'PTTL', 'EXPIRETIME', 'PEXPIRETIME', 'EXEC']);
const TIME_TOLERANCE_MS = 10_000;
/** Below this an integer is no time, and is compared as it is. */
const SMALLEST_TIME = 10_000;
const REPLY_TIMEOUT_MS = 3_000;

const keys = ['a', 'b', 'c', '{t}1', '{t}2', ''];
const texts = [
  '',
  'x',
  'hello world',
  '0',
  '-1',
  '10',
  '3.5',
  '9223372036854775807',
  '-9223372036854775808',
  '1e3',
  'ohmytext',
  'mynewtext',
];
const numbers = [
  '0',
  '1',
  '-1',
  '2',
  '7',
  '8',
  '63',
  '64',
  '100',
  '-100',
  '1000',
  '9223372036854775807',
  '-9223372036854775808',
];
const oddNumbers = ['', 'abc', '1.5', '9223372036854775808', '+1', '01', ' 1', '10000000000', '0x10', '-0'];
const doubles = [
  '0',
  '0.1',
  '-2.5',
  '3.0e3',
  '1e-5',
  '100',
  'inf',
  '-inf',
  'nan',
  'abc',
  '',
  '1e400',
  ' 1',
  '0.30000000000000004',
];
const patterns = ['*', '?', 'a*', '[ab]', '[^a]', '\\a', '{t}*', '*a*', '', '[', '**', '[a-c]'];
const bitFieldTypes = ['u8', 'i8', 'u1', 'i64', 'u63', 'u64', 'i65', 'i5', 'u16', 'x8'];

function bytesOf(random: SeededRandom): Buffer {
  return Buffer.from(Array.from({ length: random.int(0, 20) }, () => random.int(0, 255)));
}

function integerOf(random: SeededRandom, name: string): string {
  if (random.chance(0.05)) return random.pick(oddNumbers);
  // Far from now, and each its own, so that no outcome hangs on a millisecond.
  if (name.includes('seconds'))
    return String(random.chance(0.85) ? random.int(100_000, 90_000_000) : random.int(-20, 0));
  // No string of hundreds of megabytes.
  return random.chance(0.5) ? String(random.int(-20, 40)) : random.pick(numbers);
}

function deadlineOf(random: SeededRandom, name: string): string {
  if (random.chance(0.05)) return random.pick(oddNumbers);
  const seconds = random.int(2_000_000_000, 4_000_000_000);
  return String(name.includes('milliseconds') && random.chance(0.9) ? seconds * 1000 + random.int(0, 999) : seconds);
}

const vocabulary: Vocabulary = {
  key: (random) => random.pick(keys),
  string: (random, name) => {
    if (/^(encoding|type)$/.test(name)) return random.pick(bitFieldTypes);
    if (name.includes('offset')) return (random.chance(0.3) ? '#' : '') + String(random.int(0, 100));
    return random.chance(0.3) ? bytesOf(random) : random.pick(texts);
  },
  integer: integerOf,
  double: (random) => random.pick(doubles),
  pattern: (random) => random.pick(patterns),
  'unix-time': deadlineOf,
};

/** The commands that are played: all of the data groups, as they are declared. */
export function comparedCommands(): Command[] {
  const all = commandTable
    .all()
    .flatMap((command) => (command.subcommands.length > 0 ? command.subcommands : [command]));
  return all.filter(
    ({ fullName, group }) => (GROUPS.has(group) || FURTHER.includes(fullName)) && !EXCLUDED.has(fullName),
  );
}

/** A sequence of calls; sometimes words are dropped or doubled, for the errors. */
export function randomCalls(random: SeededRandom, count: number): Call[] {
  const commands = comparedCommands();
  return Array.from({ length: count }, () => {
    const words = callOf(random.pick(commands), vocabulary, random);
    if (random.chance(0.03)) words.splice(random.int(1, words.length), 1);
    if (random.chance(0.03)) words.push(random.pick(texts));
    return words;
  });
}

/** What a server did with a sequence: the reply to each call, then all keys with values and deadlines. */
interface Outcome {
  readonly replies: readonly Buffer[];
  readonly state: readonly string[];
}

async function outcomeOf(port: number, calls: readonly Call[], protocol: 2 | 3): Promise<Outcome> {
  {
    await using cleaner = await RawConnection.open(port);
    await ask(cleaner, [['FLUSHALL']]);
  }
  let replies: Buffer[];
  {
    await using connection = await RawConnection.open(port);
    if (protocol === 3) await ask(connection, [['HELLO', '3']]);
    replies = await ask(connection, calls);
  }
  await using reader = await RawConnection.open(port);
  return { replies, state: await stateOf(reader) };
}

async function ask(connection: RawConnection, calls: readonly Call[]): Promise<Buffer[]> {
  connection.send(Buffer.concat(calls.map(frameOf)));
  return connection.replies(calls.length, REPLY_TIMEOUT_MS);
}

async function stateOf(connection: RawConnection): Promise<string[]> {
  const [list] = await ask(connection, [['KEYS', '*']]);
  const names = (splitAggregate(list)?.items ?? []).map(payloadOf).sort((one, other) => one.compare(other));
  if (names.length === 0) return [];
  const replies = await ask(
    connection,
    names.flatMap((name) => [
      ['GET', name],
      ['PEXPIRETIME', name],
    ]),
  );
  return names.map((name, index) => {
    const deadline = Number(replies[index * 2 + 1].toString().slice(1));
    // A deadline that was set relative to now is as old as the command.
    const shown = deadline < 0 ? String(deadline) : `about ${Math.round(deadline / TIME_TOLERANCE_MS / 10)}`;
    return `${showCall([name])} = ${replies[index * 2].toString('latin1')} until ${shown}`;
  });
}

/** The bytes of a bulk string. */
function payloadOf(frame: Buffer): Buffer {
  return frame.subarray(frame.indexOf('\n') + 1, -2);
}

/** The first difference between the two servers, or undefined. */
export async function firstDifference(
  ports: { readonly redis: number; readonly rednode: number },
  calls: readonly Call[],
  protocol: 2 | 3,
): Promise<string | undefined> {
  const [redis, rednode] = await Promise.all([
    outcomeOf(ports.redis, calls, protocol),
    // A reply that does not come is a difference like any other.
    outcomeOf(ports.rednode, calls, protocol).catch((error: unknown) => String(error)),
  ]);
  if (typeof rednode === 'string') return `rednode  ${rednode}`;
  for (const [index, call] of calls.entries()) {
    const [wanted, found] = [redis.replies[index], rednode.replies[index]];
    if (!areAlike(call, wanted, found)) return differenceText(showCall(call), wanted, found);
  }
  const [wanted, found] = [redis.state, rednode.state].map((state) => state.join('; '));
  return areStatesAlike(redis.state, rednode.state)
    ? undefined
    : `final state\n  redis    ${wanted}\n  rednode  ${found}`;
}

function differenceText(what: string, wanted: Buffer, found: Buffer): string {
  const [theirs, ours] = [wanted, found].map((reply) => JSON.stringify(reply.toString('latin1')).slice(0, 400));
  return `${what}\n  redis    ${theirs}\n  rednode  ${ours}`;
}

function areAlike(call: Call, wanted: Buffer, found: Buffer): boolean {
  if (wanted.equals(found)) return true;
  const name = call[0].toString().toUpperCase();
  if (UNORDERED.has(name)) return sortedItems(wanted) === sortedItems(found);
  if (!TIMED.has(name)) return false;
  const [theirs, ours] = [wanted, found].map(withSortedKeys);
  return areTimesAlike(theirs, ours);
}

function sortedItems(reply: Buffer): string {
  const split = splitAggregate(reply);
  if (split === undefined) return reply.toString('latin1');
  return (
    split.header +
    split.items
      .map((item) => item.toString('latin1'))
      .sort()
      .join('')
  );
}

/** Of EXEC, with the replies to KEYS in it in one order. */
function withSortedKeys(reply: Buffer): string {
  const split = splitAggregate(reply);
  return split === undefined ? reply.toString('latin1') : split.header + split.items.map(sortedItems).join('');
}

/** The same but for integers that may be times. */
function areTimesAlike(wanted: string, found: string): boolean {
  const [theirs, ours] = [wanted, found].map((text) => text.split('\r\n'));
  return (
    theirs.length === ours.length &&
    theirs.every((line, index) => {
      const other = ours[index];
      if (line === other) return true;
      const [time, otherTime] = [line, other].map((text) => (/^:\d+$/.test(text) ? Number(text.slice(1)) : Number.NaN));
      return Math.min(time, otherTime) >= SMALLEST_TIME && Math.abs(time - otherTime) <= TIME_TOLERANCE_MS;
    })
  );
}

/** Deadlines are rounded, so neighbouring ones may fall on both sides of a border. */
function areStatesAlike(wanted: readonly string[], found: readonly string[]): boolean {
  return (
    wanted.length === found.length &&
    wanted.every((line, index) => {
      const [theirs, ours] = [line, found[index]].map((text) => /^(.*) until (?:about )?(-?\d+)$/s.exec(text));
      if (theirs === null || ours === null) return line === found[index];
      return theirs[1] === ours[1] && Math.abs(Number(theirs[2]) - Number(ours[2])) <= 1;
    })
  );
}
