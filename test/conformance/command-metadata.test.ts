/** What follows from the grammar of a command is what Redis says of it: arity, flags and key positions. */
import assert from 'node:assert/strict';
import { Redis } from 'ioredis';
import { startServer, type RunningServer } from '../../src/server/server.js';
import { redisAvailable, startRedis, type RedisServer } from '../support/redis-server.js';

/** The first six fields of a row of COMMAND INFO, its key specifications, and its subcommands by name. */
interface Metadata {
  readonly name: string;
  readonly arity: number;
  readonly flags: readonly string[];
  readonly keys: readonly [first: number, last: number, step: number];
  readonly keySpecs: readonly unknown[];
  readonly subcommands: ReadonlyMap<string, Metadata>;
}

type Row = readonly [string, number, string[], number, number, number, string[], string[], unknown[], (Row | null)[]];

/** Where Redis derives a flag from what RedNode does not have (its key specifications, its module API). */
const UNCOMPARED_FLAGS = new Set(['movablekeys']);

/** Different on purpose. */
const DELIBERATE: Partial<Record<'arity' | 'flags' | 'keys' | 'keySpecs', readonly string[]>> = {
  // The keys of a slot are found by a walk that is answered late, which a transaction cannot wait for.
  // A tenant may list its own connections, so it takes no admin.
  // The same holds for its slow commands. What is about the whole node is the admin's alone.
  flags: [
    'cluster|countkeysinslot',
    'cluster|getkeysinslot',
    'client|list',
    'client|kill',
    'client|unblock',
    'monitor',
    'slowlog|get',
    'slowlog|len',
    'slowlog|reset',
    'memory|stats',
    'memory|doctor',
    'memory|malloc-stats',
    'memory|purge',
  ],
};

function metadataOf(row: Row): Metadata {
  const [name, arity, flags, first, last, step] = row;
  const subcommands = row[9].filter((child) => child !== null).map(metadataOf);
  return {
    name,
    arity,
    flags: flags.filter((flag) => !UNCOMPARED_FLAGS.has(flag)).sort(),
    keys: [first, last, step],
    keySpecs: row[8],
    subcommands: new Map(subcommands.map((child) => [child.name, child])),
  };
}

async function commandsOf(port: number): Promise<Map<string, Metadata>> {
  const client = new Redis({ port });
  const rows = (await client.call('COMMAND')) as Row[];
  client.disconnect();
  return new Map(rows.map((row) => [row[0], metadataOf(row)]));
}

describe('command metadata', function () {
  this.timeout(20_000);
  let redis: RedisServer | undefined;
  let rednode: RunningServer | undefined;

  before(async function () {
    if (!redisAvailable()) this.skip();
    redis = await startRedis();
    rednode = await startServer({ port: 0 });
  });

  after(async () => {
    await rednode?.stop();
    await redis?.stop();
  });

  for (const field of ['arity', 'flags', 'keys', 'keySpecs'] as const) {
    it(`has the ${field} that Redis has, for every command and subcommand that both know`, async () => {
      assert.ok(redis !== undefined && rednode !== undefined);
      const [expected, actual] = await Promise.all([commandsOf(redis.port), commandsOf(rednode.port)]);
      const differing: string[] = [];
      const compare = (theirs: Metadata | undefined, ours: Metadata): void => {
        if (theirs === undefined) return;
        const [wanted, found] = [theirs[field], ours[field]].map((value) => JSON.stringify(value));
        if (wanted !== found && DELIBERATE[field]?.includes(ours.name) !== true)
          differing.push(`${ours.name}: redis ${wanted}, rednode ${found}`);
        for (const [name, child] of ours.subcommands) compare(theirs.subcommands.get(name), child);
      };
      for (const [name, ours] of actual) compare(expected.get(name), ours);
      assert.ok(actual.size > 40, `only ${actual.size} commands`);
      assert.deepEqual(differing, []);
    });
  }
});
