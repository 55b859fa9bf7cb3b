/** What the launcher is asked for and what it reports: the shapes that the CLI renders and `--json` prints. */
import type { EvictionPolicy } from '../config/eviction-policy.js';
import type { TlsIdentity } from '../config/tls-config.js';
import type { NodeReport } from '../ipc/messages.js';
import type { NodeHealth, NodeRole } from '../topology/topology.js';

export interface ClusterOptions {
  readonly name: string;
  readonly masters: number;
  readonly replicasPerMaster: number;
  readonly host: string;
  /** First port of the block; `portIsExplicit` decides whether a taken block is an error or moves on. */
  readonly port: number;
  readonly portIsExplicit: boolean;
  /** The cluster's folder. */
  readonly directory: string;
  /** Nothing of the cluster is kept after it stops. */
  readonly ephemeral: boolean;
  readonly startTimeoutMs: number;
  readonly maxMemoryBytes: number;
  /** Without one, writes over that limit are refused. */
  readonly evictionPolicy?: EvictionPolicy | undefined;
  readonly logLevel: string;
  readonly adminPasswordHash?: string | undefined;
  /** Every node listens for TLS too, on a port next to those without. */
  readonly tls?: TlsIdentity | undefined;
}

/** One step of a start, as it happens. */
export type StartStep =
  | { readonly phase: 'begin'; readonly name: StepName }
  | { readonly phase: 'progress'; readonly name: StepName; readonly detail: string }
  | { readonly phase: 'end'; readonly name: StepName; readonly detail: string; readonly elapsedMs: number };

export type StepName = 'ports' | 'placement' | 'processes' | 'replication';

export interface NodeStatus {
  readonly name: string;
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly tlsPort?: number | undefined;
  readonly role: NodeRole;
  readonly health: NodeHealth;
  readonly masterName?: string | undefined;
  /** In Redis's notation: `0-5,7,9-12`; empty for a replica. */
  readonly slots: string;
  readonly slotCount: number;
  readonly pid?: number | undefined;
  /** Milliseconds since its process started; absent while down. */
  readonly uptimeMs?: number | undefined;
  readonly restarts: number;
  /** Bytes that a replica is behind its master; 0 for a master. */
  readonly lagBytes?: number | undefined;
  /** The last heartbeat; absent until the first one. */
  readonly report?: NodeReport | undefined;
  readonly url: string;
  readonly tlsUrl?: string | undefined;
  readonly logFile: string;
}

export interface ClusterStatus {
  readonly name: string;
  /** `ready`: every slot has a master that serves, every replica is in sync. `degraded`: every slot is served. `failing`: some are not. */
  readonly state: 'starting' | 'ready' | 'degraded' | 'failing' | 'stopping';
  readonly epoch: number;
  readonly launcherPid: number;
  readonly directory: string;
  readonly ephemeral: boolean;
  readonly startedAtMs: number;
  readonly readyInMs?: number | undefined;
  readonly slotsServed: number;
  readonly tenants: readonly string[];
  readonly nodes: readonly NodeStatus[];
  /** The latest events, newest last: failovers, restarts. */
  readonly events: readonly ClusterEvent[];
}

export interface ClusterEvent {
  readonly atMs: number;
  readonly kind: 'node-died' | 'node-started' | 'promoted' | 'in-sync' | 'full-sync' | 'data-lost' | 'gave-up';
  readonly node: string;
  readonly message: string;
}

/** A cluster as `ls` shows it. */
export interface ClusterEntry {
  readonly name: string;
  readonly state: 'running' | 'stopped';
  readonly directory: string;
  readonly launcherPid?: number | undefined;
  readonly masters: number;
  readonly replicas: number;
  readonly firstPort: number;
  readonly lastPort: number;
}

/** What a kill or a restart led to, once it is settled. */
export interface NodeActionResult {
  readonly node: string;
  /** Of the process that was ended. */
  readonly pid: number;
  readonly promoted?:
    | {
        readonly node: string;
        readonly afterMs: number;
        /** What it took over, in Redis's notation. */
        readonly slots: string;
        readonly slotCount: number;
      }
    | undefined;
  readonly back?:
    | {
        /** Of its new process. */
        readonly pid: number;
        readonly role: NodeRole;
        readonly masterName?: string | undefined;
        readonly afterMs: number;
        readonly sync?: { readonly kind: 'full' | 'partial'; readonly bytes: number } | undefined;
      }
    | undefined;
}
