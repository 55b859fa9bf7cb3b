// Mocha and ioredis: a cluster for the whole file, and what a client sees of a failover.
import assert from 'node:assert/strict';
import { Cluster } from 'ioredis';
import { after, before, describe, it } from 'mocha';
import { startCluster } from 'rednode';

describe('a service whose keys are in a cluster', function () {
  this.timeout(30_000);
  let cluster;
  let client;

  before(async () => {
    cluster = await startCluster({ masters: 3, replicas: 1 });
    client = new Cluster(cluster.urls, { clusterRetryStrategy: () => 50 });
  });

  after(async () => {
    client?.disconnect();
    await cluster?.stop();
  });

  it('finds keys on every master', async () => {
    const keys = Array.from({ length: 100 }, (_, index) => `user:${index}`);
    await Promise.all(keys.map((key) => client.set(key, key.toUpperCase())));
    assert.equal(await client.get('user:42'), 'USER:42');
  });

  it('goes on when a master is killed', async () => {
    await client.set('before', 'the failover');
    const { promoted } = await cluster.kill('n1');
    assert.equal(promoted.node, 'n4');
    assert.equal(await client.get('before'), 'the failover');
    await client.set('after', 'the failover');
    assert.equal((await cluster.status()).state, 'ready');
  });
});
