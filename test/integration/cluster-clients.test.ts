/** Unmodified cluster clients against a cluster of three masters and three replicas: redis-cli -c, ioredis, node-redis. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { Cluster, Redis } from 'ioredis';
import { createCluster } from 'redis';
import { startCluster, type Launcher } from '../../src/cluster/launcher.js';
import type { NodeStatus } from '../../src/cluster/types.js';
import { messageOf } from '../../src/errors.js';
import { eventually } from '../support/eventually.js';
import { freePortBlock } from '../support/free-port.js';
import { redisAvailable } from '../support/redis-server.js';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.js';
import { redisCli, redisCliReading } from './redis-cli.js';

interface Credentials {
  readonly username?: string;
  readonly password?: string;
}

const START_TIMEOUT_MS = 60_000;
const KEY_COUNT = 300;

/** Enough keys that every master owns some. */
const keys = Array.from({ length: KEY_COUNT }, (_, index) => `key:${index}`);

describe('Redis clients against a cluster', function () {
  this.timeout(START_TIMEOUT_MS + 10_000);
  let folder: TemporaryFolder;
  let launcher: Launcher;
  let nodes: readonly NodeStatus[];
  let masters: readonly NodeStatus[];
  let acmeToken: string;
  /** Closes what a test has opened, however it ends: a client that is left over reconnects for ever. */
  let closers: (() => void)[] = [];

  function connectTo(port: number, options: { readonly readOnly?: boolean } = {}): Redis {
    const client = new Redis({ port, ...options });
    // Its commands tell what fails; without this, every attempt to reach a killed node is printed.
    client.on('error', () => undefined);
    closers.push(() => {
      client.disconnect();
    });
    return client;
  }

  function connectIoredis(
    options: { readonly scaleReads?: 'slave'; readonly redisOptions?: Credentials } = {},
  ): Cluster {
    const client = new Cluster([{ host: '127.0.0.1', port: masters[0].port }], options);
    closers.push(() => {
      client.disconnect();
    });
    return client;
  }

  before(async () => {
    folder = await temporaryFolder('cluster-clients');
    launcher = await startCluster(
      {
        name: 'clients',
        masters: 3,
        replicasPerMaster: 1,
        host: '127.0.0.1',
        port: await freePortBlock(6),
        portIsExplicit: false,
        directory: path.join(folder.path, 'clients'),
        ephemeral: true,
        startTimeoutMs: START_TIMEOUT_MS,
        maxMemoryBytes: 0,
        logLevel: 'info',
      },
      () => undefined,
    );
    nodes = launcher.status().nodes;
    masters = nodes.filter((node) => node.role === 'master');
    acmeToken = String(await connectTo(masters[0].port).call('TENANT', 'CREATE', 'acme'));
  });

  after(async () => {
    await launcher.stop();
    await folder.remove();
  });

  beforeEach(async () => {
    for (const { port } of masters) await connectTo(port).flushall();
  });

  afterEach(() => {
    for (const close of closers) close();
    closers = [];
  });

  describe('redis-cli', () => {
    before(function () {
      if (!redisAvailable()) this.skip();
    });

    it('follows MOVED with -c', async () => {
      const script = keys.slice(0, 50).map((key) => `SET ${key} x`);
      const replies = await redisCliReading(masters[0].port, `${script.join('\n')}\n`, ['-c']);
      assert.equal(replies.filter((reply) => reply === 'OK').length, script.length);
      assert.ok(
        replies.every((reply) => reply === 'OK' || reply.startsWith('-> Redirected to slot')),
        replies.join('\n'),
      );
    });

    it('is told MOVED without -c', async () => {
      const replies = await redisCliReading(
        masters[0].port,
        keys
          .slice(0, 50)
          .map((key) => `GET ${key}\n`)
          .join(''),
      );
      assert.ok(
        replies.some((reply) => /^MOVED \d+ 127\.0\.0\.1:\d+$/.test(reply)),
        replies.join('\n'),
      );
    });

    it('finds every slot covered', async () => {
      const report = await redisCli(masters[0].port, ['--cluster', 'check', `127.0.0.1:${masters[0].port}`]);
      assert.match(report, /All 16384 slots covered/);
      assert.doesNotMatch(report, /\[ERR\]/);
    });
  });

  describe('ioredis', () => {
    it('writes and reads on every master without knowing them beforehand', async () => {
      const client = connectIoredis();
      await Promise.all(keys.map((key) => client.set(key, `value of ${key}`, 'EX', 100)));
      const values = await Promise.all(keys.map((key) => client.get(key)));
      assert.deepEqual(
        values,
        keys.map((key) => `value of ${key}`),
      );
      const sizes = await Promise.all(client.nodes('master').map((node) => node.dbsize()));
      assert.equal(sizes.length, 3);
      assert.equal(
        sizes.reduce((sum, size) => sum + size, 0),
        KEY_COUNT,
      );
      assert.ok(
        sizes.every((size) => size > 0),
        sizes.join(),
      );
    });

    it('keeps keys of one hash tag together', async () => {
      const client = connectIoredis();
      await client.mset({ '{user:1}.name': 'ada', '{user:1}.mail': 'a@b' });
      assert.deepEqual(await client.mget('{user:1}.name', '{user:1}.mail'), ['ada', 'a@b']);
    });

    it('reads what was written from the replicas', async () => {
      const client = connectIoredis({ scaleReads: 'slave' });
      await Promise.all(keys.map((key) => client.set(key, 'x')));
      await eventually(async () => {
        const values = await Promise.all(keys.map((key) => client.get(key)));
        assert.ok(values.every((value) => value === 'x'));
      });
    });

    it('is a tenant on every node', async () => {
      const acme = connectIoredis({ redisOptions: { username: 'acme', password: acmeToken } });
      const admin = connectIoredis();
      await Promise.all(keys.map((key) => acme.set(key, 'acme')));
      assert.deepEqual(new Set(await Promise.all(keys.map((key) => acme.get(key)))), new Set(['acme']));
      assert.deepEqual(new Set(await Promise.all(keys.map((key) => admin.get(key)))), new Set([null]));
    });
  });

  for (const protocol of [2, 3] as const) {
    describe(`node-redis with RESP${protocol}`, () => {
      const connect = (defaults: Credentials = {}) => {
        const rootNodes = [{ url: `redis://127.0.0.1:${masters[0].port}` }];
        const client = createCluster({ rootNodes, RESP: protocol, defaults });
        client.on('error', () => undefined);
        closers.push(() => {
          if (client.isOpen) client.destroy();
        });
        return client.connect();
      };

      it('writes and reads on every master without knowing them beforehand', async () => {
        const client = await connect();
        await Promise.all(keys.map((key) => client.set(key, `value of ${key}`)));
        assert.deepEqual(
          await Promise.all(keys.map((key) => client.get(key))),
          keys.map((key) => `value of ${key}`),
        );
        assert.equal(await client.expire(keys[0], 100), 1);
        assert.ok((await client.ttl(keys[0])) > 90);
        assert.equal(client.masters.length, 3);
      });

      it('is a tenant on every node', async () => {
        const acme = await connect({ username: 'acme', password: acmeToken });
        await Promise.all(keys.map((key) => acme.set(key, 'acme')));
        assert.deepEqual(new Set(await Promise.all(keys.map((key) => acme.get(key)))), new Set(['acme']));
      });
    });
  }

  it('serves READONLY reads on the replica of a key and refuses writes there', async () => {
    const writer = connectIoredis();
    await writer.set('replicated', 'yes');
    const outcomes = new Set<string>();
    for (const { port, role } of nodes) {
      if (role !== 'replica') continue;
      const replica = connectTo(port, { readOnly: true });
      await eventually(async () => {
        outcomes.add(await replica.get('replicated').then(String, (error: unknown) => messageOf(error).split(' ')[0]));
        return outcomes.has('yes') || outcomes.has('MOVED');
      });
      await assert.rejects(replica.set('replicated', 'no'), /MOVED|READONLY/);
    }
    assert.deepEqual(outcomes, new Set(['yes', 'MOVED']));
  });

  it('removes keys that expire from the memory of replicas, though nobody asks for them', async () => {
    const writer = connectIoredis();
    await Promise.all(keys.map((key) => writer.set(key, 'soon gone', 'PX', 300)));
    const replicas = nodes.filter((node) => node.role === 'replica').map(({ port }) => connectTo(port));
    await eventually(async () => {
      const sizes = await Promise.all(replicas.map((replica) => replica.dbsize()));
      return sizes.every((size) => size === 0);
    });
  });

  // Last: it changes which nodes are masters.
  describe('through a failover', () => {
    it('ioredis and node-redis go on writing, and nothing that was acknowledged before is lost', async () => {
      const client = connectIoredis();
      const nodeRedis = createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${masters[0].port}` }] });
      nodeRedis.on('error', () => undefined);
      closers.push(() => {
        if (nodeRedis.isOpen) nodeRedis.destroy();
      });
      await nodeRedis.connect();
      await Promise.all(keys.map((key) => client.set(key, 'before')));
      await eventually(() => launcher.status().nodes.every((node) => (node.lagBytes ?? 0) === 0));
      const { promoted } = await launcher.kill(masters[1].name);
      assert.notEqual(promoted, undefined);
      assert.deepEqual(new Set(await Promise.all(keys.map((key) => client.get(key)))), new Set(['before']));
      for (const write of [
        (key: string) => client.set(key, 'ioredis'),
        (key: string) => nodeRedis.set(key, 'node-redis'),
      ]) {
        // A write that was under way on the killed node may fail; the next one has to find the new master.
        for (const key of keys) await eventually(async () => (await write(key)) === 'OK');
      }
      assert.deepEqual(new Set(await Promise.all(keys.map((key) => client.get(key)))), new Set(['node-redis']));
      if (redisAvailable()) assert.match(await redisCli(masters[0].port, ['-c', 'GET', keys[0]]), /node-redis/);
    });
  });
});
