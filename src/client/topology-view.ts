/** The cluster as the client sees it: the nodes, and which of them owns each slot. Corrected by MOVED between readings. */
import { SLOT_COUNT } from '../topology/topology.js';
import { addressOf, type Address } from './endpoint.js';
import type { ClientNode } from './types.js';

/** In the slot table: no node is known to own the slot. */
const NO_OWNER = 0xffff;

export class TopologyView {
  private readonly members: ClientNode[];
  /** Index into `members` by slot. */
  private readonly owners = new Uint16Array(SLOT_COUNT).fill(NO_OWNER);

  constructor(
    nodes: readonly ClientNode[],
    /** False for a server without cluster mode: one node that takes every key. */
    readonly isCluster: boolean,
  ) {
    this.members = [...nodes];
    this.members.forEach((node, index) => {
      if (node.role !== 'master') return;
      for (const { start, end } of node.slots) this.owners.fill(index, start, end + 1);
    });
  }

  get nodes(): readonly ClientNode[] {
    return this.members;
  }

  /** The master that serves a slot, or undefined when none is known to. */
  ownerOf(slot: number): ClientNode | undefined {
    const index = this.owners[slot];
    return index === NO_OWNER ? undefined : this.members[index];
  }

  replicasOf(master: ClientNode): readonly ClientNode[] {
    return this.members.filter((node) => node.masterName === master.name);
  }

  /** The masters that hold slots, by their lowest slot: an order that survives a failover. */
  shardMasters(): readonly ClientNode[] {
    return this.members
      .filter((node) => node.role === 'master' && node.slots.length > 0)
      .sort((left, right) => left.slots[0].start - right.slots[0].start);
  }

  /** By short name or by `host:port`. */
  find(name: string): ClientNode | undefined {
    return this.members.find((node) => node.name === name) ?? this.members.find((node) => addressOf(node) === name);
  }

  /** The node that listens there; one that is not known yet is added, to be described at the next reading. */
  at(address: Address): ClientNode {
    const known = this.members.find(({ host, port }) => host === address.host && port === address.port);
    if (known !== undefined) return known;
    const added = undescribedNode(address);
    this.members.push(added);
    return added;
  }

  /** What a MOVED reply says: the slot is served there. */
  move(slot: number, address: Address): ClientNode {
    const node = this.at(address);
    this.owners[slot] = this.members.indexOf(node);
    return node;
  }
}

/** A node of which the address alone is known. */
export function undescribedNode({ host, port }: Address): ClientNode {
  const name = addressOf({ host, port });
  return { name, host, port, role: 'master', health: 'online', slots: [], slotCount: 0, replicationOffset: 0 };
}

/** The view of a server without cluster mode. */
export function oneNodeView(address: Address): TopologyView {
  const slots = [{ start: 0, end: SLOT_COUNT - 1 }];
  return new TopologyView([{ ...undescribedNode(address), slots, slotCount: SLOT_COUNT }], false);
}
