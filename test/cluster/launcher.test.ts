import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import { listClusters, openCluster, purgeCluster } from '../../src/cluster/directory.js';
import { isProcessAlive } from '../../src/cluster/lock.js';
import type { Launcher } from '../../src/cluster/launcher.js';
import { readState } from '../../src/cluster/state-file.js';
import type { ClusterOptions, NodeStatus } from '../../src/cluster/types.js';
import { RedNodeError } from '../../src/errors.js';
import { eventually } from '../support/eventually.js';
import { FakeClusters } from './fake-cluster.js';

/** Below those that the system gives to outgoing connections: who was given a block finds it free again. */
const STEADY_PORTS = [20_000, 30_000] as const;

function nodeOf(launcher: Launcher, name: string): NodeStatus {
  const node = launcher.status().nodes.find((candidate) => candidate.name === name);
  assert.ok(node);
  return node;
}

function pidOf(launcher: Launcher, name: string): number {
  const { pid } = nodeOf(launcher, name);
  assert.ok(pid !== undefined);
  return pid;
}

function isReady(launcher: Launcher): boolean {
  return launcher.status().state === 'ready';
}

function hasCode(code: string, exitCode: number): (error: unknown) => boolean {
  return (error) => error instanceof RedNodeError && error.code === code && error.exitCode === exitCode;
}

