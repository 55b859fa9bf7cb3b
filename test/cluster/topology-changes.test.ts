import assert from 'node:assert/strict';
import {
  inSyncReplicasOf,
  initialTopology,
  nodeOf,
  replicasOf,
  withEpochAbove,
  withHealth,
  withMasterLost,
  withPromotion,
} from '../../src/cluster/topology-changes.js';
import { slotCountOf } from '../../src/topology/ranges.js';
import type { Topology } from '../../src/topology/topology.js';

/** Masters n1 and n2; n3 and n4 follow n1, n5 and n6 follow n2; all in sync. */
function wholeTopology(): Topology {
  const nodes = Array.from({ length: 6 }, (_, index) => {
    return {
      name: `n${index + 1}`,
      id: String(index).repeat(40),
      host: '127.0.0.1',
      port: 7000 + index,
      tlsPort: 7100 + index,
    };
  });
  const fresh = initialTopology('test', 1, nodes, 2);
  return ['n3', 'n4', 'n5', 'n6'].reduce((topology, name) => withHealth(topology, name, 'online'), fresh);
}

function names(nodes: readonly { readonly name: string }[]): string[] {
  return nodes.map(({ name }) => name);
}

describe('topology changes', () => {
  it('begin with all slots on the masters, and the replicas in the order of their masters', () => {
    const topology = wholeTopology();
    assert.equal(slotCountOf(nodeOf(topology, 'n1').slots) + slotCountOf(nodeOf(topology, 'n2').slots), 16_384);
    assert.deepEqual(names(replicasOf(topology, 'n1')), ['n3', 'n4']);
    assert.deepEqual(names(replicasOf(topology, 'n2')), ['n5', 'n6']);
  });

  it('raise the epoch above one that was told in vain, with nothing else changed', () => {
    const topology = wholeTopology();
    assert.deepEqual(withEpochAbove(topology, topology.epoch + 5), { ...topology, epoch: topology.epoch + 6 });
    assert.equal(withEpochAbove(topology, 0).epoch, topology.epoch + 1);
  });

  it('raise the epoch when the health of a node changes, and only then', () => {
    const topology = wholeTopology();
    assert.equal(withHealth(topology, 'n3', 'online'), topology);
    const changed = withHealth(topology, 'n3', 'syncing');
    assert.equal(changed.epoch, topology.epoch + 1);
    assert.deepEqual(names(inSyncReplicasOf(changed, 'n1')), ['n4']);
  });

  it('by a promotion move the slots to the replica, which the former master and the other replicas then follow', () => {
    const topology = wholeTopology();
    const next = withPromotion(topology, 'n4', 'down');
    const promoted = nodeOf(next, 'n4');
    assert.deepEqual([promoted.role, promoted.masterName, promoted.health], ['master', undefined, 'online']);
    assert.deepEqual(promoted.slots, nodeOf(topology, 'n1').slots);
    const former = nodeOf(next, 'n1');
    assert.deepEqual([former.role, former.masterName, former.health, former.slots], ['replica', 'n4', 'down', []]);
    assert.deepEqual([nodeOf(next, 'n3').masterName, nodeOf(next, 'n3').health], ['n4', 'syncing']);
    assert.deepEqual(nodeOf(next, 'n5'), nodeOf(topology, 'n5'));
    assert.equal(next.epoch, topology.epoch + 1);
  });

  it('by a promotion leave every node the ports that it had', () => {
    const topology = wholeTopology();
    const ports = ({ nodes }: Topology): unknown => nodes.map(({ port, tlsPort }) => [port, tlsPort]);
    assert.deepEqual(ports(withPromotion(topology, 'n4', 'down')), ports(topology));
  });

  it('by a promotion leave a dead replica dead', () => {
    const next = withPromotion(withHealth(wholeTopology(), 'n3', 'down'), 'n4', 'down');
    assert.deepEqual([nodeOf(next, 'n3').masterName, nodeOf(next, 'n3').health], ['n4', 'down']);
  });

  it('by the loss of a master leave it its slots, and its replicas nothing to be in sync with', () => {
    const topology = wholeTopology();
    const next = withMasterLost(topology, 'n1');
    assert.equal(nodeOf(next, 'n1').health, 'down');
    assert.deepEqual(nodeOf(next, 'n1').slots, nodeOf(topology, 'n1').slots);
    assert.deepEqual(inSyncReplicasOf(next, 'n1'), []);
    assert.deepEqual(names(inSyncReplicasOf(next, 'n2')), ['n5', 'n6']);
  });

  it('refuse to promote a master, or a node that does not exist', () => {
    assert.throws(() => withPromotion(wholeTopology(), 'n1', 'down'), /n1 follows no master/);
    assert.throws(() => withPromotion(wholeTopology(), 'n9', 'down'), /no node n9/);
  });
});
