/** Puts the keys that the loads ask for into a server, and takes them out again. */
import { Benchmark } from '../../src/client/bench/benchmark.js';
import { Routes } from '../../src/client/bench/routes.js';
import { RoutingClient } from '../../src/client/routing-client.js';

const TIMEOUT_MS = 60_000;

/** Writes `key:000000000000` and so on, as redis-benchmark names them: 16 bytes each. */
export async function fillKeys(port: number, keyspace: number, valueBytes: number): Promise<void> {
  await using client = await clientTo(port);
  const benchmark = new Benchmark(new Routes(client), {
    endpoint: { host: '127.0.0.1', port },
    tenantToEnter: undefined,
    clients: 1,
    pipeline: 1,
    readShare: 1,
    keyspace,
    valueBytes,
    prefix: 'key:',
    zipf: undefined,
    seed: 1,
    durationMs: undefined,
    requestLimit: undefined,
    ratePerSecond: undefined,
    onNotice: undefined,
  });
  const { operations } = await benchmark.fill();
  if (operations !== keyspace) throw new Error(`${operations} of ${keyspace} keys were written`);
}

export async function removeAllKeys(port: number): Promise<void> {
  await using client = await clientTo(port);
  const { reply } = await client.execute(['FLUSHALL']);
  if (reply.type === 'error') throw new Error(reply.value);
}

async function clientTo(port: number): Promise<RoutingClient & AsyncDisposable> {
  const client = await RoutingClient.connect({
    endpoint: { host: '127.0.0.1', port },
    connectTimeoutMs: TIMEOUT_MS,
    commandTimeoutMs: TIMEOUT_MS,
  });
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
}
