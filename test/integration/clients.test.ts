/** Unmodified Redis clients against one node: redis-cli, ioredis and node-redis, in both protocols. */
import assert from 'node:assert/strict';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { startServer, type RunningServer } from '../../src/server/server.js';
import { eventually } from '../support/eventually.js';
import { redisAvailable } from '../support/redis-server.js';
import { redisCli, redisCliReading } from './redis-cli.js';

interface Credentials {
  readonly username?: string;
  readonly password?: string;
}

describe('Redis clients against a node', function () {
  this.timeout(20_000);
  let server: RunningServer;
  let acmeToken: string;
  /** Closes what a test has opened, however it ends: a client that is left over reconnects for ever. */
  let closers: (() => void)[] = [];

  function connectIoredis(credentials: Credentials = {}): Redis {
    // A client that is refused must not try for ever.
    const client = new Redis({ port: server.port, retryStrategy: null, ...credentials });
    closers.push(() => {
      client.disconnect();
    });
    return client;
  }

  before(async () => {
    server = await startServer({ port: 0 });
  });

  after(() => server.stop());

  // A tenant of its own for every test, and nothing in the default one.
  beforeEach(async () => {
    const admin = connectIoredis();
    await admin.flushall();
    acmeToken = String(await admin.call('TENANT', 'CREATE', 'acme'));
  });

  afterEach(async () => {
    await connectIoredis().call('TENANT', 'DROP', 'acme');
    for (const close of closers) close();
    closers = [];
  });

  describe('redis-cli', () => {
    before(function () {
      if (!redisAvailable()) this.skip();
    });

    it('sets, gets and counts', async () => {
      assert.equal(await redisCli(server.port, ['SET', 'greeting', 'hello world', 'EX', '100']), 'OK');
      assert.equal(await redisCli(server.port, ['GET', 'greeting']), 'hello world');
      assert.equal(await redisCli(server.port, ['INCRBY', 'counter', '5']), '5');
      assert.equal(await redisCli(server.port, ['GET', 'nosuch']), '');
    });

    it('runs a list of commands from standard input', async () => {
      const lines = await redisCliReading(server.port, 'SET a 1\nINCR a\nMGET a b\nFOO\n');
      // An error is followed by an empty line, and so is printed what is null.
      assert.deepEqual(
        lines.filter((line) => line !== ''),
        ['OK', '2', '2', "ERR unknown command 'FOO', with args beginning with: "],
      );
    });

    it('speaks RESP3', async () => {
      assert.match(await redisCli(server.port, ['-3', 'INFO', 'server']), /redis_version:/);
      assert.equal(await redisCli(server.port, ['-3', '--json', 'MGET', 'a', 'b']), '[null,null]');
    });

    it('loads many keys through --pipe and walks them by --scan', async () => {
      const count = 1000;
      const lines = Array.from({ length: count }, (_, index) => `SET pipe:${index} ${index}\r\n`).join('');
      const summary = await redisCliReading(server.port, lines, ['--pipe']);
      assert.ok(summary.includes(`errors: 0, replies: ${count}`), summary.join('\n'));
      const keys = await redisCli(server.port, ['--scan', '--pattern', 'pipe:*']);
      assert.equal(new Set(keys.split('\n')).size, count);
    });

    it('is a tenant with --user and --pass', async () => {
      const asAcme = ['--no-auth-warning', '--user', 'acme', '--pass', acmeToken];
      assert.equal(await redisCli(server.port, [...asAcme, 'SET', 'own', 'acme']), 'OK');
      assert.equal(await redisCli(server.port, [...asAcme, 'GET', 'own']), 'acme');
      assert.equal(await redisCli(server.port, ['GET', 'own']), '');
      const withUrl = ['-u', `redis://acme:${acmeToken}@127.0.0.1:${server.port}`, '--no-auth-warning'];
      assert.equal(await redisCli(server.port, [...withUrl, 'DBSIZE']), '1');
    });
  });

  describe('ioredis', () => {
    let client: Redis;

    beforeEach(() => {
      client = connectIoredis();
    });

    it('sets, gets, expires and counts', async () => {
      assert.equal(await client.set('k', 'v', 'EX', 100), 'OK');
      assert.equal(await client.get('k'), 'v');
      assert.ok((await client.ttl('k')) > 90);
      assert.equal(await client.persist('k'), 1);
      assert.equal(await client.ttl('k'), -1);
      assert.equal(await client.incrby('n', 41), 41);
      assert.equal(await client.incr('n'), 42);
      await assert.rejects(client.incr('k'), /value is not an integer or out of range/);
    });

    it('reads and writes many keys', async () => {
      await client.mset({ a: '1', b: '2' });
      assert.deepEqual(await client.mget('a', 'nosuch', 'b'), ['1', null, '2']);
      assert.equal(await client.del('a', 'b', 'nosuch'), 2);
    });

    it('keeps bytes as they are', async () => {
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
      await client.set(bytes, bytes);
      assert.deepEqual(await client.getBuffer(bytes), bytes);
    });

    it('runs a pipeline in order', async () => {
      const pipeline = client.pipeline();
      for (let index = 0; index < 1000; index++) pipeline.set(`p:${index}`, String(index)).get(`p:${index}`);
      const results = (await pipeline.exec()) ?? [];
      assert.equal(results.length, 2000);
      results.forEach(([error, value], index) => {
        assert.equal(error, null);
        assert.equal(value, index % 2 === 0 ? 'OK' : String((index - 1) / 2));
      });
    });

    it('scans every key exactly once', async () => {
      const expected = Array.from({ length: 500 }, (_, index) => `scan:${index}`);
      await client.mset(Object.fromEntries(expected.map((key) => [key, ''])));
      const seen: string[] = [];
      for await (const keys of client.scanStream({ match: 'scan:*', count: 50 })) seen.push(...(keys as string[]));
      assert.deepEqual(seen.sort(), expected.sort());
    });

    it('subscribes, also by pattern, and publishes', async () => {
      const subscriber = connectIoredis();
      const messages: string[] = [];
      subscriber.on('message', (channel, message) => messages.push(`${channel}=${message}`));
      subscriber.on('pmessage', (pattern, channel, message) => messages.push(`${pattern}:${channel}=${message}`));
      await subscriber.subscribe('news');
      await subscriber.psubscribe('n*');
      assert.equal(await client.publish('news', 'hello'), 2);
      await eventually(() => {
        assert.deepEqual(messages.sort(), ['n*:news=hello', 'news=hello']);
      });
    });

    it('is a tenant with username and password, apart from the others', async () => {
      const acme = connectIoredis({ username: 'acme', password: acmeToken });
      await acme.set('shared-name', 'of acme');
      await client.set('shared-name', 'of default');
      assert.equal(await acme.get('shared-name'), 'of acme');
      assert.equal(await client.get('shared-name'), 'of default');
      assert.equal(await acme.dbsize(), 1);
      await acme.flushdb();
      assert.equal(await client.get('shared-name'), 'of default');
    });

    it('is refused with a wrong token', async () => {
      const stranger = connectIoredis({ username: 'acme', password: 'wrong' });
      const refusal = new Promise<Error>((resolve) => stranger.once('error', resolve));
      assert.match((await refusal).message, /WRONGPASS/);
    });
  });

  for (const protocol of [2, 3] as const) {
    describe(`node-redis with RESP${protocol}`, () => {
      const create = (credentials = '') => {
        const url = `redis://${credentials}127.0.0.1:${server.port}`;
        const client = createClient({ url, RESP: protocol, socket: { reconnectStrategy: false } });
        client.on('error', () => undefined);
        closers.push(() => {
          if (client.isOpen) client.destroy();
        });
        return client;
      };
      const connect = (credentials = '') => create(credentials).connect();
      let client: Awaited<ReturnType<typeof connect>>;

      beforeEach(async () => {
        client = await connect();
      });

      it('sets, gets, expires and counts', async () => {
        assert.equal(await client.set('k', 'v', { expiration: { type: 'EX', value: 100 } }), 'OK');
        assert.equal(await client.get('k'), 'v');
        assert.ok((await client.ttl('k')) > 90);
        assert.equal(await client.expire('k', 1000, 'GT'), 1);
        assert.equal(await client.incr('n'), 1);
        assert.equal(await client.getDel('n'), '1');
        assert.equal(await client.get('n'), null);
      });

      it('reads and writes many keys in one tick as a pipeline', async () => {
        await client.mSet({ a: '1', b: '2' });
        assert.deepEqual(await client.mGet(['a', 'nosuch', 'b']), ['1', null, '2']);
        const values = await Promise.all(Array.from({ length: 500 }, (_, index) => client.incrBy('sum', index)));
        assert.equal(values.at(-1), (499 * 500) / 2);
      });

      it('scans every key exactly once', async () => {
        const expected = Array.from({ length: 200 }, (_, index) => `scan:${index}`);
        await client.mSet(Object.fromEntries(expected.map((key) => [key, 'x'])));
        const seen: string[] = [];
        for await (const keys of client.scanIterator({ MATCH: 'scan:*', COUNT: 20 })) seen.push(...keys);
        assert.deepEqual(seen.sort(), expected.sort());
      });

      it('subscribes, also by pattern, and publishes', async () => {
        const subscriber = await connect();
        const messages: string[] = [];
        await subscriber.subscribe('news', (message, channel) => messages.push(`${channel}=${message}`));
        await subscriber.pSubscribe('n*', (message, channel) => messages.push(`n*:${channel}=${message}`));
        assert.equal(await client.publish('news', 'hello'), 2);
        await eventually(() => {
          assert.deepEqual(messages.sort(), ['n*:news=hello', 'news=hello']);
        });
        await subscriber.unsubscribe('news');
        assert.equal(await client.publish('news', 'again'), 1);
      });

      it('is a tenant with a URL that names it', async () => {
        const acme = await connect(`acme:${acmeToken}@`);
        await acme.set('only-mine', 'x');
        assert.equal(await acme.get('only-mine'), 'x');
        assert.equal(await client.exists('only-mine'), 0);
        await assert.rejects(create('acme:wrong@').connect(), /WRONGPASS/);
      });
    });
  }
});
