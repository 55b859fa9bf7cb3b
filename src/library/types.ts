/// <reference lib="esnext.disposable" preserve="true" />
/** What users of the library see. Imports nothing, so that its declarations stand alone. */

/** Least level that is logged. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Which keys go when `maxMemoryBytes` is reached. `noeviction`: none, writes get an error. */
export type EvictionPolicy =
  | 'noeviction'
  | 'allkeys-lru'
  | 'allkeys-lfu'
  | 'allkeys-random'
  | 'volatile-lru'
  | 'volatile-lfu'
  | 'volatile-random'
  | 'volatile-ttl';

/** Settings that a server and a cluster share. `T` are the names of the tenants to create. */
export interface CommonOptions<T extends string = string> {
  /** Address to listen on. Default: 127.0.0.1. */
  readonly host?: string;
  /** Password of the admin, who is user `default`. Without one, whoever reaches the port is the admin. The URLs carry it. */
  readonly password?: string;
  /** Limit for keys and values of each node, in bytes. Default: none. */
  readonly maxMemoryBytes?: number;
  /** Default: `noeviction`. */
  readonly evictionPolicy?: EvictionPolicy;
  /** Tenants to create: names of 1 to 63 letters, digits, `_`, `.` and `-`. */
  readonly tenants?: readonly T[];
}

export interface ServerOptions<T extends string = string> extends CommonOptions<T> {
  /** Port to listen on. Default: any free one. Throws PORT_IN_USE when it is taken. */
  readonly port?: number;
  /** What the server logs to standard error, as lines of JSON. Default: `silent`. */
  readonly logLevel?: LogLevel;
}

export interface ClusterOptions<T extends string = string> extends CommonOptions<T> {
  /** Masters, which share the 16384 slots. Default: 3. */
  readonly masters?: number;
  /** Replicas of each master. Default: 0; failover needs 1. */
  readonly replicas?: number;
  /** First port of the block: the nodes listen on as many ports in a row. Default: any free block. Throws PORT_IN_USE when one is taken. */
  readonly port?: number;
  /** What each node logs, to the file that is its `logFile` while the cluster runs. Default: `info`. */
  readonly logLevel?: LogLevel;
  /** Give up when the cluster is not ready after this time. Default: 30000. */
  readonly startTimeoutMs?: number;
}

/** A tenant: keys and channels of its own on the same nodes. */
export interface Tenant {
  readonly name: string;
  /** Its secret: clients authenticate with the name as username and this as password. */
  readonly token: string;
  /** `redis://name:token@host:port`; of a cluster, the URL of a node that knows the others. */
  readonly url: string;
}

/** What a tenant may take; on each node, where there are several. What is left out is not limited. */
export interface TenantLimits {
  readonly maxKeys?: number;
  readonly maxMemoryBytes?: number;
  readonly maxOpsPerSecond?: number;
  readonly maxConnections?: number;
  /** Time to live of keys that are set without one. */
  readonly defaultTtlSeconds?: number;
  /** Which of its keys go when it reaches its limit of memory or keys. Default: none, its writes get an error. */
  readonly evictionPolicy?: EvictionPolicy;
}

/** What a server and a cluster have in common. */
export interface Running<T extends string = string> extends AsyncDisposable {
  /** For any Redis client: `redis://127.0.0.1:29841`, with the password where there is one. Of a cluster: of its first node. */
  readonly url: string;
  /** The tenants that the options asked for, by name. */
  readonly tenants: Readonly<Record<T, Tenant>>;
  /** Creates a tenant, on all nodes when it resolves. Throws BAD_OPTION, TENANT_REFUSED (a name that is taken or none), STOPPED. */
  createTenant(name: string, limits?: TenantLimits): Promise<Tenant>;
  /** Ends it with everything it holds; resolves when its ports are free again. May be called again. */
  stop(): Promise<void>;
}

export interface RunningServer<T extends string = string> extends Running<T> {
  readonly host: string;
  readonly port: number;
}

export interface ClusterNode {
  /** `n1`: what `kill` and `status` call it. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly role: 'master' | 'replica';
  /** Of a replica: the node it follows. */
  readonly masterName?: string;
  readonly url: string;
  readonly logFile: string;
}

export interface NodeStatus extends ClusterNode {
  /** `online`: serves. `syncing`: a replica that has not caught up yet. `down`: its process is not running. */
  readonly health: 'online' | 'syncing' | 'down';
  /** Of a master, in Redis's notation: `0-5460,7000`. Empty for a replica. */
  readonly slots: string;
  readonly slotCount: number;
  /** Absent while it is down. */
  readonly pid?: number;
  /** How often its process has been started again. */
  readonly restarts: number;
  /** Keys of all tenants, as of its last heartbeat. */
  readonly keys?: number;
  /** Bytes that keys and values take, as of its last heartbeat. */
  readonly memoryBytes?: number;
  /** Bytes of the replication log that it has not acknowledged yet; 0 for a master. */
  readonly lagBytes?: number;
}

export interface ClusterEvent {
  /** Unix time. */
  readonly atMs: number;
  readonly kind: 'node-died' | 'node-started' | 'promoted' | 'in-sync' | 'full-sync' | 'data-lost' | 'gave-up';
  readonly node: string;
  readonly message: string;
}

export interface ClusterStatus {
  /** `ready`: every slot is served, every replica is in sync. `degraded`: every slot is served. `failing`: some are not. */
  readonly state: 'starting' | 'ready' | 'degraded' | 'failing' | 'stopping';
  /** Grows with every change of the topology. */
  readonly epoch: number;
  readonly slotsServed: number;
  readonly nodes: readonly NodeStatus[];
  /** The latest events, newest last. */
  readonly events: readonly ClusterEvent[];
}

/** What killing or restarting a node led to, once the cluster is whole again. */
export interface NodeAction {
  readonly node: string;
  /** The replica that took over, if the node was a master with one in sync. */
  readonly promoted?: { readonly node: string; readonly afterMs: number };
  /** The node's new process; absent when it did not come back in time. */
  readonly back?: { readonly role: 'master' | 'replica'; readonly masterName?: string; readonly afterMs: number };
}

export interface RunningCluster<T extends string = string> extends Running<T> {
  /** One per node, in the order of `nodes`; a cluster client needs any of them. */
  readonly urls: readonly string[];
  /** The nodes as they were at the start; `status` tells their roles of now. */
  readonly nodes: readonly ClusterNode[];
  status(): Promise<ClusterStatus>;
  /** Ends a node's process with SIGKILL; resolves when the cluster is whole again. Throws NO_NODE, NODE_DOWN and STOPPED. */
  kill(node: string): Promise<NodeAction>;
  /** Restarts a node's process; a master hands over to its replica first. Throws NO_NODE, NODE_DOWN, NOT_IN_SYNC and STOPPED. */
  restart(node: string): Promise<NodeAction>;
}
