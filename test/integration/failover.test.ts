/** Faults of real node processes: killed, hung, restarted, alone and together, with writes going on. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Cluster } from 'ioredis';
import { isProcessAlive } from '../../src/cluster/lock.js';
import { eventually } from '../support/eventually.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { builtNodeEntry, FaultCluster, faultOptions, PATIENCE_MS, WriteLoad } from './fault-cluster.js';

const COUNTERS = 20;
const launcherProgram = fileURLToPath(new URL('../cluster/launcher-process.ts', import.meta.url));

/** Keys that no other test uses, spread over all masters. */
function keysOf(test: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${test}:${index}`);
}

async function readsAll(client: Cluster, expected: ReadonlyMap<string, string>): Promise<void> {
  const values = await Promise.all([...expected.keys()].map((key) => client.get(key)));
  assert.deepEqual(values, [...expected.values()]);
}

async function writeAll(client: Cluster, keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
  await Promise.all(keys.map((key) => client.set(key, `value of ${key}`)));
  return new Map(keys.map((key) => [key, `value of ${key}`]));
}

/** Waits until every replica has applied all that its master has logged. */
async function replicated(cluster: FaultCluster): Promise<void> {
  for (const master of cluster.masters) {
    const offset = async (name: string): Promise<string | undefined> =>
      /master_repl_offset:(\d+)/.exec(await cluster.connectTo(name).info('replication'))?.[1];
    for (const replica of cluster.replicasOf(master.name)) {
      await eventually(async () => {
        assert.equal(await offset(replica.name), await offset(master.name));
      });
    }
  }
}

describe('faults of a cluster', function () {
  this.timeout(2 * PATIENCE_MS);
  this.slow(10_000);

  describe('of two masters with a replica each', () => {
    let cluster: FaultCluster;

    before(async () => {
      cluster = await FaultCluster.start(2, 1);
    });

    afterEach(() => {
      cluster.closeClients();
    });

    after(async () => {
      await cluster[Symbol.asyncDispose]();
    });

    it('a master killed amid writes is replaced by its in-sync replica and comes back as its replica', async () => {
      const [master] = cluster.masters;
      const [heir] = cluster.replicasOf(master.name);
      const client = cluster.client();
      const load = new WriteLoad(client, COUNTERS);
      await load.goesOn(100);
      await cluster.killed(master.name);
      await load.goesOn(100);
      const counters = await load.stop();
      assert.deepEqual(cluster.node(heir.name).slots, master.slots);
      assert.equal(cluster.node(master.name).masterName, heir.name);
      assert.equal(cluster.events('data-lost').length, 0);
      await replicated(cluster);
      const replica = cluster.connectTo(master.name);
      const sizes = await Promise.all([replica.dbsize(), cluster.connectTo(heir.name).dbsize()]);
      assert.equal(sizes[0], sizes[1]);
      assert.ok(sizes[0] > 0);
      for (const [key, value] of counters) assert.ok(Number(await client.get(key)) >= value, key);
    });

    it('restarts of masters amid writes lose no acknowledged write', async () => {
      const client = cluster.client();
      const load = new WriteLoad(client, COUNTERS);
      for (const { name } of cluster.masters) {
        await load.goesOn(100);
        const result = await cluster.launcher.restart(name);
        assert.equal(result.back?.masterName, result.promoted?.node);
        assert.ok(result.promoted !== undefined);
      }
      await load.goesOn(100);
      const counters = await load.stop();
      assert.deepEqual(load.lost, []);
      for (const [key, value] of counters) assert.ok(Number(await client.get(key)) >= value, key);
      assert.equal(cluster.events('data-lost').length, 0);
    });

    it('tenants, and what they hold, survive the restart of a master and the death of a replica', async () => {
      const [master, other] = cluster.masters;
      const token = String(await cluster.connectTo(master.name).call('TENANT', 'CREATE', 'acme'));
      const acme = { username: 'acme', password: token };
      const written = await writeAll(cluster.client(acme), keysOf('tenant', 50));
      await cluster.launcher.restart(master.name);
      const [replica] = cluster.replicasOf(other.name);
      await cluster.killed(replica.name);
      for (const { name } of cluster.nodes) assert.equal(await cluster.connectTo(name, acme).ping(), 'PONG');
      await readsAll(cluster.client(acme), written);
      assert.equal(await cluster.client().get('tenant:0'), null);
    });

    it('what expires on a master is deleted on its replica by the stream, also after a takeover', async () => {
      const [before] = cluster.masters;
      await cluster.killed(before.name);
      const client = cluster.client();
      await Promise.all(keysOf('brief', 100).map((key) => client.set(key, 'x', 'PX', 100)));
      const statistic = async (name: string): Promise<number> =>
        Number(/expired_keys:(\d+)/.exec(await cluster.connectTo(name).info('stats'))?.[1]);
      for (const master of cluster.masters) {
        await eventually(async () => (await statistic(master.name)) > 0);
        await replicated(cluster);
        const [replica] = cluster.replicasOf(master.name);
        await eventually(async () => {
          const sizes = [master.name, replica.name].map((name) => cluster.connectTo(name).dbsize());
          assert.deepEqual(new Set(await Promise.all(sizes)).size, 1);
          assert.deepEqual(await cluster.connectTo(replica.name).keys('brief:*'), []);
        });
        assert.equal(await statistic(replica.name), 0);
      }
    });

    it('a replica killed during its full sync begins it anew, and ends with all keys', async () => {
      const [master] = cluster.masters;
      const [replica] = cluster.replicasOf(master.name);
      const node = cluster.connectTo(master.name);
      const client = cluster.client();
      // Tens of megabytes: the transfer takes some hundred turns of the event loop.
      const value = Buffer.alloc(256 * 1024, 'x');
      await Promise.all(keysOf('large', 120).map((key) => client.set(key, value)));
      const former = cluster.node(replica.name).pid;
      cluster.signal([replica.name], 'SIGKILL');
      const second = await eventually(
        () => {
          const { pid, health } = cluster.node(replica.name);
          return pid !== former && health === 'syncing' && pid;
        },
        { timeoutMs: PATIENCE_MS },
      );
      process.kill(Number(second), 'SIGKILL');
      await cluster.whole(new Set([former, Number(second)]));
      await replicated(cluster);
      assert.equal(await cluster.connectTo(replica.name).dbsize(), await node.dbsize());
      assert.equal(cluster.events('data-lost').length, 0);
      await client.flushall();
    });
  });

  describe('of one master with two replicas', () => {
    let cluster: FaultCluster;
    let client: Cluster;

    before(async () => {
      cluster = await FaultCluster.start(1, 2);
    });

    beforeEach(() => {
      client = cluster.client();
    });

    afterEach(() => {
      cluster.closeClients();
    });

    after(async () => {
      await cluster[Symbol.asyncDispose]();
    });

    it('a promoted replica is followed by its sibling after a partial sync, and by the former master after a full one', async () => {
      const [master] = cluster.masters;
      const written = await writeAll(client, keysOf('sync', 200));
      await replicated(cluster);
      await cluster.killed(master.name);
      const [promoted] = cluster.masters;
      const [sibling] = cluster.replicasOf(promoted.name).filter(({ name }) => name !== master.name);
      assert.equal(cluster.node(sibling.name).report?.lastSync?.kind, 'partial');
      assert.equal(cluster.node(master.name).report?.lastSync?.kind, 'full');
      await readsAll(client, written);
    });

    it('a master and a replica killed at once leave the other replica to take over with all data', async () => {
      const [master] = cluster.masters;
      const [victim, survivor] = cluster.replicasOf(master.name);
      const written = await writeAll(client, keysOf('pair', 200));
      await replicated(cluster);
      await cluster.killed(master.name, victim.name);
      assert.equal(cluster.node(survivor.name).role, 'master');
      assert.equal(cluster.events('data-lost').length, 0);
      await readsAll(client, written);
    });

    it('a master restarted while its replicas are still coming back waits for one, and loses nothing', async () => {
      const [master] = cluster.masters;
      const replicas = cluster.replicasOf(master.name).map(({ name }) => name);
      const written = await writeAll(client, keysOf('early', 200));
      cluster.signal(replicas, 'SIGKILL');
      await eventually(() => cluster.nodes.every(({ role, health }) => role === 'master' || health !== 'online'));
      const result = await cluster.launcher.restart(master.name);
      assert.ok(replicas.includes(result.promoted?.node ?? ''));
      await cluster.whole();
      await readsAll(client, written);
    });
  });

  describe('of one master with one replica', () => {
    let cluster: FaultCluster;

    before(async () => {
      cluster = await FaultCluster.start(1, 1, { nodeTimeoutMs: 3_000 });
    });

    after(async () => {
      await cluster[Symbol.asyncDispose]();
    });

    it('a master that hangs is killed after the node timeout and replaced', async () => {
      const [master] = cluster.masters;
      const { pid } = cluster.node(master.name);
      const client = cluster.client();
      const written = await writeAll(client, keysOf('hung', 50));
      await replicated(cluster);
      cluster.signal([master.name], 'SIGSTOP');
      await cluster.whole(new Set([pid]));
      assert.equal(isProcessAlive(pid), false);
      assert.match(cluster.events('node-died').join('\n'), /has said nothing for \d/);
      assert.notEqual(cluster.masters[0].name, master.name);
      await readsAll(client, written);
    });

    it('a master without a replica in sync comes back empty, and an event says that its data is lost', async () => {
      const [master] = cluster.masters;
      const [replica] = cluster.replicasOf(master.name);
      const client = cluster.client();
      await writeAll(client, keysOf('lost', 50));
      await cluster.killed(replica.name, master.name);
      const lost = cluster.events('data-lost');
      assert.equal(lost.length, 1);
      assert.match(lost[0], /the data of 16384 slots is lost/);
      assert.equal(await cluster.connectTo(cluster.masters[0].name).dbsize(), 0);
      await readsAll(client, await writeAll(client, keysOf('after', 50)));
    });
  });

  it('a launcher killed by SIGKILL leaves none of its nodes', async () => {
    await using folder = await temporaryFolder('orphans');
    const words = [JSON.stringify(await faultOptions(folder.path, 1, 1)), builtNodeEntry];
    const launcher = spawn(process.execPath, ['--import', 'tsx', launcherProgram, ...words], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, REDNODE_HOME: folder.path },
    });
    const [line] = (await once(launcher.stdout, 'data', { signal: AbortSignal.timeout(PATIENCE_MS) })) as [Buffer];
    const pids = JSON.parse(line.toString()) as number[];
    assert.deepEqual(pids.map(isProcessAlive), [true, true]);
    launcher.kill('SIGKILL');
    await eventually(() => !pids.some(isProcessAlive), { timeoutMs: PATIENCE_MS });
  });
});
