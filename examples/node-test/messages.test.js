// Node's own test runner and node-redis: a server per test file, in the same process.
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { after, before, test } from 'node:test';
import { createClient } from 'redis';
import { startServer } from 'rednode';

let server;
let client;

before(async () => {
  server = await startServer();
  client = await createClient({ url: server.url }).connect();
});

after(async () => {
  client.destroy();
  await server.stop();
});

test('a message reaches its subscriber', async () => {
  const inbox = new EventEmitter();
  const subscriber = await client.duplicate().connect();
  await subscriber.subscribe('news', (message) => inbox.emit('message', message));
  const received = once(inbox, 'message');
  assert.equal(await client.publish('news', 'hello'), 1);
  assert.deepEqual(await received, ['hello']);
  subscriber.destroy();
});

test('a counter counts', async () => {
  assert.equal(await client.incr('visits'), 1);
  assert.equal(await client.incrBy('visits', 41), 42);
});
