/** Plays every script of scripts/ to redis-server and to RedNode, in both protocols, and compares the replies byte for byte. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { startServer, type RunningServer } from '../../src/server/server.js';
import { redisAvailable, startRedis, type RedisServer } from '../support/redis-server.js';
import { describeDifferences, differences } from './comparison.js';
import { play } from './player.js';
import { readScript, type Script } from './script.js';

/** A failed step waits for a reply that does not come; several may fail in one script. */
const SCRIPT_TIMEOUT_MS = 120_000;
const scriptFolder = path.join(import.meta.dirname, 'scripts');

/** Of one kind: open, or asking for a password. */
interface Pair {
  readonly redis: RedisServer;
  readonly rednode: RunningServer;
}

const pairs = new Map<string | undefined, Pair>();

async function pairFor(password: string | undefined): Promise<Pair> {
  const known = pairs.get(password);
  if (known !== undefined) return known;
  // One database, as in RedNode.
  const redis = await startRedis(['--databases', '1', ...(password === undefined ? [] : ['--requirepass', password])]);
  const hash = password === undefined ? undefined : createHash('sha256').update(password).digest('hex');
  const rednode = await startServer({
    port: 0,
    // Answers to wrong passwords are the same, but need not be waited for.
    authDelayMs: 0,
    ...(hash === undefined ? {} : { adminPasswordHash: hash }),
  });
  const pair = { redis, rednode };
  pairs.set(password, pair);
  return pair;
}

async function assertSameReplies(script: Script, protocol: 2 | 3): Promise<void> {
  const { redis, rednode } = await pairFor(script.password);
  const expected = await play(script, { port: redis.port, password: script.password }, protocol);
  const actual = await play(script, { port: rednode.port, password: script.password }, protocol);
  const found = differences(expected, actual);
  assert.equal(found.length, 0, describeDifferences(script.name, found));
}

describe('conformance with redis-server', function () {
  this.timeout(SCRIPT_TIMEOUT_MS);

  before(function () {
    if (!redisAvailable()) {
      process.stderr.write('  skipped: redis-server is not installed, so there is nothing to compare with\n');
      this.skip();
    }
  });

  after(async () => {
    for (const { redis, rednode } of pairs.values()) {
      await redis.stop();
      await rednode.stop();
    }
  });

  for (const file of readdirSync(scriptFolder).filter((name) => name.endsWith('.txt'))) {
    const script = readScript(path.join(scriptFolder, file), file);
    for (const protocol of script.protocols) {
      it(`${file} is answered with the same bytes in RESP${protocol}`, () => assertSameReplies(script, protocol));
    }
  }
});
