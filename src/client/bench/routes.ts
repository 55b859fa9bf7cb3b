/** Which master a request goes to, as the topology says that was read last. */
import { SLOT_COUNT } from '../../topology/topology.js';
import type { ClientNode } from '../types.js';

/** In `owners`: no master is known to serve the slot. */
const NO_OWNER = 0xffff;

/** What routes are made of: the routing client, or what a test puts in its place. */
export interface TopologySource {
  readonly isCluster: boolean;
  nodes(): readonly ClientNode[];
  refresh(): Promise<void>;
}

export class Routes {
  masters: readonly ClientNode[] = [];
  /** Index into `masters` by slot, or NO_OWNER. Another array after each reading, so that both can be kept together. */
  owners = new Uint16Array(SLOT_COUNT);
  private refreshing: Promise<void> | undefined;

  constructor(private readonly source: TopologySource) {
    this.adopt();
  }

  get isCluster(): boolean {
    return this.source.isCluster;
  }

  /** Reads the topology anew; those who ask at the same time share one reading. Throws CLUSTER_UNREACHABLE. */
  refresh(): Promise<void> {
    this.refreshing ??= this.source
      .refresh()
      .then(() => {
        this.adopt();
      })
      .finally(() => {
        this.refreshing = undefined;
      });
    return this.refreshing;
  }

  private adopt(): void {
    this.masters = this.source.nodes().filter((node) => node.role === 'master' && node.slots.length > 0);
    this.owners = new Uint16Array(SLOT_COUNT).fill(NO_OWNER);
    this.masters.forEach((node, index) => {
      for (const { start, end } of node.slots) this.owners.fill(index, start, end + 1);
    });
  }
}
