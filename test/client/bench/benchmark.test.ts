/** The load itself, against a scripted server: what is counted when the server refuses, redirects, hangs up or goes away. */
import assert from 'node:assert/strict';
import { Benchmark, type BenchmarkOptions } from '../../../src/client/bench/benchmark.js';
import { Routes } from '../../../src/client/bench/routes.js';
import { RoutingClient } from '../../../src/client/routing-client.js';
import { eventually } from '../../support/eventually.js';
import { bulk, FakeServer, integer, NULL, OK } from '../fake-server.js';

describe('a load', () => {
  let server: FakeServer;
  let client: RoutingClient;

  beforeEach(async () => {
    server = await FakeServer.start();
    server.on('SET', OK).on('GET', bulk('value')).on('DEL', integer(1));
    client = await RoutingClient.connect({
      endpoint: { host: server.host, port: server.port },
      connectTimeoutMs: 5_000,
      commandTimeoutMs: 5_000,
    });
  });

  afterEach(async () => {
    await client.close();
    await server.stop();
  });

  function benchmarkOf(options: Partial<BenchmarkOptions> = {}): Benchmark {
    return new Benchmark(new Routes(client), {
      endpoint: { host: server.host, port: server.port },
      tenantToEnter: undefined,
      clients: 4,
      pipeline: 3,
      readShare: 0.5,
      keyspace: 100,
      valueBytes: 8,
      prefix: 'b:',
      zipf: undefined,
      seed: 1,
      durationMs: undefined,
      requestLimit: 1000,
      ratePerSecond: undefined,
      onNotice: undefined,
      ...options,
    });
  }

  it('fills every key, sends as many requests as it is told, and removes every key', async () => {
    const benchmark = benchmarkOf();
    assert.equal((await benchmark.fill()).writes.operations, 100);
    assert.equal(new Set(server.named('SET').map(([, key]) => key)).size, 100);
    const load = await benchmark.load().finished;
    assert.equal(load.operations, 1000);
    assert.equal(load.reads.operations, server.named('GET').length);
    assert.equal(load.writes.operations, server.named('SET').length - 100);
    assert.equal(load.reads.latency.count, load.reads.operations);
    assert.deepEqual([...load.nodes.values()], [1000]);
    const removed = await benchmark.remove();
    assert.equal(removed.writes.operations - removed.writes.empty, 100);
    assert.deepEqual(
      server
        .named('DEL')
        .map(([, key]) => key)
        .sort(),
      Array.from({ length: 100 }, (_, number) => `b:${String(number).padStart(12, '0')}`),
    );
    await eventually(() => server.openConnections === 1);
  });

  it('removes only what it wrote', async () => {
    const benchmark = benchmarkOf({ requestLimit: 5, readShare: 0, clients: 1 });
    await benchmark.load().finished;
    await benchmark.remove();
    const written = new Set(server.named('SET').map(([, key]) => key));
    assert.deepEqual(new Set(server.named('DEL').map(([, key]) => key)), written);
  });

  it('never has more than a pipeline under way on a connection, and uses as many connections as it has clients', async () => {
    const before = server.connections;
    await benchmarkOf({ clients: 5 }).load().finished;
    assert.equal(server.connections - before, 5);
  });

  it('counts reads that find nothing', async () => {
    server.on('GET', NULL);
    const load = await benchmarkOf({ readShare: 1 }).load().finished;
    assert.deepEqual([load.reads.operations, load.reads.empty], [1000, 1000]);
  });

  it('counts refusals by kind and not as operations', async () => {
    let sets = 0;
    server.on('SET', () => (++sets % 2 === 0 ? '-OOM too much\r\n' : OK));
    const load = await benchmarkOf({ readShare: 0 }).load().finished;
    assert.equal(load.writes.operations, 500);
    assert.deepEqual([...load.errors.values()], [{ kind: 'OOM', example: 'OOM too much', count: 500 }]);
  });

  it('a fill that is refused as a whole fails with the error of the server', async () => {
    server.on('SET', '-NOPERM not you\r\n');
    await assert.rejects(benchmarkOf().fill(), { code: 'SERVER_ERROR', message: 'NOPERM not you' });
  });

  it('goes on after its connections were lost, and tells of it', async () => {
    const notices: string[] = [];
    const benchmark = benchmarkOf({ requestLimit: 20_000, onNotice: (text) => notices.push(text) });
    const { measurement, finished } = benchmark.load();
    await eventually(() => measurement.operations > 1000);
    server.breakConnections();
    const load = await finished;
    assert.equal(load.connectionsLost, 4);
    assert.equal(load.connectionsReopened, 4);
    assert.ok(load.unanswered > 0 && load.unanswered <= 12);
    assert.equal(load.operations + load.unanswered, 20_000);
    assert.equal(load.outages.length, 1);
    assert.notEqual(load.outages[0].durationMs, undefined);
    assert.match(notices.join('\n'), /lost[^]*connected again after \d+ ms/);
  });

  it('ends when it is told to, though the server does not answer', async () => {
    const benchmark = benchmarkOf({ requestLimit: undefined });
    const { measurement, finished } = benchmark.load();
    await eventually(() => measurement.operations > 0);
    await server.stop();
    await eventually(() => measurement.connectionsLost === 4);
    benchmark.stop();
    assert.equal((await finished).outages[0].durationMs, undefined);
  });

  it('sends at the rate that it is told, no more and no less', async () => {
    const load = await benchmarkOf({ requestLimit: 300, ratePerSecond: 1000 }).load().finished;
    assert.equal(load.operations, 300);
    // The last of them is due after 299 ms, and is not sent before.
    assert.ok(load.durationMs >= 299, `${load.durationMs} ms`);
  });

  it('a server that refuses the connection says why', async () => {
    server.on('HELLO', '-ERR max number of clients reached\r\n');
    await assert.rejects(benchmarkOf().load().finished, /max number of clients reached/);
  });

  it('begins as the tenant that it is to act for', async () => {
    server.on('TENANT', OK);
    await benchmarkOf({ tenantToEnter: 'acme', clients: 2 }).load().finished;
    assert.deepEqual(server.named('TENANT'), [
      ['TENANT', 'USE', 'acme'],
      ['TENANT', 'USE', 'acme'],
    ]);
  });
});
