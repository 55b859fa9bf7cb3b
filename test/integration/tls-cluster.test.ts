/** A cluster with TLS: clients that come in by TLS are sent on by TLS, to ports that stay the same. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { Cluster, Redis } from 'ioredis';
import { createCluster } from 'redis';
import { RoutingClient } from '../../src/client/routing-client.js';
import { startCluster, type Launcher } from '../../src/cluster/launcher.js';
import type { NodeStatus } from '../../src/cluster/types.js';
import { makeCertificates, type Certificates } from '../support/certificates.js';
import { freePort } from '../support/free-port.js';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.js';

const HOST = '127.0.0.1';
const START_TIMEOUT_MS = 60_000;
const keys = Array.from({ length: 200 }, (_, index) => `key:${index}`);

describe('a cluster with TLS', function () {
  this.timeout(START_TIMEOUT_MS + 10_000);
  let files: Certificates;
  let folder: TemporaryFolder;
  let launcher: Launcher;
  let closers: (() => unknown)[] = [];

  function portsOf(field: 'port' | 'tlsPort'): number[] {
    return launcher.status().nodes.map((node) => node[field] ?? 0);
  }

  function node(name: string): NodeStatus {
    const found = launcher.status().nodes.find((candidate) => candidate.name === name);
    assert.ok(found);
    return found;
  }

  /** What clients need to be let in. */
  function secrets(): { ca: string; cert: string; key: string } {
    return { ca: files.ca, cert: files.client.cert, key: files.client.key };
  }

  function open(name: string, isSecure: boolean): Redis {
    const { port, tlsPort = 0 } = node(name);
    const client = isSecure
      ? new Redis({ host: HOST, port: tlsPort, tls: secrets() })
      : new Redis({ host: HOST, port });
    client.on('error', () => undefined);
    closers.push(() => {
      client.disconnect();
    });
    return client;
  }

  async function openOwn(name: string): Promise<RoutingClient> {
    const buffers = {
      ca: Buffer.from(files.ca),
      cert: Buffer.from(files.client.cert),
      key: Buffer.from(files.client.key),
    };
    const client = await RoutingClient.connect({
      endpoint: { host: HOST, port: node(name).tlsPort ?? 0, tls: true, tlsOptions: buffers },
      connectTimeoutMs: 5_000,
      commandTimeoutMs: 15_000,
    });
    closers.push(() => client.close());
    return client;
  }

  before(async () => {
    files = await makeCertificates();
    folder = await temporaryFolder('tls-cluster');
    const { certFile, keyFile } = files.server;
    launcher = await startCluster(
      {
        name: 'secure',
        masters: 2,
        replicasPerMaster: 1,
        host: HOST,
        port: await freePort(),
        portIsExplicit: false,
        directory: path.join(folder.path, 'secure'),
        ephemeral: true,
        startTimeoutMs: START_TIMEOUT_MS,
        maxMemoryBytes: 0,
        logLevel: 'info',
        tls: { certFile, keyFile, caFile: files.caFile, authClients: 'yes' },
      },
      () => undefined,
    );
  });

  after(async () => {
    await launcher.stop();
    await folder.remove();
    await files[Symbol.asyncDispose]();
  });

  afterEach(async () => {
    for (const close of closers) await close();
    closers = [];
  });

  it('has a port for TLS at every node, and tells its URL', () => {
    const [plain, secure] = [portsOf('port'), portsOf('tlsPort')];
    assert.equal(new Set([...plain, ...secure]).size, 8);
    assert.ok(secure.every((port) => port > 0));
    assert.equal(node('n1').tlsUrl, `rediss://${HOST}:${secure[0]}`);
  });

  it('serves ioredis, which talks to its nodes by TLS alone', async () => {
    const cluster = new Cluster([{ host: HOST, port: node('n1').tlsPort }], { redisOptions: { tls: secrets() } });
    closers.push(() => {
      cluster.disconnect();
    });
    for (const key of keys) await cluster.set(key, `value of ${key}`);
    for (const key of keys) assert.equal(await cluster.get(key), `value of ${key}`);
    const ports = cluster.nodes('all').map((client) => client.options.port);
    assert.deepEqual(ports.sort(), portsOf('tlsPort').sort());
  });

  it('serves node-redis', async () => {
    const cluster = createCluster({
      rootNodes: [{ url: `rediss://${HOST}:${node('n2').tlsPort}` }],
      defaults: { socket: { tls: true, ...secrets() } },
    });
    await cluster.connect();
    closers.push(() => cluster.close());
    for (const key of keys) await cluster.set(key, 'x');
    assert.deepEqual(
      await Promise.all(keys.map((key) => cluster.get(key))),
      keys.map(() => 'x'),
    );
  });

  it('serves its own client, which knows the ports for TLS from the topology', async () => {
    const client = await openOwn('n1');
    assert.deepEqual(
      client
        .nodes()
        .map(({ port }) => port)
        .sort(),
      portsOf('tlsPort').sort(),
    );
    await client.execute(['MSET', ...keys.flatMap((key) => [key, 'own'])]);
    const { reply, nodes } = await client.execute(['MGET', ...keys]);
    assert.ok(reply.type === 'array');
    assert.ok(reply.items.every((item) => item.type === 'bulk' && item.value.toString() === 'own'));
    assert.deepEqual([...nodes].sort(), ['n1', 'n2']);
    assert.equal(client.stats.moved, 0);
  });

  /** A key that n2 serves while nothing has failed over. */
  async function keyOfSecond(): Promise<string> {
    const client = await openOwn('n1');
    const key = keys.find((candidate) => client.nodeFor(candidate)?.name === 'n2');
    assert.ok(key !== undefined);
    return key;
  }

  it('sends each client on by the way that it came', async () => {
    const key = await keyOfSecond();
    const { port, tlsPort } = node('n2');
    for (const [isSecure, expected] of [
      [false, port],
      [true, tlsPort],
      [false, port],
    ] as const) {
      const client = open('n1', isSecure);
      const message = new RegExp(`^MOVED \\d+ ${HOST}:${expected}$`);
      await assert.rejects(client.get(key), { message });
      await client.multi({ pipeline: false });
      await assert.rejects(client.call('GET', key), { message });
      await assert.rejects(client.call('EXEC'), { message: /^EXECABORT/ });
    }
  });

  it('tells each client the ports that it can use', async () => {
    for (const isSecure of [false, true, false, true]) {
      const client = open('n1', isSecure);
      const expected = portsOf(isSecure ? 'tlsPort' : 'port').sort();
      const slots = await client.cluster('SLOTS');
      const told = new Set(slots.flatMap(([, , ...holders]) => holders.map(([, port]) => port)));
      assert.deepEqual([...told].sort(), expected);
      const text = (await client.cluster('NODES')) as string;
      const lines = text.trim().split('\n');
      const ports = lines.map((line) => Number(/^\S+ [^:]+:(\d+)@/.exec(line)?.[1]));
      assert.deepEqual(ports.sort(), expected);
      const [replica] = (await client.cluster('REPLICAS', node('n1').id)) as string[];
      const { port, tlsPort } = node('n3');
      assert.ok(replica.includes(` ${HOST}:${isSecure ? tlsPort : port}@`), replica);
    }
  });

  it('tells every client both ports in CLUSTER SHARDS', async () => {
    for (const isSecure of [false, true]) {
      const shards = JSON.stringify(await open('n1', isSecure).cluster('SHARDS'));
      for (const { port, tlsPort } of launcher.status().nodes) {
        assert.ok(shards.includes(`"port",${port},"tls-port",${tlsPort}`), shards.slice(-1000));
      }
    }
  });

  it('lets nobody in by TLS without a certificate of its CA', async () => {
    const { tlsPort = 0 } = node('n1');
    const client = new Redis({ host: HOST, port: tlsPort, tls: { ca: files.ca }, retryStrategy: () => null });
    client.on('error', () => undefined);
    await assert.rejects(client.ping());
    client.disconnect();
  });

  it('keeps its ports when a node restarts, and clients go on by TLS after the failover', async () => {
    const client = await openOwn('n2');
    await client.execute(['MSET', ...keys.flatMap((key) => [key, 'before'])]);
    const before = portsOf('tlsPort');
    const { promoted, back } = await launcher.restart('n1');
    assert.deepEqual([promoted?.node, back?.role], ['n3', 'replica']);
    assert.deepEqual(portsOf('tlsPort'), before);
    for (const key of keys) {
      const { reply } = await client.execute(['GET', key]);
      assert.ok(reply.type === 'bulk' && reply.value.toString() === 'before');
    }
    await client.refresh();
    assert.equal(client.nodes().find(({ name }) => name === 'n3')?.role, 'master');
    assert.deepEqual(
      client
        .nodes()
        .map(({ port }) => port)
        .sort(),
      [...before].sort(),
    );
    const role = await open('n1', true).role();
    assert.equal(role[0], 'slave');
  });
});
