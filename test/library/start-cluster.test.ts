/** The library's cluster: shape, failover, isolation from other clusters, and its end with the process that started it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { Cluster, Redis } from 'ioredis';
import { RedNodeError, startCluster, type ClusterOptions, type RunningCluster } from '../../src/library/index.js';
import { isProcessAlive } from '../../src/cluster/lock.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.js';
import { runScript, startScript } from './script.js';

const PATIENCE_MS = 30_000;

describe('startCluster', function () {
  this.timeout(60_000);

  describe('with 3 masters and a replica of each', () => {
    let cluster: RunningCluster<'acme'>;
    let clients: { disconnect(): void }[] = [];

    function connect(url: string): Redis {
      const client = new Redis(url, { retryStrategy: null });
      client.on('error', () => undefined);
      clients.push(client);
      return client;
    }

    function connectToAll(urls: readonly string[]): Cluster {
      const { username, password } = new URL(urls[0]);
      const client = new Cluster([...urls], { redisOptions: { username, password }, clusterRetryStrategy: () => 20 });
      client.on('error', () => undefined);
      clients.push(client);
      return client;
    }

    before(async () => {
      cluster = await startCluster({ replicas: 1, tenants: ['acme'], password: 'secret' });
    });

    after(() => cluster.stop());

    afterEach(() => {
      for (const client of clients) client.disconnect();
      clients = [];
    });

    it('is whole when it is there', async () => {
      const status = await cluster.status();
      assert.equal(status.state, 'ready');
      assert.equal(status.slotsServed, 16_384);
      assert.deepEqual(
        cluster.nodes.map(({ name, role, masterName }) => [name, role, masterName]),
        [
          ['n1', 'master', undefined],
          ['n2', 'master', undefined],
          ['n3', 'master', undefined],
          ['n4', 'replica', 'n1'],
          ['n5', 'replica', 'n2'],
          ['n6', 'replica', 'n3'],
        ],
      );
      assert.equal(
        status.nodes.reduce((count, node) => count + node.slotCount, 0),
        16_384,
      );
    });

    it('gives a URL of every node, with the password', async () => {
      assert.equal(cluster.urls.length, 6);
      assert.equal(cluster.url, cluster.urls[0]);
      for (const url of cluster.urls) assert.equal(await connect(url).ping(), 'PONG');
    });

    it('redirects clients, as a cluster does', async () => {
      const keys = Array.from({ length: 50 }, (_, index) => `key:${index}`);
      const client = connectToAll(cluster.urls);
      await Promise.all(keys.map((key) => client.set(key, key)));
      assert.deepEqual(await Promise.all(keys.map((key) => client.get(key))), keys);
      const single = connect(cluster.url);
      const answers = await Promise.allSettled(keys.map((key) => single.get(key)));
      const refusals = answers.flatMap((answer) => (answer.status === 'rejected' ? [String(answer.reason)] : []));
      assert.ok(refusals.some((refusal) => refusal.includes('MOVED ')));
    });

    it('has its tenants on every node', async () => {
      const globex = await cluster.createTenant('globex');
      const ports = cluster.nodes.map((node) => node.port);
      for (const tenant of [cluster.tenants.acme, globex]) {
        for (const port of ports) {
          const url = new URL(tenant.url);
          url.port = String(port);
          assert.equal(await connect(url.href).call('CLIENT', 'ID').then(Number.isInteger), true);
        }
      }
      const [acme, other] = [cluster.tenants.acme, globex].map(({ url }) => connectToAll([url]));
      await acme.set('k', 'of acme');
      assert.equal(await other.get('k'), null);
    });

    it('fails over when a master is killed, keeping what was acknowledged', async () => {
      const client = connectToAll(cluster.urls);
      const keys = Array.from({ length: 100 }, (_, index) => `kept:${index}`);
      await Promise.all(keys.map((key) => client.set(key, key)));
      await eventually(async () => (await cluster.status()).nodes.every((node) => node.lagBytes === 0), {
        timeoutMs: PATIENCE_MS,
      });
      const action = await cluster.kill('n1');
      assert.equal(action.promoted?.node, 'n4');
      assert.deepEqual([action.back?.role, action.back?.masterName], ['replica', 'n4']);
      assert.deepEqual(await Promise.all(keys.map((key) => client.get(key))), keys);
      const { events, nodes } = await cluster.status();
      assert.ok(events.some((event) => event.kind === 'promoted' && event.node === 'n4'));
      assert.equal(nodes.find((node) => node.name === 'n1')?.restarts, 1);
    });

    it('restarts a node', async () => {
      const before = (await cluster.status()).nodes.find((node) => node.name === 'n2');
      const action = await cluster.restart('n2');
      assert.equal(action.promoted?.node, 'n5');
      const now = (await cluster.status()).nodes.find((node) => node.name === 'n2');
      assert.notEqual(now?.pid, before?.pid);
    });

    it('names a node that there is not', async () => {
      await assert.rejects(cluster.kill('n9'), (error) => {
        assert.ok(error instanceof RedNodeError);
        assert.equal(error.code, 'NO_NODE');
        assert.equal(error.hint, '`status()` lists the nodes by name');
        return true;
      });
    });
  });

  it('starts several at once, each on ports of its own', async () => {
    const clusters = await Promise.all([1, 2, 3].map(() => startCluster({ masters: 1, replicas: 1 })));
    try {
      const ports = clusters.flatMap((cluster) => cluster.nodes.map((node) => node.port));
      assert.equal(new Set(ports).size, 6);
    } finally {
      await Promise.all(clusters.map((cluster) => cluster.stop()));
    }
  });

  it('says who has a port that it was told to use', async () => {
    const port = await freePort();
    await using _cluster = await startCluster({ masters: 1, port });
    await assert.rejects(startCluster({ masters: 1, port }), (error) => {
      assert.ok(error instanceof RedNodeError);
      assert.equal(error.code, 'PORT_IN_USE');
      assert.equal(error.hint, 'leave `port` out to take a free one');
      return true;
    });
  });

  it('gives up in time', async () => {
    await assert.rejects(startCluster({ startTimeoutMs: 1 }), (error) => {
      assert.ok(error instanceof RedNodeError);
      assert.equal(error.code, 'START_FAILED');
      assert.match(error.hint ?? '', /startTimeoutMs/);
      return true;
    });
  });

  it('answers nothing after its end', async () => {
    const cluster = await startCluster({ masters: 1 });
    await Promise.all([cluster.stop(), cluster.stop()]);
    await assert.rejects(cluster.status(), { code: 'STOPPED' });
    await assert.rejects(cluster.createTenant('late'), { code: 'STOPPED' });
  });

  const wrong: readonly (readonly [ClusterOptions, string])[] = [
    [{ masters: 0 }, 'masters is less than 1'],
    [{ replicas: 6 }, 'replicas is more than 5'],
    [{ startTimeoutMs: Infinity }, 'startTimeoutMs is not a whole number from 1 to 2147483647'],
    [{ shards: 3 } as ClusterOptions, 'there is no option shards'],
  ];
  for (const [options, reason] of wrong) {
    it(`is told of a mistake in its options: ${reason}`, async () => {
      await assert.rejects(startCluster(options), {
        code: 'BAD_OPTION',
        message: `startCluster cannot be called so: ${reason}`,
      });
    });
  }

  describe('and the process that started it', () => {
    let folder: TemporaryFolder;
    let env: Record<string, string>;
    const start = `import { startCluster } from 'LIBRARY';
      const cluster = await startCluster({ masters: 1, replicas: 1 });
      const { nodes } = await cluster.status();
      process.stdout.write(JSON.stringify(nodes.map((node) => node.pid)) + '\\n');`;

    beforeEach(async () => {
      folder = await temporaryFolder('library');
      env = { TMPDIR: folder.path, REDNODE_HOME: path.join(folder.path, 'home') };
    });

    afterEach(() => folder.remove());

    /** No process and no file is left, and the user's own folder was never made. */
    async function untilGone(pids: readonly number[]): Promise<void> {
      assert.equal(pids.length, 2);
      await eventually(() => !pids.some(isProcessAlive), { timeoutMs: PATIENCE_MS });
      await eventually(async () => (await readdir(folder.path)).filter(isOurs).length === 0, {
        timeoutMs: PATIENCE_MS,
      });
      assert.equal(existsSync(path.join(folder.path, 'home')), false);
    }

    it('ends with it, though nobody stopped it, and does not keep it alive', async () => {
      const { exitCode, stdout, stderr } = await runScript(start, env);
      assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: '' });
      await untilGone(JSON.parse(stdout) as number[]);
    });

    it('ends with it when it is killed', async () => {
      const script = startScript(`${start} setInterval(() => undefined, 1000);`, env);
      const exited = once(script, 'exit');
      if (script.stdout === null) throw new Error('the script has no output');
      const [line] = (await once(script.stdout, 'data')) as [Buffer];
      script.kill('SIGKILL');
      await exited;
      await untilGone(JSON.parse(line.toString()) as number[]);
    });

    it('is gone, with its folder, when stop resolves', async () => {
      const { stdout } = await runScript(
        `${start}
         import { readdirSync } from 'node:fs';
         await cluster.stop();
         process.stdout.write(JSON.stringify(readdirSync(process.env.TMPDIR)));`,
        env,
      );
      const [pids, left] = stdout.split('\n');
      assert.ok(!(JSON.parse(pids) as number[]).some(isProcessAlive));
      assert.deepEqual((JSON.parse(left) as string[]).filter(isOurs), []);
    });
  });
});

/** The compiler of the tests keeps its cache in the same place. */
function isOurs(name: string): boolean {
  return name.startsWith('rednode');
}
