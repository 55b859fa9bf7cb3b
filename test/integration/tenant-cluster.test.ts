import assert from 'node:assert/strict';
import type { Redis } from 'ioredis';
import { eventually } from '../support/eventually.js';
import { FaultCluster, PATIENCE_MS } from './fault-cluster.js';

const WHOLE_LIMIT = 300;

describe('tenants of a cluster', function () {
  this.timeout(60_000);
  let cluster: FaultCluster;
  const on = (name: string, credentials = {}): Redis => cluster.connectTo(name, credentials);
  const create = async (name: string, ...limits: string[]): Promise<{ username: string; password: string }> => ({
    username: name,
    password: String(await on('n1').call('TENANT', 'CREATE', name, ...limits)),
  });
  /** The fields of TENANT INFO on each node. */
  const field = (name: string, of: string): Promise<unknown[]> =>
    Promise.all(
      cluster.nodes.map(async (node) => {
        const words = (await on(node.name).call('TENANT', 'INFO', name)) as unknown[];
        return words[words.indexOf(of) + 1];
      }),
    );

  before(async () => {
    cluster = await FaultCluster.start(3, 1);
  });
  after(() => cluster[Symbol.asyncDispose]());

  it('have their limits and names on every node once the change is answered', async () => {
    await create('limited', 'MAXKEYS', '10');
    assert.deepEqual(
      await field('limited', 'max-keys'),
      Array.from({ length: 6 }, () => 10),
    );
    await on('n5').call('TENANT', 'LIMIT', 'limited', 'MAXKEYS', '20', 'MAXOPS', '5');
    assert.deepEqual(
      await field('limited', 'max-keys'),
      Array.from({ length: 6 }, () => 20),
    );
    await on('n2').call('TENANT', 'RENAME', 'limited', 'renamed');
    assert.deepEqual(
      await field('renamed', 'max-ops'),
      Array.from({ length: 6 }, () => 5),
    );
    await assert.rejects(on('n3').call('TENANT', 'INFO', 'limited'), /no such tenant/);
  });

  it('share a limit of keys over the masters by their slots, and no node takes more than its part', async () => {
    const credentials = await create('shared', 'MAXKEYS', String(WHOLE_LIMIT));
    const client = cluster.client(credentials);
    const outcomes = await Promise.allSettled(
      Array.from({ length: WHOLE_LIMIT * 3 }, (_, number) => client.set(`key:${number}`, 'v')),
    );
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    const stored = outcomes.length - refused.length;
    assert.ok(stored >= WHOLE_LIMIT && stored <= WHOLE_LIMIT + 3, `${stored} stored`);
    const text = String(refused[0].reason);
    assert.match(text, /OOM tenant 'shared' is at its MAXKEYS of 300 \(\d+ of them on this node\)/);
  });

  it('have the default time to live on the replicas as well, to the millisecond', async () => {
    const credentials = await create('fleeting', 'DEFAULTTTL', '1000');
    const client = cluster.client(credentials);
    await client.set('{k}a', '1');
    await client.mset('{k}b', '1', '{k}c', '2');
    const onMaster = await Promise.all(['{k}a', '{k}b', '{k}c'].map((key) => client.call('PEXPIRETIME', key)));
    assert.ok(onMaster.every((at) => Number(at) > Date.now()));
    const replicas = cluster.nodes.filter((node) => node.role === 'replica').map((node) => on(node.name, credentials));
    const [holder] = await eventually(
      async () => {
        const found: Redis[] = [];
        for (const replica of replicas) {
          await replica.call('READONLY');
          if ((await replica.dbsize()) === 3) found.push(replica);
        }
        assert.equal(found.length, 1);
        return found;
      },
      { timeoutMs: PATIENCE_MS },
    );
    const onReplica = await Promise.all(['{k}a', '{k}b', '{k}c'].map((key) => holder.call('PEXPIRETIME', key)));
    assert.deepEqual(onReplica, onMaster);
  });

  it('are flushed on every node, replicas included, and keep their tokens', async () => {
    const credentials = await create('flushed');
    const client = cluster.client(credentials);
    await Promise.all(Array.from({ length: 100 }, (_, number) => client.set(`key:${number}`, 'v')));
    await on('n6').call('TENANT', 'FLUSH', 'flushed');
    await eventually(async () => assert.deepEqual(await field('flushed', 'keys'), [0, 0, 0, 0, 0, 0]), {
      timeoutMs: PATIENCE_MS,
    });
    assert.equal(await client.set('key:1', 'v'), 'OK');
  });

  it('rotate their tokens on all nodes, and a node that comes back knows them', async () => {
    const old = await create('rotated');
    const [, id] = (await on('n1').call('TENANT', 'TOKEN', 'ADD', 'rotated')) as string[];
    const listed = (await on('n4').call('TENANT', 'TOKEN', 'LIST', 'rotated')) as unknown[][];
    assert.equal(listed.length, 2);
    const first = listed.map((token) => String(token[1])).find((candidate) => candidate !== id) ?? '';
    const client = on('n3', old);
    assert.equal(await client.ping(), 'PONG');
    await on('n2').call('TENANT', 'TOKEN', 'REVOKE', 'rotated', first);
    await assert.rejects(on('n3').call('AUTH', 'rotated', old.password), /WRONGPASS/);
    await cluster.killed('n2');
    await assert.rejects(on('n2').call('AUTH', 'rotated', old.password), /WRONGPASS/);
    assert.equal(((await on('n2').call('TENANT', 'TOKEN', 'LIST', 'rotated')) as unknown[]).length, 1);
  });
});
