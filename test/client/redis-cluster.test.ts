/** The routing client on a real Redis Cluster of three masters: split, merge and scan over all of them. */
import assert from 'node:assert/strict';
import { RoutingClient } from '../../src/client/routing-client.js';
import type { Reply } from '../../src/resp/reply.js';
import { readInteger, readItems, readText } from '../../src/client/reply-fields.js';
import { redisAvailable } from '../support/redis-server.js';
import { startRedisCluster, type RedisCluster } from './redis-cluster.js';

const KEY_COUNT = 300;
const keys = Array.from({ length: KEY_COUNT }, (_, index) => `key:${index}`);

describe('the routing client on a Redis Cluster (skipped where redis-server is not installed)', function () {
  this.timeout(60_000);
  let cluster: RedisCluster;
  let client: RoutingClient;

  before(async function () {
    if (!redisAvailable()) this.skip();
    cluster = await startRedisCluster();
    const [{ host, port }] = cluster.servers;
    client = await RoutingClient.connect({
      endpoint: { host, port },
      connectTimeoutMs: 5_000,
      commandTimeoutMs: 10_000,
      clientName: 'test',
    });
  });

  after(async () => {
    // Undefined when the tests were skipped.
    await (client as RoutingClient | undefined)?.close();
    await (cluster as RedisCluster | undefined)?.stop();
  });

  beforeEach(async () => {
    await run('FLUSHALL');
    await run('MSET', ...keys.flatMap((key, index) => [key, String(index)]));
  });

  async function run(...words: string[]): Promise<Reply> {
    const { reply } = await client.execute(words);
    if (reply.type === 'error') throw new Error(`${words[0]}: ${reply.value}`);
    return reply;
  }

  const texts = (reply: Reply): string[] => readItems(reply).map(readText);

  it('spreads the keys of one MSET over three masters and reads them back in order', async () => {
    const routed = await client.execute(['MGET', ...keys, 'nosuch']);
    const items = readItems(routed.reply);
    assert.deepEqual(
      items.slice(0, KEY_COUNT).map(readText),
      keys.map((_, index) => String(index)),
    );
    assert.equal(items[KEY_COUNT].type, 'null');
    assert.equal(routed.nodes.length, 3);
    assert.deepEqual(
      routed.itemNodes,
      [...keys, 'nosuch'].map((key) => client.nodeFor(key)?.name),
    );
  });

  it('counts over three masters', async () => {
    assert.equal(readInteger(await run('DBSIZE')), KEY_COUNT);
    assert.equal(readInteger(await run('EXISTS', ...keys, keys[0], 'nosuch')), KEY_COUNT + 1);
    assert.equal(readInteger(await run('TOUCH', ...keys)), KEY_COUNT);
    assert.equal(readInteger(await run('DEL', ...keys.slice(0, 100), 'nosuch')), 100);
    assert.equal(readInteger(await run('UNLINK', ...keys.slice(100, 150))), 50);
    assert.equal(readInteger(await run('DBSIZE')), KEY_COUNT - 150);
  });

  it('lists the keys of all masters, and draws one of them', async () => {
    assert.deepEqual(texts(await run('KEYS', '*')).sort(), [...keys].sort());
    assert.ok(keys.includes(readText(await run('RANDOMKEY'))));
    await run('FLUSHDB');
    assert.deepEqual(await run('RANDOMKEY'), { type: 'null' });
  });

  for (const options of [[], ['COUNT', '7'], ['MATCH', 'key:1*', 'COUNT', '20']]) {
    it(`returns every key exactly once by SCAN ${options.join(' ')}`, async () => {
      const seen: string[] = [];
      let cursor = '0';
      do {
        const [next, page] = readItems(await run('SCAN', cursor, ...options));
        seen.push(...texts(page));
        cursor = readText(next);
      } while (cursor !== '0');
      const expected = options.includes('MATCH') ? keys.filter((key) => key.startsWith('key:1')) : keys;
      assert.deepEqual(seen.sort(), [...expected].sort());
    });
  }

  it('passes the words of the server on for what the server refuses', async () => {
    const { reply } = await client.execute(['INCR', 'key:1', 'x']);
    assert.deepEqual(reply, { type: 'error', value: "ERR wrong number of arguments for 'incr' command" });
  });

  it("refuses keys of several slots in Redis's own words", async () => {
    const ours = await client.execute(['RENAME', 'key:1', 'key:2']);
    const theirs = await client.executeOn(client.nodes()[0].name, ['RENAME', 'key:1', 'key:2']);
    assert.deepEqual(ours.reply, theirs.reply);
    assert.deepEqual(ours.nodes, []);
  });

  it('needs no redirection in the steady state, and follows the one that a wrong node gives', async () => {
    const before = client.stats.moved;
    assert.equal(before, 0);
    const wrong = client.nodes().find((node) => node !== client.nodeFor('key:1'));
    assert.ok(wrong !== undefined);
    const { reply } = await client.executeOn(wrong.name, ['GET', 'key:1']);
    assert.match(reply.type === 'error' ? reply.value : '', /^MOVED /);
    // A command that is not in the table goes to the endpoint, which may redirect it.
    for (const key of ['a', 'b', 'c']) assert.equal(readInteger(await run('SADD', `set:${key}`, 'member')), 1);
    assert.notEqual(client.stats.moved, before);
  });

  it('follows a slot that is on its way to another master', async () => {
    const source = client.nodeFor('{moving}1');
    const target = client.nodes().find((node) => node !== source);
    assert.ok(source !== undefined && target !== undefined);
    const slot = String(client.explain(['GET', '{moving}1']).keys[0].slot);
    const idOf = async (name: string): Promise<string> =>
      readText((await client.executeOn(name, ['CLUSTER', 'MYID'])).reply);
    const [sourceId, targetId] = [await idOf(source.name), await idOf(target.name)];
    await client.executeOn(target.name, ['CLUSTER', 'SETSLOT', slot, 'IMPORTING', sourceId]);
    await client.executeOn(source.name, ['CLUSTER', 'SETSLOT', slot, 'MIGRATING', targetId]);
    try {
      const { nodes } = await client.execute(['SET', '{moving}1', 'v']);
      assert.deepEqual(nodes, [target.name]);
      assert.ok(client.stats.ask > 0);
    } finally {
      for (const name of [source.name, target.name])
        await client.executeOn(name, ['CLUSTER', 'SETSLOT', slot, 'STABLE']);
    }
  });
});
