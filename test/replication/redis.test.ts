import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { encodeCommand } from '../../src/resp/encode.js';
import { eventually } from '../support/eventually.js';
import { RawConnection } from '../support/raw-connection.js';
import { redisAvailable, startRedis } from '../support/redis-server.js';
import { TestNode, untilInSync } from './test-node.js';

/** Where redis-server is not installed these are reported as pending. */
const describeWithRedis = redisAvailable() ? describe : describe.skip;

describeWithRedis('replication with redis-server at the other end', function () {
  this.timeout(30_000);

  it('redis-server follows a RedNode master: full sync, then the log', async () => {
    const master = new TestNode('master');
    for (let index = 0; index < 2_000; index++) master.write(0, 'SET', `key:${String(index)}`, 'x'.repeat(100));
    const server = createServer((socket) => master.feed(socket, 'redis')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    const redis = await startRedis([
      '--replicaof',
      `127.0.0.1 ${String(address.port)}`,
      '--repl-diskless-load',
      'disabled',
    ]);
    try {
      await using connection = await RawConnection.open(redis.port);
      const ask = async (...words: string[]): Promise<string> => {
        connection.send(encodeCommand(words));
        return (await connection.reply()).toString('latin1');
      };
      await eventually(() => [...master.master.feeds].some(({ state }) => state === 'streaming'), {
        timeoutMs: 20_000,
      });
      const [feed] = master.master.feeds;
      master.write(3, 'SET', 'later', 'value', 'PXAT', '4102444800000');
      await eventually(() => feed.ackOffset === master.log.endOffset);
      assert.equal(feed.isInSync, true);
      assert.equal(await ask('DBSIZE'), ':2000\r\n');
      await ask('SELECT', '3');
      assert.equal(await ask('GET', 'later'), '$5\r\nvalue\r\n');
      assert.equal(await ask('PEXPIRETIME', 'later'), ':4102444800000\r\n');
    } finally {
      await redis.stop();
      server.close();
      master.close();
    }
  });

  for (const transfer of ['yes', 'no']) {
    it(`a RedNode replica follows redis-server, with repl-diskless-sync ${transfer}`, async () => {
      const redis = await startRedis([
        '--repl-diskless-sync',
        transfer,
        '--repl-diskless-sync-delay',
        '0',
        '--repl-ping-replica-period',
        '1',
      ]);
      const replica = new TestNode('replica');
      try {
        await using connection = await RawConnection.open(redis.port);
        const ask = async (...words: string[]): Promise<string> => {
          connection.send(encodeCommand(words));
          return (await connection.reply()).toString('latin1');
        };
        for (let index = 0; index < 1_000; index++)
          connection.send(encodeCommand(['SET', `key:${String(index)}`, 'y'.repeat(index)]));
        await connection.replies(1_000);
        const link = replica.follow(connect({ host: redis.host, port: redis.port }));
        await untilInSync(link, 20_000);
        assert.equal(link.lastSync?.kind, 'full');
        await ask('SELECT', '4');
        await ask('SET', 'later', 'value');
        await eventually(() => replica.state().get('4/later') === 'value until -1');
        assert.equal(replica.state().size, 1_001);
        link.close();
        await ask('SET', 'while away', 'value');
        const again = replica.follow(connect({ host: redis.host, port: redis.port }));
        await eventually(() => replica.state().has('4/while away'), { timeoutMs: 10_000 });
        await untilInSync(again);
        assert.equal(again.lastSync?.kind, 'partial');
      } finally {
        replica.close();
        await redis.stop();
      }
    });
  }
});
