// Vitest and node-redis, in TypeScript: a server per file, and a tenant per test, so that no test sees another's keys.
import { startServer, type RunningServer } from 'rednode';
import { createClient } from 'redis';
import { afterAll, beforeAll, expect, test } from 'vitest';

let server: RunningServer;

beforeAll(async () => {
  server = await startServer();
});

afterAll(() => server.stop());

/** A client with an empty keyspace of its own, closed at the end of the block that uses it. */
async function emptyKeyspace(name: string) {
  const { url } = await server.createTenant(name);
  const client = await createClient({ url }).connect();
  return { client, [Symbol.dispose]: () => client.destroy() };
}

test('a session is found by its id', async () => {
  using keyspace = await emptyKeyspace('found');
  await keyspace.client.set('session:1', 'ada', { expiration: { type: 'EX', value: 60 } });
  expect(await keyspace.client.get('session:1')).toBe('ada');
  expect(await keyspace.client.ttl('session:1')).toBeGreaterThan(50);
});

test('a session of another test is not there', async () => {
  using keyspace = await emptyKeyspace('empty');
  expect(await keyspace.client.get('session:1')).toBeNull();
});

test('a server for one test is stopped when its block ends', async () => {
  await using own = await startServer({ password: 'secret', tenants: ['acme'] });
  const client = await createClient({ url: own.tenants.acme.url }).connect();
  expect(await client.dbSize()).toBe(0);
  client.destroy();
});
