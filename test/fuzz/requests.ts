/** What is sent: calls of every command with values good and nasty, frames bent out of shape, and markers to find one's way. */
import type { Command } from '../../src/command-table/command.js';
import { commandTable } from '../../src/command-table/index.js';
import { callOf, frameOf, type Vocabulary, type Word } from '../support/command-words.js';
import type { SeededRandom } from '../support/random-source.js';

/** One thing to send on one of the connections. */
export interface Item {
  readonly connection: number;
  readonly bytes: Buffer;
  /** Number of a marker: an ECHO whose reply shows how far the connection has come. */
  readonly marker?: number;
}

/** Never sent: they end the server, or keep it, other connections or the whole test waiting, by design. */
const NEVER = new Set([
  'SHUTDOWN',
  'DEBUG',
  'CLIENT KILL',
  'CLIENT PAUSE',
  'CLIENT NO-EVICT',
  'WAIT',
  'REPLICAOF',
  'SLAVEOF',
  'CONFIG SET',
  'TENANT LIMIT',
  'TENANT USE',
]);
/** Do not answer with one reply each, or keep ECHO from being answered: not where replies are counted. */
const NOT_COUNTED = new Set([
  ...['SUBSCRIBE', 'UNSUBSCRIBE', 'PSUBSCRIBE', 'PUNSUBSCRIBE', 'SSUBSCRIBE', 'SUNSUBSCRIBE', 'MONITOR', 'PUBLISH'],
  ...['QUIT', 'CLIENT REPLY', 'CLIENT TRACKING', 'MULTI', 'AUTH', 'TENANT DROP', 'TENANT USE', 'PSYNC', 'SYNC'],
]);

const leaves = commandTable
  .all()
  .flatMap((command) => (command.subcommands.length > 0 ? command.subcommands : [command]));
const sendable = leaves.filter(({ fullName, parent }) => !NEVER.has(fullName) && !NEVER.has(parent?.fullName ?? ''));
const counted = sendable.filter(({ fullName }) => !NOT_COUNTED.has(fullName));

/** None that as an offset makes a value of hundreds of megabytes: a round is to take milliseconds. */
const nastyNumbers = [
  '0',
  '-0',
  '-1',
  '1',
  '4294967296',
  '9223372036854775807',
  '-9223372036854775808',
  '9223372036854775808',
  '18446744073709551615',
  '1e309',
  'nan',
  '0x7fffffff',
  ' 1',
  '1 ',
  '+1',
  '1.0',
  '٣',
  '',
  '68719476736',
  '-536870913',
  '-2147483649',
];
const nastyTexts = [
  '',
  '\0',
  '\r\n',
  '$-1\r\n',
  '*1\r\n',
  '-ERR',
  'a'.repeat(300),
  '{',
  '{}',
  '{a}b',
  '__proto__',
  'constructor',
  '💥',
  'default',
  '*',
  '(',
  '%s%n',
  '"',
  "'",
];
const nastyPatterns = [
  '*',
  '*a*a*a*a*a*b',
  '[',
  '[^',
  '[z-a]',
  '\\',
  '[\\',
  '?'.repeat(50),
  '**********',
  'a'.repeat(5000),
];
const keys = ['k', 'a', '{t}1', '{t}2', 'counter'];

function bytesOf(random: SeededRandom): Buffer {
  const length = random.chance(0.02) ? random.int(1000, 70_000) : random.int(0, 30);
  return Buffer.from(Array.from({ length }, () => random.int(0, 255)));
}

const textOf = (random: SeededRandom): Word => (random.chance(0.5) ? random.pick(nastyTexts) : bytesOf(random));

const vocabulary: Vocabulary = {
  key: (random) => (random.chance(0.8) ? random.pick(keys) : textOf(random)),
  string: textOf,
  integer: (random) => (random.chance(0.7) ? String(random.int(-10, 1000)) : random.pick(nastyNumbers)),
  double: (random) => (random.chance(0.5) ? String(random.next() * 1000) : random.pick(nastyNumbers)),
  pattern: (random) => random.pick(nastyPatterns),
  'unix-time': (random) => (random.chance(0.5) ? String(random.int(0, 5_000_000_000)) : random.pick(nastyNumbers)),
};

function randomCall(random: SeededRandom, commands: readonly Command[]): Word[] {
  const words = callOf(random.pick(commands), vocabulary, random);
  if (random.chance(0.1)) words.splice(random.int(1, words.length), 1);
  if (random.chance(0.1)) words.push(textOf(random));
  if (random.chance(0.02)) words[0] = textOf(random);
  return words;
}

/** As a frame, or where its words allow it as an inline command. */
function encoded(words: readonly Word[], random: SeededRandom): Buffer {
  const isPlain = words.every((word) => typeof word === 'string' && /^\w[\w.*:{}-]*$/.test(word));
  return isPlain && random.chance(0.3) ? Buffer.from(`${words.join(' ')}\r\n`) : frameOf(words);
}

/** A frame with some of it changed, cut out, doubled or announced wrongly. */
function bent(frame: Buffer, random: SeededRandom): Buffer {
  const at = random.int(0, Math.max(0, frame.length - 1));
  const end = Math.min(frame.length, at + random.int(1, 8));
  const [head, middle, tail] = [frame.subarray(0, at), frame.subarray(at, end), frame.subarray(end)];
  switch (random.int(0, 6)) {
    case 0:
      return Buffer.concat([head, bytesOf(random), tail]);
    case 1:
      return Buffer.concat([head, tail]);
    case 2:
      return Buffer.concat([head, middle, middle, tail]);
    case 3:
      return head;
    case 4:
      return Buffer.from(
        frame.toString('latin1').replace(/\d+/, () => random.pick(nastyNumbers)),
        'latin1',
      );
    case 5:
      return Buffer.from(
        frame.toString('latin1').replaceAll('\r\n', random.pick(['\n', '\r', '\r\n\r\n', ' \r\n'])),
        'latin1',
      );
    default:
      return bytesOf(random);
  }
}

/** Items for `connections` connections. Of the first one every frame is valid, and answered by exactly one reply. */
export function randomItems(random: SeededRandom, connections: number, perConnection: number): Item[] {
  const items: Item[] = [];
  for (let connection = 0; connection < connections; connection++) {
    const isStrict = connection === 0;
    if (random.chance(0.5)) items.push({ connection, bytes: frameOf(['HELLO', '3']) });
    for (let marker = 0; marker < perConnection; marker++) {
      items.push({ connection, bytes: frameOf(['ECHO', markerText(marker)]), marker });
      const frame = encoded(randomCall(random, isStrict ? counted : sendable), random);
      items.push({ connection, bytes: !isStrict && random.chance(0.15) ? bent(frame, random) : frame });
    }
    items.push({ connection, bytes: frameOf(['ECHO', markerText(perConnection)]), marker: perConnection });
  }
  return items;
}

export function markerText(marker: number): string {
  return `marker-${marker}-`;
}
