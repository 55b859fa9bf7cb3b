/**
 * What a handler sees of the world around it: its tenant's keys, its connection, its node. The server implements these
 * ports; handlers know nothing else of it, which is what keeps tenants apart by structure.
 */
import type { Keyspace } from '../keyspace/keyspace.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import type { Topology, TopologyNode } from '../topology/topology.js';
import type { Command } from './command.js';
import type { CommandTimes, LatencyPort, MemoryFigures, SettingsPort, SlowLogPort } from './observation.js';

export interface CommandContext {
  /** The keys of the tenant that the connection is in. */
  readonly keyspace: Keyspace;
  readonly session: SessionPort;
  readonly node: NodePort;
  readonly effect: EffectPort;
  /** Milliseconds since the Unix epoch, read once per batch of commands. */
  readonly now: number;
}

/** How a write reaches the replication log, when not as the request was sent. */
export interface EffectPort {
  /** Whether there is a log at all; without one, `replace` need not be called. */
  readonly isRecording: boolean;
  /** Whether something was logged in place of the request by now. */
  readonly isReplaced: boolean;
  /** Logs these words in place of the request; several calls are logged in order. */
  replace(...words: readonly (string | Uint8Array)[]): void;
}

/** One connection. */
export interface SessionPort {
  readonly id: number;
  readonly protocol: 2 | 3;
  setProtocol(version: 2 | 3): void;
  /** Name of the tenant it is in. */
  readonly tenant: string;
  /** Whether data commands are allowed: always, on an open node. */
  readonly isAuthenticated: boolean;
  /** Whether it may run admin commands and enter any tenant. */
  readonly isAdmin: boolean;
  /** Undefined when accepted, else the error to answer with. */
  authenticate(username: string | undefined, password: Uint8Array): string | undefined;
  /** Enters a tenant without its token, which an admin may; the error to answer with otherwise. */
  useTenant(name: string): string | undefined;
  name: string;
  libraryName: string;
  libraryVersion: string;
  /** Whether reads of its master's slots are welcome on a replica (READONLY). */
  readsFromReplica: boolean;
  /** `127.0.0.1:50123`, of the peer and of the node. */
  readonly address: string;
  readonly localAddress: string;
  /** Whether it came in by TLS. */
  readonly isSecure: boolean;
  /** Who it has authenticated as: a tenant, `default` for the admin, empty for a stranger. */
  readonly user: string;
  readonly type: ClientType;
  /** Whether its replies may come later (`defer`): not amid a transaction. */
  readonly mayWait: boolean;
  /** CLIENT REPLY. `skip`: the next command is not answered. */
  setReplies(replies: 'on' | 'off' | 'skip'): void;
  /** CLIENT NO-EVICT. */
  isEvictable: boolean;
  /** CLIENT NO-TOUCH. */
  leavesNoTrace: boolean;
  /** MONITOR: it is sent what is run; false when it is already. */
  monitor(): boolean;
  /** The line that CLIENT LIST and CLIENT INFO print for it. */
  describe(): string;
  /** Back to the state of a new connection. */
  reset(): void;
  closeAfterReplies(): void;
  /**
   * Answers later: no further command of this connection runs until then. `write` is called with the outcome; a
   * rejection is answered as an error.
   */
  defer<T>(work: Promise<T>, write: (value: T, reply: ReplyWriter) => void): void;
  readonly subscriptions: SubscriptionPort;
  readonly transaction: TransactionPort;
}

/** The transaction of one connection, and the keys it watches. */
export interface TransactionPort {
  /** Whether commands are queued: between MULTI and EXEC or DISCARD. */
  readonly isOpen: boolean;
  open(): void;
  /** Forgets what was queued and watched. */
  discard(): void;
  /** Runs what was queued, unless that has become impossible, and closes the transaction. */
  execute(reply: ReplyWriter): void;
  /** Watches the key in argument `index`. */
  watch(request: Request, index: number): void;
  unwatch(): void;
}

/** The subscriptions of one connection. Channels belong to its tenant. */
export interface SubscriptionPort {
  /** Channels and patterns together. */
  readonly count: number;
  subscribe(kind: 'channel' | 'pattern', name: Uint8Array): void;
  /** Whether it was subscribed. */
  unsubscribe(kind: 'channel' | 'pattern', name: Uint8Array): boolean;
  names(kind: 'channel' | 'pattern'): Buffer[];
}

/** The node as a whole. */
export interface NodePort {
  readonly commands: CommandTablePort;
  /** Undefined when the node is not part of a cluster. */
  readonly topology: Topology | undefined;
  /** Its own entry in the topology. */
  readonly self: TopologyNode | undefined;
  readonly replication: ReplicationView;
  readonly tenants: TenantPort;
  readonly pubsub: PubsubPort;
  readonly clients: ClientsPort;
  /** How many replicas have what a session wrote. */
  acknowledgedBy(session: SessionPort): number;
  /** Resolves to that number when it is `replicas`, or after `timeoutMs`; 0: no limit. */
  awaitReplicas(session: SessionPort, replicas: number, timeoutMs: number): Promise<number>;
  readonly settings: SettingsPort;
  readonly slowLog: SlowLogPort;
  readonly latency: LatencyPort;
  readonly commandTimes: CommandTimes;
  memory(): MemoryFigures;
  /** Sets all counters back to zero. */
  resetStatistics(): void;
  /** Whether expired keys are removed before somebody asks for them. */
  expiresActively: boolean;
  /** The text of INFO for this session; without names, the default sections. */
  info(sections: readonly string[], session: SessionPort, keyspace: Keyspace): string;
  /** The connections that this session may see. */
  sessionsVisibleTo(session: SessionPort): Iterable<SessionPort>;
  /** Resolves when the other connections have been served; for work that takes long. */
  nextTurn(): Promise<void>;
  /** Drains and ends the process; answers nothing on success. */
  shutdown(): void;
}

