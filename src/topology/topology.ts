/**
 * The topology of a cluster at one epoch: which nodes there are, what each one is, and which slots each master serves.
 * Plain data: it travels over IPC, lies in the state file, and is what CLUSTER SHARDS/SLOTS/NODES are rendered from.
 */

export const SLOT_COUNT = 16_384;

/** Half-open would be at odds with the wire: both ends belong to the range, as in CLUSTER SLOTS. */
export interface SlotRange {
  readonly start: number;
  readonly end: number;
}

export type NodeRole = 'master' | 'replica';

/** `online`: serves. `syncing`: a replica that is not in sync yet. `down`: its process is not running. */
export type NodeHealth = 'online' | 'syncing' | 'down';

export interface TopologyNode {
  /** Short name, the same everywhere a person sees it: `n1`. */
  readonly name: string;
  /** 40 hex digits, Redis's node id. */
  readonly id: string;
  readonly host: string;
  readonly port: number;
  /** Where it listens for TLS, if it does. */
  readonly tlsPort?: number | undefined;
  readonly role: NodeRole;
  /** Name of the master that a replica follows. */
  readonly masterName?: string | undefined;
  readonly health: NodeHealth;
  /** Slots of a master, ascending and disjoint; empty for a replica. */
  readonly slots: readonly SlotRange[];
}

export interface Topology {
  /** Grows with every change; a node keeps the highest it has seen. */
  readonly epoch: number;
  readonly clusterName: string;
  readonly nodes: readonly TopologyNode[];
}

/** The port that a client is told: one that came in by TLS goes on by TLS, as with Redis's tls-cluster. */
export function portFor({ port, tlsPort }: TopologyNode, isSecure: boolean): number {
  return isSecure ? (tlsPort ?? port) : port;
}
