/**
 * What a handler sees of the world around it: its tenant's keys, its connection, its node. The server implements these
 * ports; handlers know nothing else of it, which is what keeps tenants apart by structure.
 */
import type { Keyspace } from '../keyspace/keyspace.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Topology, TopologyNode } from '../topology/topology.js';
import type { Command } from './command.js';

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
  /** Name and value of every configuration parameter. */
  parameters(): Iterable<readonly [name: string, value: string]>;
  /** The text of INFO for this session; without names, the default sections. */
  info(sections: readonly string[], session: SessionPort, keyspace: Keyspace): string;
  /** The connections that this session may see. */
  sessionsVisibleTo(session: SessionPort): Iterable<SessionPort>;
  /** Drains and ends the process; answers nothing on success. */
  shutdown(): void;
}

export interface ReplicationView {
  readonly role: 'master' | 'replica';
  readonly offset: number;
  /** As a master: its linked replicas. */
  readonly replicas: readonly { readonly host: string; readonly port: number; readonly ackOffset: number }[];
  /** As a replica. */
  readonly master: { readonly host: string; readonly port: number; readonly state: string } | undefined;
}

/** The tenants of one node or of the whole cluster: the same registry everywhere. */
export interface TenantPort {
  list(): readonly TenantInfo[];
  info(name: string): TenantInfo | undefined;
  /** Resolves to the token, which is shown this once. Rejects with the error to answer with. */
  create(name: string): Promise<string>;
  drop(name: string): Promise<void>;
}

export interface TenantInfo {
  readonly name: string;
  readonly database: number;
  readonly keys: number;
  readonly expires: number;
  readonly memoryBytes: number;
  readonly connections: number;
  readonly createdAtMs: number;
  readonly tokens: number;
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
