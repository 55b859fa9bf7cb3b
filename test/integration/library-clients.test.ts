/**
 * Unmodified libraries on top of Redis clients, doing what they are for: against a node, against a cluster, and as a tenant of
 * each. What of them needs EVAL, which is not there yet, is named where it is left out.
 */
import assert from 'node:assert/strict';
import KeyvRedis from '@keyv/redis';
import { createCache } from 'cache-manager';
import { RedisStore } from 'connect-redis';
import type { SessionData } from 'express-session';
import { Cluster, Redis } from 'ioredis';
import { Cluster as ValkeyCluster, Redis as Valkey } from 'iovalkey';
import { Keyv } from 'keyv';
import { RateLimiterRedis, RateLimiterRedisNonAtomic, type RateLimiterRes } from 'rate-limiter-flexible';
import { createClient, createCluster } from 'redis';
import { startCluster, startServer, type RunningCluster, type RunningServer } from '../../src/library/index.js';
import { eventually } from '../support/eventually.js';

interface Place {
  readonly name: string;
  readonly isCluster: boolean;
  /** Entered with the credentials of the place. */
  readonly url: () => string;
}

interface HasDisconnect {
  disconnect(): void;
}

let server: RunningServer<'acme'>;
let cluster: RunningCluster<'acme'>;
/** Closes what a test has opened, however it ends: a client that is left over reconnects for ever. */
let closers: (() => void)[] = [];

const places: readonly Place[] = [
  { name: 'a node', isCluster: false, url: () => server.url },
  { name: 'a cluster', isCluster: true, url: () => cluster.url },
  { name: 'a tenant of a node', isCluster: false, url: () => server.tenants.acme.url },
  { name: 'a tenant of a cluster', isCluster: true, url: () => cluster.tenants.acme.url },
];

function credentialsOf(place: Place): { username?: string; password?: string } {
  const { username, password } = new URL(place.url());
  return username === '' ? {} : { username, password };
}

function closeLater<T extends HasDisconnect>(client: T): T {
  closers.push(() => {
    client.disconnect();
  });
  return client;
}

function ioredis(place: Place): Redis | Cluster {
  if (!place.isCluster) return closeLater(new Redis(place.url()));
  return closeLater(new Cluster([place.url()], { redisOptions: credentialsOf(place) }));
}

function iovalkey(place: Place): Valkey | ValkeyCluster {
  if (!place.isCluster) return closeLater(new Valkey(place.url()));
  return closeLater(new ValkeyCluster([place.url()], { redisOptions: credentialsOf(place) }));
}

function nodeRedisCluster(place: Place) {
  return createCluster({ rootNodes: [{ url: place.url() }], defaults: credentialsOf(place) });
}

async function nodeRedis(place: Place) {
  const client = place.isCluster ? nodeRedisCluster(place) : createClient({ url: place.url() });
  client.on('error', () => undefined);
  await client.connect();
  closers.push(() => {
    client.destroy();
  });
  return client;
}

