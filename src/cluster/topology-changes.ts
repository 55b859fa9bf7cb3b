/** How a topology changes when nodes come, go and take over: pure functions, one per transition. */
import { rangesOfPlacement } from '../topology/ranges.js';
import { placeSlots } from '../topology/placement.js';
import type { NodeHealth, Topology, TopologyNode } from '../topology/topology.js';

/** A node before it has a role. */
export interface NodeIdentity {
  readonly name: string;
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly tlsPort?: number | undefined;
}

/** Masters come first, then the replicas in the order of their masters; `masters * (1 + replicasPerMaster)` nodes in all. */
export function initialTopology(
  clusterName: string,
  epoch: number,
  nodes: readonly NodeIdentity[],
  replicasPerMaster: number,
): Topology {
  const masters = nodes.slice(0, nodes.length / (1 + replicasPerMaster));
  const ranges = rangesOfPlacement(placeSlots(masters), masters.length);
  const asMaster = (node: NodeIdentity, index: number): TopologyNode => {
    return { ...node, role: 'master', health: 'online', slots: ranges[index] };
  };
  const asReplica = (node: NodeIdentity, index: number): TopologyNode => {
    const masterName = masters[Math.floor(index / replicasPerMaster)].name;
    return { ...node, role: 'replica', masterName, health: 'syncing', slots: [] };
  };
  const replicas = nodes.slice(masters.length);
  return { epoch, clusterName, nodes: [...masters.map(asMaster), ...replicas.map(asReplica)] };
}

/** The node of that name; throws RangeError when there is none (a defect: names are checked where they come in). */
export function nodeOf(topology: Topology, name: string): TopologyNode {
  const node = topology.nodes.find((candidate) => candidate.name === name);
  if (node === undefined) throw new RangeError(`the topology has no node ${name}`);
  return node;
}

/** All replicas of a master, in sync or not. */
export function replicasOf(topology: Topology, masterName: string): TopologyNode[] {
  return topology.nodes.filter((node) => node.role === 'replica' && node.masterName === masterName);
}

/** The replicas that hold everything their master has acknowledged: the only ones that may take over. */
export function inSyncReplicasOf(topology: Topology, masterName: string): TopologyNode[] {
  return replicasOf(topology, masterName).filter((node) => node.health === 'online');
}

/** The topology with one node's health changed and the epoch raised, or the very same one when nothing changes. */
export function withHealth(topology: Topology, name: string, health: NodeHealth): Topology {
  if (nodeOf(topology, name).health === health) return topology;
  return withNodes(topology, (node) => (node.name === name ? { ...node, health } : node));
}

/**
 * The replica `heirName` takes over from its master: it gets the slots, the former master follows it (as `formerHealth`), and so do
 * the other replicas, which have to sync with it first. Throws RangeError when `heirName` is not a replica of a master.
 */
export function withPromotion(topology: Topology, heirName: string, formerHealth: NodeHealth): Topology {
  const heir = nodeOf(topology, heirName);
  if (heir.masterName === undefined) throw new RangeError(`${heirName} follows no master`);
  const former = nodeOf(topology, heir.masterName);
  return withNodes(topology, (node) => {
    if (node.name === heir.name) return { ...identityOf(node), role: 'master', health: 'online', slots: former.slots };
    if (node.name === former.name) return asReplicaOf(node, heir.name, formerHealth);
    if (node.masterName !== former.name) return node;
    return asReplicaOf(node, heir.name, node.health === 'down' ? 'down' : 'syncing');
  });
}

/** A master is gone and nobody can take over: it keeps its slots, and its replicas have nothing to be in sync with. */
export function withMasterLost(topology: Topology, name: string): Topology {
  return withNodes(topology, (node) => {
    if (node.name === name) return { ...node, health: 'down' };
    if (node.masterName === name && node.health === 'online') return { ...node, health: 'syncing' };
    return node;
  });
}

/** The same topology under an epoch above both its own and the given one. */
export function withEpochAbove(topology: Topology, epoch: number): Topology {
  return { ...topology, epoch: Math.max(topology.epoch, epoch) + 1 };
}

function withNodes(topology: Topology, change: (node: TopologyNode) => TopologyNode): Topology {
  return { ...topology, epoch: topology.epoch + 1, nodes: topology.nodes.map(change) };
}

function asReplicaOf(node: TopologyNode, masterName: string, health: NodeHealth): TopologyNode {
  return { ...identityOf(node), role: 'replica', masterName, health, slots: [] };
}

function identityOf({ name, id, host, port, tlsPort }: TopologyNode): NodeIdentity {
  return { name, id, host, port, ...(tlsPort !== undefined && { tlsPort }) };
}
