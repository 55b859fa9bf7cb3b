import assert from 'node:assert/strict';
import { commandTable } from '../../src/command-table/index.js';
import { encodeCommand } from '../../src/resp/encode.js';
import { RequestDecoder } from '../../src/resp/request-decoder.js';
import { Router } from '../../src/server/router.js';
import { slotOfKey } from '../../src/topology/slots.js';
import type { Topology, TopologyNode } from '../../src/topology/topology.js';

function node(name: string, port: number, rest: Partial<TopologyNode>): TopologyNode {
  return {
    name,
    id: name.padEnd(40, '0'),
    host: '127.0.0.1',
    port,
    role: 'master',
    health: 'online',
    slots: [],
    ...rest,
  };
}

/** Slots 0-8191 on n1, 8192-16382 on n2, 16383 on nobody; n3 replicates n1. */
const topology: Topology = {
  epoch: 1,
  clusterName: 'test',
  nodes: [
    node('n1', 7001, { slots: [{ start: 0, end: 8191 }] }),
    node('n2', 7002, { slots: [{ start: 8192, end: 16382 }] }),
    node('n3', 7003, { role: 'replica', masterName: 'n1' }),
  ],
};

function routerOf(name: string, changed: Topology = topology): Router {
  const self = changed.nodes.find((candidate) => candidate.name === name);
  assert.ok(self !== undefined);
  return new Router(changed, self);
}

function check(
  router: Router,
  words: readonly string[],
  readsFromReplica = false,
  isSecure = false,
): string | undefined {
  const command = commandTable.find(words);
  assert.ok(command !== undefined);
  const decoder = new RequestDecoder();
  decoder.feed(encodeCommand(words));
  decoder.next();
  return router.check(command, decoder.request, { readsFromReplica, isSecure });
}

/** A key whose slot lies in a range. */
function keyIn(start: number, end: number): string {
  for (let i = 0; ; i++) {
    const slot = slotOfKey(`k${i}`);
    if (slot >= start && slot <= end) return `k${i}`;
  }
}

const low = keyIn(0, 8191);
const high = keyIn(8192, 16382);

describe('the router of a cluster node', () => {
  it('lets a master serve its own slots and sends everyone else to their master', () => {
    assert.equal(check(routerOf('n1'), ['GET', low]), undefined);
    assert.equal(check(routerOf('n1'), ['GET', high]), `MOVED ${slotOfKey(high)} 127.0.0.1:7002`);
    assert.equal(check(routerOf('n2'), ['SET', low, 'v']), `MOVED ${slotOfKey(low)} 127.0.0.1:7001`);
  });

  it('lets a replica serve reads of its master to those who asked for it, and no writes', () => {
    const replica = routerOf('n3');
    const moved = `MOVED ${slotOfKey(low)} 127.0.0.1:7001`;
    assert.equal(check(replica, ['GET', low]), moved);
    assert.equal(check(replica, ['GET', low], true), undefined);
    assert.equal(check(replica, ['SET', low, 'v'], true), moved);
    assert.equal(check(replica, ['GET', high], true), `MOVED ${slotOfKey(high)} 127.0.0.1:7002`);
  });

  it('refuses keys of different slots, even when it serves them all', () => {
    const refusal = "CROSSSLOT Keys in request don't hash to the same slot";
    assert.equal(check(routerOf('n1'), ['MGET', low, keyIn(0, slotOfKey(low) - 1)]), refusal);
    assert.equal(check(routerOf('n1'), ['MGET', `{${low}}a`, `{${low}}b`]), undefined);
    assert.equal(check(routerOf('n1'), ['RENAME', low, high]), refusal);
  });

  it('says so when nobody serves a slot', () => {
    const orphan = keyIn(16383, 16383);
    assert.equal(check(routerOf('n1'), ['GET', orphan]), 'CLUSTERDOWN Hash slot not served');
    const nodes = topology.nodes.map((entry) => (entry.name === 'n2' ? { ...entry, health: 'down' as const } : entry));
    assert.equal(check(routerOf('n1', { ...topology, nodes }), ['GET', high]), 'CLUSTERDOWN The cluster is down');
  });
});