describe('cluster launcher', function () {
  this.timeout(60_000);
  this.slow(10_000);

  it('is ready when every node serves, every slot has a master and every replica is in sync', async () => {
    await using clusters = await FakeClusters.create();
    const launcher = await clusters.start();
    const status = launcher.status();
    assert.equal(status.state, 'ready');
    assert.equal(status.slotsServed, 16_384);
    assert.deepEqual(
      status.nodes.map(({ name, role, health, masterName }) => [name, role, health, masterName]),
      [
        ['n1', 'master', 'online', undefined],
        ['n2', 'master', 'online', undefined],
        ['n3', 'replica', 'online', 'n1'],
        ['n4', 'replica', 'online', 'n2'],
      ],
    );
    const ended = clusters.steps.filter((step) => step.phase === 'end').map((step) => step.name);
    assert.deepEqual(ended, ['ports', 'placement', 'processes', 'replication']);
    assert.match(readFileSync(clusters.logFile('n4'), 'utf8'), /linked to n2/);
    assert.equal(statSync(clusters.logFile('n4')).mode & 0o777, 0o600);
  });

  it('leaves no process behind when it is stopped', async () => {
    await using clusters = await FakeClusters.create();
    const launcher = await clusters.start();
    const pids = launcher.status().nodes.map((node) => node.pid ?? 0);
    await launcher.stop();
    await launcher.stopped;
    assert.deepEqual(pids.filter(isProcessAlive), []);
  });

  it('promotes the in-sync replica of a master that is killed, and takes the dead node back as its replica', async () => {
    await using clusters = await FakeClusters.create();
    const launcher = await clusters.start();
    const { epoch } = launcher.status();
    const before = nodeOf(launcher, 'n2').slots;
    const result = await launcher.kill('n2');
    assert.deepEqual([result.promoted?.node, result.promoted?.slots], ['n4', before]);
    assert.deepEqual([result.back?.role, result.back?.masterName], ['replica', 'n4']);
    assert.deepEqual(result.back?.sync, { kind: 'full', bytes: 7 });
    assert.equal(launcher.status().state, 'ready');
    assert.ok(launcher.status().epoch > epoch);
    assert.equal(nodeOf(launcher, 'n2').restarts, 1);
    assert.match(readFileSync(clusters.logFile('n4'), 'utf8'), /role master/);
  });

  it('promotes the replica with the highest offset, and has the other replicas follow it', async () => {
    await using clusters = await FakeClusters.create();
    const launcher = await clusters.start(
      { masters: 1, replicasPerMaster: 2 },
      { n2: { offset: 5 }, n3: { offset: 9 } },
    );
    const result = await launcher.kill('n1');
    assert.equal(result.promoted?.node, 'n3');
    await eventually(() => isReady(launcher), { timeoutMs: 20_000 });
    assert.equal(nodeOf(launcher, 'n2').masterName, 'n3');
    assert.match(readFileSync(clusters.logFile('n2'), 'utf8'), /linked to n3/);
  });

  it('restarts a master without replicas with its slots, and says plainly that its data is lost', async () => {
    await using clusters = await FakeClusters.create();
    const launcher = await clusters.start({ replicasPerMaster: 0 });
    const before = nodeOf(launcher, 'n1').slots;
    const result = await launcher.kill('n1');
    assert.equal(result.promoted, undefined);
    assert.equal(result.back?.role, 'master');
    assert.deepEqual(nodeOf(launcher, 'n1').slots, before);
    const lost = launcher.status().events.find((event) => event.kind === 'data-lost');
    assert.match(lost?.message ?? '', /n1 died and it has no replica: the data of \d+ slots is lost/);
  });

  it('keeps the ports for TLS from run to run, also over one without TLS', async () => {
    await using clusters = await FakeClusters.create();
    const tls = { certFile: '/node.crt', keyFile: '/node.key', authClients: 'no' } as const;
    const run = async (changes: Partial<ClusterOptions>): Promise<[number[], (number | undefined)[]]> => {
      const launcher = await clusters.start({ port, ...changes });
      const { nodes } = launcher.status();
      await launcher.stop();
      return [nodes.map((node) => node.port), nodes.map((node) => node.tlsPort)];
    };
    const port = randomInt(...STEADY_PORTS);
    const [ports, tlsPorts] = await run({ tls });
    assert.equal(new Set([...ports, ...tlsPorts]).size, 8);
    assert.ok(!tlsPorts.includes(undefined));
    assert.deepEqual(await run({}), [ports, [undefined, undefined, undefined, undefined]]);
    assert.deepEqual(await run({ tls }), [ports, tlsPorts]);
  });

  it('takes other ports for TLS when those of the last run are taken', async () => {
    await using clusters = await FakeClusters.create();
    const tls = { certFile: '/node.crt', keyFile: '/node.key', authClients: 'no' } as const;
    const first = await clusters.start({ tls, port: randomInt(...STEADY_PORTS) });
    const { port, tlsPort } = nodeOf(first, 'n1');
    await first.stop();
    const holder = createServer().listen(tlsPort, '127.0.0.1');
    await once(holder, 'listening');
    const second = await clusters.start({ tls, port });
    assert.equal(nodeOf(second, 'n1').port, port);
    assert.notEqual(nodeOf(second, 'n1').tlsPort, tlsPort);
    holder.close();
  });

  it('restarts a replica that is killed without changing any slot', async () => {
    await using clusters = await FakeClusters.create();
    const launcher = await clusters.start();
    const result = await launcher.kill('n3');
    assert.equal(result.promoted, undefined);
    assert.deepEqual([result.back?.role, result.back?.masterName], ['replica', 'n1']);
  });

  it('hands the slots of a master over before it restarts it', async () => {
    await using clusters = await FakeClusters.create();
    const launcher = await clusters.start();
    const result = await launcher.restart('n1');
    assert.equal(result.promoted?.node, 'n3');
    assert.deepEqual([result.back?.role, result.back?.masterName], ['replica', 'n3']);
    assert.notEqual(pidOf(launcher, 'n1'), result.pid);
    assert.deepEqual(
      launcher.status().events.filter((event) => event.kind === 'node-died'),
      [],
    );
  });

  it('promotes the next in-sync replica when the first one dies as it is promoted', async () => {
    await using clusters = await FakeClusters.create();
    const launcher = await clusters.start(
      { masters: 1, replicasPerMaster: 2 },
      { n2: { offset: 9, dieWhenPromoted: true }, n3: { offset: 5 } },
    );
    const result = await launcher.kill('n1');
    assert.equal(result.promoted?.node, 'n3');
    await eventually(() => isReady(launcher), { timeoutMs: 20_000 });
    const { events } = launcher.status();
    assert.deepEqual(
      events.filter(({ kind }) => kind === 'promoted' || kind === 'data-lost').map(({ node }) => node),
      ['n3'],
    );
  });

  it('leaves a master in place that no replica catches up with, and says so', async () => {
    await using clusters = await FakeClusters.create();
    const launcher = await clusters.start({}, { n1: { offset: 100 }, n3: { offset: 99 } }, { takeoverTimeoutMs: 200 });
    const pid = pidOf(launcher, 'n1');
    await assert.rejects(launcher.restart('n1'), hasCode('TAKEOVER_FAILED', 5));
    assert.deepEqual([nodeOf(launcher, 'n1').role, pidOf(launcher, 'n1')], ['master', pid]);
    assert.ok(isReady(launcher));
    assert.match(readFileSync(clusters.logFile('n1'), 'utf8'), /role replica\nrole master/);
  });

  it('refuses to restart a master while none of its replicas comes into sync', async () => {
    await using clusters = await FakeClusters.create();
    const launcher = await clusters.start({}, {}, { settleTimeoutMs: 2_000 });
    const pid = pidOf(launcher, 'n1');
    clusters.behave({ n3: { neverSync: true } });
    await launcher.kill('n3');
    await assert.rejects(launcher.restart('n1'), hasCode('NOT_IN_SYNC', 5));
    assert.equal(pidOf(launcher, 'n1'), pid);
  });

  it('kills a node that falls silent and replaces it', async () => {
    await using clusters = await FakeClusters.create();
    const launcher = await clusters.start({}, {}, { nodeTimeoutMs: 1_000 });
    const pid = pidOf(launcher, 'n1');
    process.kill(pid, 'SIGUSR2');
    await eventually(() => nodeOf(launcher, 'n3').role === 'master', { timeoutMs: 20_000 });
    await eventually(() => isReady(launcher), { timeoutMs: 20_000 });
    assert.equal(isProcessAlive(pid), false);
    assert.ok(launcher.status().events.some((event) => event.message.includes('has said nothing for')));
  });

  it('tells every node of a new tenant before it answers, and keeps the tenant over a restart of the cluster', async () => {
    await using clusters = await FakeClusters.create();
    const launcher = await clusters.start();
    process.kill(pidOf(launcher, 'n3'), 'SIGUSR1');
    await eventually(() => readFileSync(clusters.logFile('n3'), 'utf8').includes('tenant-changed done'));
    for (const node of ['n1', 'n2', 'n3', 'n4'])
      assert.match(readFileSync(clusters.logFile(node), 'utf8'), /tenant put acme/);
    process.kill(pidOf(launcher, 'n1'), 'SIGUSR1');
    await eventually(() =>
      readFileSync(clusters.logFile('n1'), 'utf8').includes("tenant-changed ERR tenant 'acme' exists"),
    );
    await launcher.stop();
    const again = await clusters.start();
    assert.deepEqual(again.status().tenants, ['default', 'acme']);
  });

  it('starts a stopped cluster with the identity and the ports that it had', async () => {
    await using clusters = await FakeClusters.create();
    const first = await clusters.start();
    await first.kill('n1');
    const identity = (launcher: Launcher): unknown =>
      launcher.status().nodes.map(({ name, id, port }) => [name, id, port]);
    const [before, epoch] = [identity(first), first.status().epoch];
    await first.stop();
    const second = await clusters.start();
    assert.deepEqual(identity(second), before);
    assert.equal(nodeOf(second, 'n1').role, 'master');
    assert.ok(second.status().epoch > epoch);
  });

  it('refuses another shape than the kept one, and says what to do', async () => {
    await using clusters = await FakeClusters.create();
    await (await clusters.start()).stop();
    await assert.rejects(clusters.start({ masters: 3 }), (error) => {
      assert.ok(error instanceof RedNodeError);
      assert.equal(error.message, 'cluster test has 2 masters + 2 replicas, not 3 masters + 3 replicas');
      assert.match(error.hint ?? '', /rednode cluster down test --purge/);
      return true;
    });
    await (await clusters.start()).stop();
  });

  it('refuses to run twice', async () => {
    await using clusters = await FakeClusters.create();
    await clusters.start();
    await assert.rejects(clusters.start(), hasCode('CLUSTER_RUNNING', 4));
  });

  it('leaves nothing behind when a node cannot start, and shows the end of its log', async () => {
    await using clusters = await FakeClusters.create();
    await assert.rejects(clusters.start({}, { n3: { failStart: 'PORT_IN_USE' } }), (error) => {
      assert.ok(error instanceof RedNodeError);
      assert.deepEqual([error.code, error.exitCode], ['START_FAILED', 4]);
      assert.match(error.context.node, /^n3 127\.0\.0\.1:\d+$/);
      assert.match(error.context.log, /cannot listen on port/);
      return true;
    });
    assert.equal(existsSync(clusters.options().directory), false);
    assert.deepEqual(await listClusters(clusters.home), []);
  });

  it('leaves nothing behind when a node dies at once', async () => {
    await using clusters = await FakeClusters.create();
    await assert.rejects(clusters.start({}, { n2: { dieAtOnce: true } }), (error) => {
      assert.ok(error instanceof RedNodeError);
      assert.match(error.message, /n2 exited/);
      assert.match(error.context.log, /this node dies on purpose/);
      return true;
    });
    assert.equal(existsSync(clusters.options().directory), false);
  });

  it('takes the death of a starting node by SIGINT for the interruption that it is', async () => {
    await using clusters = await FakeClusters.create();
    await assert.rejects(clusters.start({}, { n2: { dieOfSignal: 'SIGINT' } }), hasCode('INTERRUPTED', 130));
    assert.equal(existsSync(clusters.options().directory), false);
  });

  it('leaves nothing behind when the signal comes before anything has started', async () => {
    await using clusters = await FakeClusters.create();
    const others = process.listenerCount('SIGTERM');
    const refused = assert.rejects(clusters.start(), hasCode('INTERRUPTED', 143));
    const waitForLauncher = (): void => {
      if (process.listenerCount('SIGTERM') > others) process.emit('SIGTERM', 'SIGTERM');
      else setImmediate(waitForLauncher);
    };
    waitForLauncher();
    await refused;
    assert.equal(existsSync(clusters.options().directory), false);
    assert.deepEqual(await listClusters(clusters.home), []);
  });

  it('removes what a killed start has left when the next one fails, and nothing else', async () => {
    await using clusters = await FakeClusters.create();
    const { directory } = clusters.options();
    mkdirSync(directory, { recursive: true });
    for (const name of ['n1.log', 'n1.log.old', 'notes.txt']) writeFileSync(join(directory, name), '');
    await assert.rejects(clusters.start({}, { n2: { dieAtOnce: true } }));
    assert.deepEqual(readdirSync(directory), ['notes.txt']);
    rmSync(join(directory, 'notes.txt'));
    await assert.rejects(clusters.start({}, { n2: { dieAtOnce: true } }));
    assert.equal(existsSync(directory), false);
  });

  it('leaves Ctrl-C to a shell, and tells as soon as a signal stops it', async () => {
    await using clusters = await FakeClusters.create();
    const launcher = await clusters.start({ masters: 1, replicasPerMaster: 0 });
    launcher.leaveCtrlC();
    process.emit('SIGINT', 'SIGINT');
    assert.equal(launcher.ending.aborted, false);
    process.emit('SIGTERM', 'SIGTERM');
    assert.equal(launcher.ending.aborted, true);
    await launcher.stopped;
    assert.equal(launcher.endedBy, 'SIGTERM');
  });

  it('gives up with exit code 5 when a replica does not come into sync, and keeps the state of the run before', async () => {
    await using clusters = await FakeClusters.create();
    await (await clusters.start()).stop();
    const before = await readState(clusters.options().directory);
    await assert.rejects(
      clusters.start({ startTimeoutMs: 4_000 }, { n4: { neverSync: true } }),
      (error) => hasCode('START_FAILED', 5)(error) && error instanceof RedNodeError && error.message.includes('n4'),
    );
    assert.deepEqual(await readState(clusters.options().directory), before);
  });

  it('removes everything of an ephemeral cluster when it stops', async () => {
    await using clusters = await FakeClusters.create();
    const launcher = await clusters.start({ ephemeral: true, masters: 1, replicasPerMaster: 0 });
    await launcher.stop();
    assert.equal(existsSync(clusters.options().directory), false);
  });

  it('names the taken port when it was asked for, and moves on when it was not', async () => {
    await using clusters = await FakeClusters.create();
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const address = blocker.address();
    assert.ok(address !== null && typeof address === 'object');
    const shape = { masters: 1, replicasPerMaster: 0, port: address.port };
    try {
      await assert.rejects(clusters.start({ ...shape, portIsExplicit: true }), hasCode('PORT_IN_USE', 4));
      const launcher = await clusters.start(shape);
      assert.notEqual(launcher.status().nodes[0].port, address.port);
      assert.ok(
        clusters.steps.some(
          (step) => step.phase === 'progress' && step.detail.includes(`port ${address.port} is in use`),
        ),
      );
    } finally {
      blocker.close();
    }
  });

  it('can be reached by name from elsewhere, and stopped', async () => {
    await using clusters = await FakeClusters.create();
    const launcher = await clusters.start({ masters: 1 });
    const control = await openCluster(clusters.home);
    assert.equal((await control.status()).launcherPid, process.pid);
    assert.equal((await control.kill('n2')).back?.masterName, 'n1');
    await assert.rejects(control.kill('n9'), hasCode('NO_NODE', 3));
    await control.stop();
    assert.deepEqual(
      (await listClusters(clusters.home)).map(({ name, state }) => [name, state]),
      [['test', 'stopped']],
    );
    await launcher.stopped;
    await assert.rejects(openCluster(clusters.home, 'test'), hasCode('NO_CLUSTER', 3));
    await purgeCluster(clusters.home, 'test');
    assert.deepEqual(await listClusters(clusters.home), []);
  });

  it('asks which one is meant when several run', async () => {
    await using clusters = await FakeClusters.create();
    const shape = { masters: 1, replicasPerMaster: 0 };
    await clusters.start({ ...shape, name: 'one' });
    await clusters.start({ ...shape, name: 'two' });
    await assert.rejects(openCluster(clusters.home), hasCode('SEVERAL_CLUSTERS', 2));
    const control = await openCluster(clusters.home, 'two');
    assert.equal((await control.status()).name, 'two');
    control.close();
    await assert.rejects(purgeCluster(clusters.home, 'two'), hasCode('CLUSTER_RUNNING', 4));
  });
});
