/** Transactions in a cluster of real processes: our own client, ioredis and node-redis, replicas, and a master that dies amid them. */
import assert from 'node:assert/strict';
import { Cluster, Redis } from 'ioredis';
import { createCluster } from 'redis';
import type { ClientTransaction } from '../../src/client/transaction.js';
import { RoutingClient } from '../../src/client/routing-client.js';
import type { Reply } from '../../src/resp/reply.js';
import { eventually } from '../support/eventually.js';
import { FaultCluster, PATIENCE_MS } from './fault-cluster.js';

const CROSS_SLOT = "CROSSSLOT Keys in request don't hash to the same slot";

describe('transactions in a cluster', function () {
  this.timeout(2 * PATIENCE_MS);
  let cluster: FaultCluster;
  let client: RoutingClient;
  const closers: (() => Promise<void> | void)[] = [];

  before(async () => {
    cluster = await FaultCluster.start(2, 1);
    client = await RoutingClient.connect({
      endpoint: { host: '127.0.0.1', port: cluster.masters[0].port },
      connectTimeoutMs: 5_000,
      commandTimeoutMs: 5_000,
    });
  });

  after(async () => {
    for (const close of closers) await close();
    await client.close();
    await cluster[Symbol.asyncDispose]();
  });

  const run = async (transaction: ClientTransaction, line: string): Promise<unknown> => {
    const words = line.split(' ');
    const runner = transaction.takes(words) ? transaction : client;
    return plain((await runner.execute(words)).reply);
  };
  const runAll = async (transaction: ClientTransaction, ...lines: string[]): Promise<unknown[]> => {
    const replies: unknown[] = [];
    for (const line of lines) replies.push(await run(transaction, line));
    return replies;
  };
  /** Two keys of which the masters have one each. */
  const keysApart = (): [string, string] => {
    const keys = Array.from({ length: 100 }, (_, index) => `k${index}`);
    const other = keys.find((key) => client.nodeFor(key)?.name !== client.nodeFor(keys[0])?.name);
    assert.ok(other !== undefined);
    return [keys[0], other];
  };

  it('of the own client go to the node of their first key, and what came before it goes along', async () => {
    for (const key of keysApart()) {
      const transaction = client.transaction();
      const node = client.nodeFor(key)?.name;
      assert.deepEqual(await runAll(transaction, 'MULTI', 'PING', 'ECHO x', `SET ${key} 1`, `INCR ${key}`), [
        'OK',
        'QUEUED',
        'QUEUED',
        'QUEUED',
        'QUEUED',
      ]);
      // Commands of others go their own way meanwhile.
      assert.equal((await client.execute(['PING'])).reply.type, 'simple');
      const executed = await transaction.execute(['EXEC']);
      assert.deepEqual([plain(executed.reply), executed.nodes], [['PONG', 'x', 'OK', 2], [node]]);
    }
  });

  it('of the own client refuse a key of another slot, and run nothing then', async () => {
    const [here, there] = keysApart();
    const transaction = client.transaction();
    assert.deepEqual(await runAll(transaction, 'MULTI', `SET ${here} 7`, `SET ${there} 7`, 'EXEC', `GET ${here}`), [
      'OK',
      'QUEUED',
      CROSS_SLOT,
      'EXECABORT Transaction discarded because of previous errors.',
      '2',
    ]);
    assert.deepEqual(await runAll(transaction, `WATCH ${here} ${there}`, 'MULTI', 'EXEC', 'EXEC', 'DISCARD'), [
      CROSS_SLOT,
      'OK',
      [],
      'ERR EXEC without MULTI',
      'ERR DISCARD without MULTI',
    ]);
  });

  it('of the own client watch keys, also against changes of its own', async () => {
    const [key] = keysApart();
    const transaction = client.transaction();
    assert.deepEqual(await runAll(transaction, `WATCH ${key}`, `SET ${key} 1`, 'MULTI', `GET ${key}`, 'EXEC'), [
      'OK',
      'OK',
      'OK',
      'QUEUED',
      null,
    ]);
    assert.deepEqual(
      await runAll(transaction, `WATCH ${key}`, 'UNWATCH', `SET ${key} 2`, 'MULTI', `GET ${key}`, 'EXEC'),
      ['OK', 'OK', 'OK', 'OK', 'QUEUED', ['2']],
    );
    assert.deepEqual(await runAll(transaction, 'MULTI', `SET ${key} 3`, 'DISCARD', `GET ${key}`), [
      'OK',
      'QUEUED',
      'OK',
      '2',
    ]);
  });

  it('do not get onto the connections that the client shares', async () => {
    for (const words of [['MULTI'], ['WATCH', 'k'], ['MONITOR'], ['CLIENT', 'REPLY', 'OFF']]) {
      await assert.rejects(client.execute(words), { code: 'OWN_CONNECTION_NEEDED' });
    }
    assert.equal(plain((await client.execute(['EXEC'])).reply), 'ERR EXEC without MULTI');
  });

  it('over several slots are refused by the node, too', async () => {
    const [here] = keysApart();
    const redis = new Redis(cluster.masters.find(({ name }) => name === client.nodeFor(here)?.name)?.port ?? 0);
    closers.push(() => {
      redis.disconnect();
    });
    const sameNode = Array.from({ length: 100 }, (_, index) => `j${index}`).find(
      (key) => client.nodeFor(key)?.name === client.nodeFor(here)?.name,
    );
    assert.ok(sameNode !== undefined);
    await redis.call('MULTI');
    assert.equal(await redis.call('SET', here, '9'), 'QUEUED');
    assert.equal(await redis.call('SET', sameNode, '9'), 'QUEUED');
    await assert.rejects(redis.call('EXEC'), { message: CROSS_SLOT });
    assert.equal(await redis.get(here), '2');
    await redis.call('MULTI');
    const [, elsewhere] = keysApart();
    await assert.rejects(redis.call('SET', elsewhere, '1'), /^ReplyError: MOVED /);
    await assert.rejects(redis.call('EXEC'), /EXECABORT/);
  });

  it('of ioredis and node-redis run', async () => {
    const { port } = cluster.masters[0];
    const ioredis = new Cluster([{ host: '127.0.0.1', port }]);
    // The master that is killed later is still known to it.
    ioredis.on('error', () => undefined);
    const nodeRedis = createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${port}` }] });
    await nodeRedis.connect();
    closers.push(
      () => {
        ioredis.disconnect();
      },
      () => nodeRedis.close(),
    );
    for (const tag of keysApart()) {
      const pairs = await ioredis.multi().set(`{${tag}}a`, '1').incr(`{${tag}}a`).get(`{${tag}}a`).exec();
      assert.deepEqual(pairs, [
        [null, 'OK'],
        [null, 2],
        [null, '2'],
      ]);
      assert.deepEqual(await nodeRedis.multi().set(`{${tag}}b`, '1').incr(`{${tag}}b`).exec(), ['OK', 2]);
    }
  });

  it('are never seen in part on a replica, nor after it has taken over from a master that died amid them', async () => {
    const [key] = keysApart();
    const master = client.nodeFor(key)?.name ?? '';
    const [replica] = cluster.replicasOf(master);
    const writer = new Cluster([{ host: '127.0.0.1', port: cluster.masters[0].port }]);
    writer.on('error', () => undefined);
    const reader = new Redis(replica.port);
    reader.on('error', () => undefined);
    closers.push(
      () => {
        writer.disconnect();
      },
      () => {
        reader.disconnect();
      },
    );
    await reader.call('READONLY');
    const names = Array.from({ length: 20 }, (_, index) => `{${key}}:${index}`);
    const stop = new AbortController();
    const writing = (async (): Promise<void> => {
      for (let round = 1; !stop.signal.aborted; round++) {
        const multi = writer.multi();
        for (const name of names) multi.set(name, `${round}:${'x'.repeat(5_000)}`);
        // While there is no master some fail: what counts is what they leave behind.
        await multi.exec().catch(() => undefined);
      }
    })();
    const roundsSeen = new Set<string>();
    const assertWhole = async (from: { mget(names: string[]): Promise<(string | null)[]> }): Promise<void> => {
      const rounds = new Set((await from.mget(names)).map((value) => value?.split(':')[0] ?? 'none'));
      assert.equal(rounds.size, 1, `a mixture of the rounds ${[...rounds].join()}`);
      for (const round of rounds) roundsSeen.add(round);
    };
    await eventually(
      async () => {
        await assertWhole(reader);
        return roundsSeen.size > 20;
      },
      { timeoutMs: PATIENCE_MS },
    );
    process.kill(cluster.node(master).pid, 'SIGKILL');
    await eventually(() => cluster.node(replica.name).role === 'master', { timeoutMs: PATIENCE_MS });
    const promoted = new Redis(replica.port);
    closers.push(() => {
      promoted.disconnect();
    });
    await assertWhole(promoted);
    stop.abort();
    await writing;
    await assertWhole(promoted);
  });
});

/** A reply as a plain value. */
function plain(reply: Reply): unknown {
  switch (reply.type) {
    case 'bulk':
      return reply.value.toString();
    case 'array':
      return reply.items.map(plain);
    case 'null':
      return null;
    case 'integer':
      return Number(reply.value);
    default:
      return 'value' in reply ? reply.value : reply.type;
  }
}
