/** Which slots this node serves, and the redirections of Redis Cluster for all others. */
import { keyPositions, type Command } from '../command-table/command.js';
import type { Request } from '../resp/request.js';
import { slotOf } from '../topology/slots.js';
import type { QueuedCommand } from './transaction.js';
import { portFor, SLOT_COUNT, type Topology, type TopologyNode } from '../topology/topology.js';

/** What the answer depends on besides the command. */
export interface RoutedClient {
  readonly readsFromReplica: boolean;
  readonly isSecure: boolean;
}

const UNSERVED = -1;
const CROSS_SLOT = "CROSSSLOT Keys in request don't hash to the same slot";

export class Router {
  /** Index in `topology.nodes` of the master that serves each slot, or UNSERVED. */
  private readonly owners = new Int16Array(SLOT_COUNT).fill(UNSERVED);
  private readonly ownIndex: number;
  /** Index of the master that this node replicates; UNSERVED for a master. */
  private readonly masterIndex: number;

  constructor(
    readonly topology: Topology,
    readonly self: TopologyNode,
  ) {
    this.ownIndex = topology.nodes.indexOf(self);
    this.masterIndex =
      self.role === 'replica' ? topology.nodes.findIndex((node) => node.name === self.masterName) : UNSERVED;
    topology.nodes.forEach((node, index) => {
      for (const { start, end } of node.slots) this.owners.fill(index, start, end + 1);
    });
  }

  /** Undefined when this node may run the command, else the redirection or error to answer with. */
  check(command: Command, request: Request, client: RoutedClient): string | undefined {
    const { first, last } = command.keys;
    if (first >= request.argc) return undefined;
    const slot = slotOf(request.buffer, request.offsets[first], request.lengths[first]);
    if (last !== first && !this.allInSlot(command, request, slot)) {
      return CROSS_SLOT;
    }
    const owner = this.owners[slot];
    if (owner === this.ownIndex) return undefined;
    if (owner === UNSERVED) return 'CLUSTERDOWN Hash slot not served';
    if (owner === this.masterIndex && client.readsFromReplica && !command.isWrite) return undefined;
    const node = this.topology.nodes[owner];
    if (node.health === 'down') return 'CLUSTERDOWN The cluster is down';
    return `MOVED ${slot} ${node.host}:${portFor(node, client.isSecure)}`;
  }

  /** As `check`, for commands that run together: their keys must all be in one slot. */
  checkTogether(queue: readonly QueuedCommand[], client: RoutedClient): string | undefined {
    let together: number | undefined;
    for (const { command, request } of queue) {
      const { first } = command.keys;
      if (first === 0 || first >= request.argc) continue;
      const refusal = this.check(command, request, client);
      if (refusal !== undefined) return refusal;
      const slot = slotOf(request.buffer, request.offsets[first], request.lengths[first]);
      if (together !== undefined && slot !== together) return CROSS_SLOT;
      together = slot;
    }
    return undefined;
  }

  private allInSlot(command: Command, request: Request, slot: number): boolean {
    for (const index of keyPositions(command, request.argc)) {
      if (slotOf(request.buffer, request.offsets[index], request.lengths[index]) !== slot) return false;
    }
    return true;
  }
}
