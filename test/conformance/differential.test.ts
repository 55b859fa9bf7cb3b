/** Whatever sequence of data commands both servers are sent, they answer alike and end in the same state. */
import assert from 'node:assert/strict';
import { startServer, type RunningServer } from '../../src/server/server.js';
import { showCall } from '../support/command-words.js';
import { redisAvailable, startRedis, type RedisServer } from '../support/redis-server.js';
import { freshSeed, SeededRandom } from '../support/random-source.js';
import { shrinkList } from '../support/shrink.js';
import { comparedCommands, firstDifference, randomCalls, type Call } from './differential.js';

/** DIFFERENTIAL_ROUNDS=5000 looks longer; DIFFERENTIAL_SEED repeats a run. */
const ROUNDS = Number(process.env.DIFFERENTIAL_ROUNDS ?? 60);
const CALLS_PER_ROUND = 60;
const FIXED_SEED = 7;
const TIMEOUT_MS = 60_000 + ROUNDS * 1000;

describe('random commands, played to redis-server and to RedNode', function () {
  this.timeout(TIMEOUT_MS);
  let redis: RedisServer | undefined;
  let rednode: RunningServer | undefined;

  before(async function () {
    if (!redisAvailable()) this.skip();
    redis = await startRedis(['--databases', '1']);
    rednode = await startServer({ port: 0 });
  });

  after(async () => {
    await redis?.stop();
    await rednode?.stop();
  });

  async function compare(seed: number): Promise<void> {
    assert.ok(redis !== undefined && rednode !== undefined);
    const ports = { redis: redis.port, rednode: rednode.port };
    for (let round = 0; round < ROUNDS; round++) {
      const random = new SeededRandom(seed + round);
      const protocol = round % 2 === 0 ? 2 : 3;
      const calls = randomCalls(random, CALLS_PER_ROUND);
      if ((await firstDifference(ports, calls, protocol)) === undefined) continue;
      const differs = async (some: readonly Call[]): Promise<boolean> =>
        (await firstDifference(ports, some, protocol)) !== undefined;
      const fewest = await shrinkList(calls, differs);
      const difference = await firstDifference(ports, fewest, protocol);
      assert.fail(
        `seed ${seed + round}, RESP${protocol}\n${fewest.map(showCall).join('\n')}\n-> ${difference ?? 'not every time'}`,
      );
    }
  }

  it('covers the commands of the data families', () => {
    const names = comparedCommands().map(({ fullName }) => fullName);
    assert.ok(names.length > 40, `${names.length} commands`);
    for (const name of ['SET', 'BITFIELD', 'EXPIRE', 'COPY']) assert.ok(names.includes(name), name);
  });

  it('are answered alike, with a fixed seed', () => compare(FIXED_SEED));

  it('are answered alike, with a seed of today', () => compare(Number(process.env.DIFFERENTIAL_SEED ?? freshSeed())));
});