export type ClientType = 'normal' | 'pubsub' | 'master' | 'replica';

/** Which connections are meant; what is undefined does not matter. */
export interface ClientFilter {
  readonly id?: number | undefined;
  readonly address?: string | undefined;
  readonly localAddress?: string | undefined;
  readonly type?: ClientType | undefined;
  readonly user?: string | undefined;
  /** Not the connection that asks. */
  readonly skipsOwn: boolean;
}

export type PauseKind = 'write' | 'all';

/** What CLIENT does to other connections, as far as `by` may reach them. */
export interface ClientsPort {
  /** Whether there is a user of this name that `by` may know of. */
  hasUser(by: SessionPort, name: string): boolean;
  /** Closes connections; how many. */
  kill(by: SessionPort, filter: ClientFilter): number;
  pause(kind: PauseKind, durationMs: number): void;
  unpause(): void;
  /** Ends the waiting of a connection; false when it does not wait. */
  unblock(by: SessionPort, id: number, asError: boolean): boolean;
}

export interface ReplicationView {
  readonly role: 'master' | 'replica';
  readonly offset: number;
  /** As a master: its linked replicas. */
  readonly replicas: readonly { readonly host: string; readonly port: number; readonly ackOffset: number }[];
  /** As a replica. */
  readonly master: { readonly host: string; readonly port: number; readonly state: string } | undefined;
}

/** The tenants of one node or of the whole cluster: the same registry everywhere. What changes it rejects with the error to answer with. */
export interface TenantPort {
  list(): readonly string[];
  /** Undefined when there is no such tenant. */
  info(name: string): TenantInfo | undefined;
  stats(name: string): TenantStats | undefined;
  tokens(name: string): readonly TenantTokenInfo[] | undefined;
  /** Resolves to the token, which is shown this once. */
  create(name: string, limits: TenantLimitOptions): Promise<string>;
  limit(name: string, limits: TenantLimitOptions): Promise<void>;
  /** Resolves to the token's id and the token. */
  addToken(name: string, options: TenantTokenOptions): Promise<readonly [id: string, token: string]>;
  revokeToken(name: string, id: string): Promise<void>;
  rename(name: string, newName: string): Promise<void>;
  flush(name: string): Promise<void>;
  drop(name: string): Promise<void>;
  /** Visits the names some at a time, letting others run in between. */
  inSlices(names: readonly string[], visit: (name: string) => void): Promise<void>;
  /** Whether a token can be limited to this command or `@category`. */
  isCommandRule(rule: string): boolean;
}

/** Limits as they are asked for; 0 lifts one. */
export interface TenantLimitOptions {
  maxKeys?: number;
  maxMemoryBytes?: number;
  maxOpsPerSecond?: number;
  maxConnections?: number;
  defaultTtlSeconds?: number;
  /** A policy; `noeviction` lifts it. */
  evict?: string;
}

export interface TenantTokenOptions {
  /** Seconds from now. */
  expiresInSeconds?: number;
  readOnly?: boolean;
  commands?: string[];
  keys?: string[];
}

export interface TenantTokenInfo {
  readonly id: string;
  readonly createdAtMs: number;
  /** 0: never. */
  readonly expiresAtMs: number;
  /** On this node, since it started; 0: not yet. */
  readonly lastUsedAtMs: number;
  readonly connections: number;
  readonly readOnly: boolean;
  readonly commands: readonly string[];
  readonly keys: readonly string[];
}

/** What a tenant has; figures are those of this node. */
export interface TenantInfo {
  readonly name: string;
  readonly database: number;
  readonly keys: number;
  readonly expires: number;
  readonly memoryBytes: number;
  readonly connections: number;
  readonly tokens: number;
  readonly createdAtMs: number;
  /** As they were given, for all nodes together; 0: none. */
  readonly maxKeys: number;
  readonly maxMemoryBytes: number;
  readonly maxOpsPerSecond: number;
  readonly maxConnections: number;
  readonly defaultTtlSeconds: number;
  readonly evict: string;
}

/** What a tenant has done on this node since it started. */
export interface TenantStats {
  readonly commands: number;
  readonly hits: number;
  readonly misses: number;
  readonly expired: number;
  readonly evicted: number;
  readonly throttledMs: number;
  readonly rejectedKeys: number;
  readonly rejectedMemory: number;
  readonly rejectedConnections: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
}

export interface PubsubPort {
  /** Delivers to the subscribers of this tenant; how many received it. */
  publish(database: number, channel: Uint8Array, message: Uint8Array): number;
  /** Channels with subscribers, those matching the pattern if one is given. */
  channels(database: number, pattern: Uint8Array | undefined): Buffer[];
  subscriberCount(database: number, channel: Uint8Array): number;
  patternCount(database: number): number;
}

/** What COMMAND needs of the table. */
export interface CommandTablePort {
  all(): readonly Command[];
  find(words: readonly (string | Uint8Array)[]): Command | undefined;
}
