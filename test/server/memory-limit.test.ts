import assert from 'node:assert/strict';
import { evictionBudgetMs } from '../../src/server/memory-limit.js';
import type { RunningServer } from '../../src/server/server.js';
import { eventually } from '../support/eventually.js';
import { ask, TestServers, untilEven } from './linked-servers.js';

const VALUE = 'x'.repeat(1000);

function sets(count: number, options = ''): string[] {
  return Array.from({ length: count }, (_, index) => `SET k${index} ${VALUE}${options}`);
}

function keysOf({ instance }: RunningServer): string[] {
  const keys: string[] = [];
  const keyspace = instance.store.keyspace(0);
  keyspace.forEach((ref) => keys.push(keyspace.keyOf(ref).toString()));
  return keys.sort();
}

describe('a node with a memory limit', () => {
  const servers = new TestServers();
  afterEach(() => servers.stop());

  it('makes room for every write by its policy, and says how many keys went', async () => {
    const server = await servers.start({ maxMemoryBytes: 200_000, evictionPolicy: 'allkeys-lru' });
    const connection = await servers.connect(server);
    const replies = await ask(connection, ...sets(1000));
    assert.ok(replies.every((reply) => reply === '+OK'));
    const { store, statistics } = server.instance;
    assert.ok(store.usedBytes <= 200_000 + 2 * VALUE.length, `${store.usedBytes} bytes are used`);
    assert.equal(statistics.evictedKeys, 1000 - store.keyspace(0).size);
    const [info] = await ask(connection, 'INFO');
    assert.match(info, new RegExp(`^evicted_keys:${statistics.evictedKeys}\r$`, 'm'));
    assert.match(info, /^maxmemory_policy:allkeys-lru\r$/m);
  });

  it('refuses a write when what is left may not go, and goes on when something was deleted', async () => {
    const server = await servers.start({ maxMemoryBytes: 200_000, evictionPolicy: 'volatile-lru' });
    const connection = await servers.connect(server);
    const replies = await ask(connection, ...sets(300));
    assert.equal(replies[299], "-OOM command not allowed when used memory > 'maxmemory'.");
    const removals = Array.from({ length: 20 }, (_, index) => `DEL k${index}`);
    assert.ok((await ask(connection, ...removals)).every((reply) => reply === ':1'));
    assert.deepEqual(await ask(connection, 'SET other v', 'GET other'), ['+OK', '$1\r\nv']);
  });

  it('evicts down to a limit that was lowered, without any command', async () => {
    const server = await servers.start({ evictionPolicy: 'allkeys-random' });
    const connection = await servers.connect(server);
    await ask(connection, ...sets(2000));
    assert.deepEqual(await ask(connection, 'CONFIG SET maxmemory 300kb'), ['+OK']);
    const { store } = server.instance;
    await eventually(() => store.usedBytes <= 300 * 1024);
    assert.ok(store.keyspace(0).size > 100);
  });

  it('leaves everything where it is when the limit is lowered and nothing may be evicted', async () => {
    const server = await servers.start();
    const connection = await servers.connect(server);
    await ask(connection, ...sets(100));
    await ask(connection, 'CONFIG SET maxmemory 1');
    assert.equal(server.instance.memoryLimit.slice(1), false, 'there is nothing to go on with');
    assert.deepEqual(await ask(connection, 'DBSIZE', 'STRLEN k1'), [':100', `:${VALUE.length}`]);
  });

  it('sends evictions to its replica, which evicts nothing itself', async () => {
    const master = await servers.start({ evictionPolicy: 'allkeys-lru' });
    const replica = await servers.start({ maxMemoryBytes: 1, evictionPolicy: 'allkeys-lru' });
    await servers.link(master, replica);
    const connection = await servers.connect(master);
    await ask(connection, ...sets(500));
    await untilEven(master, replica);
    assert.equal(keysOf(replica).length, 500);
    await ask(connection, 'CONFIG SET maxmemory 200kb', ...sets(800), 'SET last v');
    await eventually(() => master.instance.store.usedBytes <= 200 * 1024);
    await untilEven(master, replica);
    assert.deepEqual(keysOf(replica), keysOf(master));
    assert.ok(master.instance.statistics.evictedKeys > 0);
    assert.equal(replica.instance.statistics.evictedKeys, 0);
  });

  it('counts accesses from the moment that an LFU policy is chosen', async () => {
    const server = await servers.start();
    const connection = await servers.connect(server);
    await ask(connection, 'CONFIG SET maxmemory-policy allkeys-lfu lfu-log-factor 0', 'SET k v');
    assert.deepEqual(await ask(connection, 'OBJECT FREQ k'), [':5']);
    await ask(connection, ...Array.from({ length: 10 }, () => 'GET k'));
    assert.deepEqual(await ask(connection, 'OBJECT FREQ k', 'EXISTS k', 'TTL k', 'OBJECT FREQ k'), [
      ':15',
      ':1',
      ':-1',
      ':15',
    ]);
    await ask(connection, 'CLIENT NO-TOUCH ON', 'GET k', 'CLIENT NO-TOUCH OFF');
    assert.deepEqual(await ask(connection, 'OBJECT FREQ k'), [':15']);
    await ask(connection, 'CONFIG SET maxmemory-policy allkeys-lru');
    assert.match((await ask(connection, 'OBJECT FREQ k'))[0], /^-ERR An LFU maxmemory policy is not selected/);
  });

  it('an eviction aborts the transaction of whoever watches the key', async () => {
    const server = await servers.start({ evictionPolicy: 'allkeys-random' });
    const [watcher, other] = [await servers.connect(server), await servers.connect(server)];
    await ask(other, ...sets(200));
    await ask(watcher, ...Array.from({ length: 200 }, (_, index) => `WATCH k${index}`));
    await ask(other, 'CONFIG SET maxmemory 100kb');
    await eventually(() => server.instance.statistics.evictedKeys > 0);
    await ask(other, 'CONFIG SET maxmemory 0');
    assert.deepEqual(await ask(watcher, 'MULTI', 'PING', 'EXEC'), ['+OK', '+QUEUED', '*-1']);
  });
});

describe('evictionBudgetMs', () => {
  it('follows the scale of maxmemory-eviction-tenacity', () => {
    assert.deepEqual([0, 5, 10, 100].map(evictionBudgetMs), [0, 0.25, 0.5, Infinity]);
    assert.ok(Math.abs(evictionBudgetMs(11) - 0.575) < 1e-9);
  });
});
