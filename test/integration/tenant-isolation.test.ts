/** Whatever one tenant sends, no other tenant's replies change: the replies of B beside a hostile A are those of B alone. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { commandTable } from '../../src/command-table/index.js';
import { startServer, type RunningServer } from '../../src/server/server.js';
import { hashSecret } from '../../src/tenancy/tokens.js';
import { RawConnection } from '../support/raw-connection.js';

const PASSWORD = 's3cret';
const KEYS = ['k', 'l', '{k}m', 'user:1'];

interface Step {
  readonly by: 'A' | 'B';
  readonly words: readonly string[];
}

const key = fc.constantFrom(...KEYS);
const word = fc.oneof(
  key,
  fc.constantFrom('0', '1', '-1', '*', '100000', 'x'.repeat(200), '', 'ON', 'b', 'default', 'normal'),
);
const everyName = commandTable
  .all()
  .flatMap((command) => [[command.name], ...command.subcommands.map((subcommand) => [command.name, subcommand.name])]);

/** What an attacker would try first, beside any command with any words. */
const attacks: readonly (readonly string[])[] = [
  ['FLUSHALL'],
  ['FLUSHDB'],
  ['CLIENT', 'KILL', 'TYPE', 'normal'],
  ['CLIENT', 'KILL', 'USER', 'b'],
  ...[1, 2, 3, 4].map((id) => ['CLIENT', 'KILL', 'ID', String(id)]),
  ['CLIENT', 'PAUSE', '100000', 'ALL'],
  ['CLIENT', 'NO-EVICT', 'ON'],
  ['CLIENT', 'REPLY', 'OFF'],
  ['CONFIG', 'SET', 'maxmemory', '1'],
  ['CONFIG', 'SET', 'maxclients', '1'],
  ['CONFIG', 'RESETSTAT'],
  ['DEBUG', 'SLEEP', '1'],
  ['SHUTDOWN', 'NOSAVE'],
  ['SLOWLOG', 'RESET'],
  ['TENANT', 'USE', 'b'],
  ['TENANT', 'DROP', 'b'],
  ['TENANT', 'FLUSH', 'b'],
  ['TENANT', 'LIMIT', 'b', 'MAXKEYS', '1'],
  ['SUBSCRIBE', 'news'],
  ['PSUBSCRIBE', '*'],
  ['PUBLISH', 'news', 'from a'],
  ['MULTI'],
  ['WATCH', 'k', 'l'],
  ['EXEC'],
  ['MONITOR'],
  ['RESET'],
  ['AUTH', 'a', 'wrong'],
  ['AUTH', 'b', ''],
  ['SELECT', '0'],
  ['HELLO', '3'],
  ['SET', 'k', 'of a'],
  ['DEL', ...KEYS],
  ['RENAME', 'k', 'l'],
];

const hostile = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...attacks) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...everyName), fc.array(word, { maxLength: 4 }))
      .map(([name, rest]) => [...name, ...rest]),
  },
);

/** What answers the same in every run: no times, no ids. */
const ordinary = fc.oneof(
  fc
    .tuple(fc.constantFrom('GET', 'INCR', 'DEL', 'STRLEN', 'EXISTS', 'PERSIST', 'TTL', 'TYPE'), key)
    .map((words) => words),
  fc
    .tuple(fc.constantFrom('SET', 'APPEND', 'SETNX', 'GETSET'), key, fc.constantFrom('1', 'of b'))
    .map((words) => words),
  fc.constantFrom(
    ...[['MSET', 'k', '1', 'l', '2'], ['MGET', ...KEYS], ['DBSIZE'], ['FLUSHALL'], ['PING'], ['CLIENT', 'GETNAME']],
    ...[
      ['CLIENT', 'SETNAME', 'bee'],
      ['PUBLISH', 'news', 'from b'],
      ['PUBSUB', 'CHANNELS'],
      ['PUBSUB', 'NUMPAT'],
    ],
    ...[['WATCH', 'k'], ['MULTI'], ['EXEC'], ['DISCARD'], ['UNWATCH'], ['CONFIG', 'GET', 'maxmemory']],
    ...[
      ['TENANT', 'LIST'],
      ['TENANT', 'USE', 'a'],
      ['TENANT', 'INFO', 'a'],
      ['EXISTS', 'of a'],
      ['SLOWLOG', 'LEN'],
    ],
  ),
);

const steps = fc.array(
  fc.oneof(
    hostile.map((words): Step => ({ by: 'A', words })),
    ordinary.map((words): Step => ({ by: 'B', words })),
  ),
  { minLength: 1, maxLength: 60 },
);

function frame(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((text) => `$${Buffer.byteLength(text)}\r\n${text}\r\n`).join('')}`;
}

async function ask(connection: RawConnection, words: readonly string[]): Promise<string> {
  connection.send(frame(words));
  return (await connection.replies(1))[0].toString();
}

async function createTenant(admin: RawConnection, name: string): Promise<string> {
  return (await ask(admin, ['TENANT', 'CREATE', name])).split('\r\n')[1];
}

/** Sends and does not wait, over as many connections as it takes; now and then it comes in again. */
class Attacker {
  private connection: RawConnection | undefined;
  private sent = 0;

  constructor(
    private readonly port: number,
    private readonly token: string,
  ) {}

  async send(words: readonly string[]): Promise<void> {
    const isNew = this.connection === undefined || this.connection.isClosed;
    this.connection = isNew ? await RawConnection.open(this.port) : this.connection;
    if (isNew || this.sent++ % 8 === 0) this.connection?.send(frame(['AUTH', 'a', this.token]));
    this.connection?.send(frame(words));
  }

  async close(): Promise<void> {
    await this.connection?.[Symbol.asyncDispose]();
  }
}

/** The replies of B to its own steps, with A's steps between them or without. */
async function repliesOfB(sequence: readonly Step[], withA: boolean): Promise<string[]> {
  const server: RunningServer = await startServer({
    port: 0,
    adminPasswordHash: hashSecret(PASSWORD),
    drainTimeoutMs: 0,
  });
  const [admin, b] = [await RawConnection.open(server.port), await RawConnection.open(server.port)];
  const replies: string[] = [];
  let attacker: Attacker | undefined;
  try {
    await ask(admin, ['AUTH', PASSWORD]);
    attacker = new Attacker(server.port, await createTenant(admin, 'a'));
    assert.equal(await ask(b, ['AUTH', 'b', await createTenant(admin, 'b')]), '+OK\r\n');
    for (const { by, words } of sequence) {
      if (by === 'B') replies.push(await ask(b, words));
      else if (withA) await attacker.send(words);
    }
    replies.push(await ask(b, ['MGET', ...KEYS]), await ask(b, ['DBSIZE']));
    return replies;
  } finally {
    await attacker?.close();
    await admin[Symbol.asyncDispose]();
    await b[Symbol.asyncDispose]();
    await server.stop();
  }
}

describe('tenants beside one another', () => {
  it("whatever one tenant sends, no other tenant's replies change", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        assert.deepEqual(await repliesOfB(sequence, true), await repliesOfB(sequence, false));
      }),
      { numRuns: 60 },
    );
  }).timeout(120_000);
});