describe('libraries that stand on Redis clients', function () {
  this.timeout(60_000);

  before(async () => {
    server = await startServer({ tenants: ['acme'] });
    cluster = await startCluster({ masters: 3, replicas: 1, tenants: ['acme'] });
  });

  after(async () => {
    await server.stop();
    await cluster.stop();
  });

  afterEach(() => {
    for (const close of closers) close();
    closers = [];
  });

  for (const place of places) {
    describe(`on ${place.name}`, () => {
      const prefix = place.name.replaceAll(' ', '-');
      const others = places.filter((other) => other.isCluster === place.isCluster && other !== place);

      afterEach(async () => {
        for (const home of [place, ...others]) {
          const client = ioredis(home);
          const masters = client instanceof Cluster ? await mastersOf(client) : [client];
          for (const master of masters) await master.flushdb();
        }
      });

      describe('iovalkey', () => {
        it('sets with a time to live, counts, and pipelines', async () => {
          const client = iovalkey(place);
          assert.equal(await client.set('{a}k', 'v', 'PX', 60_000), 'OK');
          assert.ok((await client.pttl('{a}k')) > 50_000);
          const results = await client.pipeline().incr('{a}n').incrby('{a}n', 41).get('{a}k').exec();
          assert.deepEqual(results, [
            [null, 1],
            [null, 42],
            [null, 'v'],
          ]);
        });

        it('runs a transaction, and gives one up whose watched key has changed', async () => {
          const client = iovalkey(place);
          const results = await client.multi().set('{a}x', '1').incr('{a}x').exec();
          assert.deepEqual(results, [
            [null, 'OK'],
            [null, 2],
          ]);
          if (place.isCluster) return;
          const other = iovalkey(place);
          await client.watch('{a}x');
          await other.set('{a}x', '10');
          assert.equal(await client.multi().incr('{a}x').exec(), null);
          assert.equal(await client.get('{a}x'), '10');
        });

        it('publishes to its own subscribers and to no other tenant', async () => {
          // All on one node: that is where a message stays.
          const connect = (where: Place) => closeLater(new Valkey(where.url()));
          const [subscriber, stranger] = [connect(place), connect(others[0])];
          const heard: string[] = [];
          subscriber.on('message', (channel: string, message: string) => heard.push(`${channel}=${message}`));
          stranger.on('message', (_channel: string, message: string) => heard.push(`stranger=${message}`));
          await subscriber.subscribe('news');
          await stranger.subscribe('news');
          await connect(place).publish('news', 'hello');
          await connect(others[0]).publish('news', 'of others');
          await eventually(() => heard.length === 2);
          assert.deepEqual(heard.sort(), ['news=hello', 'stranger=of others']);
        });
      });

      describe('keyv with @keyv/redis', () => {
        async function keyv(namespace: string): Promise<Keyv> {
          const client = await nodeRedis(place);
          const store = new KeyvRedis(client as never, { namespace });
          const cache = new Keyv({ store, namespace, useKeyPrefix: false });
          cache.on('error', (error: unknown) => {
            throw error;
          });
          return cache;
        }

        it('keeps values for their time to live', async () => {
          const cache = await keyv('kept');
          await cache.set('user:1', { name: 'ada' }, 60_000);
          await cache.set('short', 'lived', 20);
          assert.deepEqual(await cache.get('user:1'), { name: 'ada' });
          assert.equal(await cache.has('user:1'), true);
          await eventually(async () => (await cache.get('short')) === undefined);
          assert.equal(await cache.delete('user:1'), true);
          assert.equal(await cache.get('user:1'), undefined);
        });

        it('sets, gets, deletes and clears many, each namespace for itself', async () => {
          const [one, two] = [await keyv('one'), await keyv('two')];
          const keys = Array.from({ length: 30 }, (_, index) => `k${index}`);
          await one.setMany(keys.map((key) => ({ key, value: key.toUpperCase(), ttl: 60_000 })));
          await two.set('k0', 'of two');
          assert.deepEqual(
            await one.getMany(keys),
            keys.map((key) => key.toUpperCase()),
          );
          assert.deepEqual(await one.deleteMany(['k1', 'k2']), true);
          assert.deepEqual(await one.getMany(['k0', 'k1', 'k2']), ['K0', undefined, undefined]);
          await one.clear();
          assert.equal(await one.get('k0'), undefined);
          assert.equal(await two.get('k0'), 'of two');
        });
      });

      describe('cache-manager', () => {
        it('wraps a function, so that it is called once within the time to live', async () => {
          const store = new KeyvRedis((await nodeRedis(place)) as never, { namespace: prefix });
          const cache = createCache({
            stores: [new Keyv({ store, namespace: prefix, useKeyPrefix: false })],
            ttl: 60_000,
          });
          let calls = 0;
          const load = async (): Promise<{ calls: number }> => ({ calls: ++calls });
          assert.deepEqual(await cache.wrap('answer', load), { calls: 1 });
          assert.deepEqual(await cache.wrap('answer', load), { calls: 1 });
          await cache.mset([
            { key: 'a', value: 1 },
            { key: 'b', value: 2 },
          ]);
          assert.deepEqual(await cache.mget(['a', 'b', 'nosuch']), [1, 2, undefined]);
          assert.equal(await cache.del('a'), true);
          assert.equal(await cache.get('a'), undefined);
          await cache.clear();
          assert.equal(await cache.get('b'), undefined);
          assert.deepEqual(await cache.wrap('answer', load), { calls: 2 });
        });
      });

      describe('connect-redis, the session store of Express', () => {
        const session = (name: string) =>
          ({ name, cookie: { originalMaxAge: null } }) as unknown as SessionData & { name: string };

        it('stores sessions, lists, touches and destroys them', async () => {
          const client = await nodeRedis(place);
          const store = new RedisStore({ client: client as never, prefix: 'sess:', ttl: 100 });
          await store.set('s1', session('ada'));
          await store.set('s2', session('grace'));
          assert.deepEqual(await store.get('s1'), session('ada'));
          assert.deepEqual(((await store.ids()) as string[]).sort(), ['s1', 's2']);
          assert.equal(await store.length(), 2);
          await client.expire('sess:s1', 10);
          await store.touch('s1', session('ada'));
          assert.ok((await client.ttl('sess:s1')) > 90);
          await store.destroy('s1');
          assert.equal(await store.get('s1'), null);
          assert.deepEqual(await store.ids(), ['s2']);
        });
      });

      describe('rate-limiter-flexible', () => {
        // RateLimiterRedis counts in a script, so its consume() needs EVAL; its non-atomic sibling does with transactions.
        for (const client of ['ioredis', 'node-redis'] as const) {
          it(`lets through what is allowed and refuses the rest, with ${client}`, async () => {
            const storeClient = client === 'ioredis' ? ioredis(place) : await nodeRedis(place);
            const options = {
              storeClient,
              points: 3,
              duration: 60,
              keyPrefix: prefix,
              useRedisPackage: client !== 'ioredis',
            };
            const limiter = new RateLimiterRedisNonAtomic(options);
            for (const left of [2, 1, 0]) assert.equal((await limiter.consume('ada')).remainingPoints, left);
            await assert.rejects(limiter.consume('ada'), ({ msBeforeNext }: RateLimiterRes) => {
              assert.ok(msBeforeNext > 50_000 && msBeforeNext <= 60_000);
              return true;
            });
            assert.equal((await limiter.consume('grace')).remainingPoints, 2);
            assert.equal((await limiter.get('ada'))?.consumedPoints, 4);
            assert.equal(await limiter.delete('ada'), true);
            assert.equal(await limiter.get('ada'), null);
          });
        }

        it('blocks, and tells how long, without a script', async () => {
          const limiter = new RateLimiterRedis({
            storeClient: ioredis(place),
            points: 3,
            duration: 60,
            keyPrefix: prefix,
          });
          await limiter.block('ada', 30);
          const found = await limiter.get('ada');
          assert.equal(found?.consumedPoints, 4);
          assert.ok(found.msBeforeNext > 20_000 && found.msBeforeNext <= 30_000);
        });
      });
    });
  }
});

/** Connections to the masters, once the client knows them. */
async function mastersOf(client: Cluster): Promise<readonly Redis[]> {
  await client.ping();
  return client.nodes('master');
}
