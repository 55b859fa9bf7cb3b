/** The settings of one node, with their defaults: every bound has its name here; see `parameters` for CONFIG GET and SET. */
import type { EvictionPolicy } from './eviction-policy.js';
import { defaultOutputLimits, type OutputLimits } from './output-limits.js';
import type { TlsConfig } from './tls-config.js';

export interface ServerConfig {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Folder for what outlives the process; undefined keeps nothing. */
  readonly directory: string | undefined;
  /** SHA-256 of the admin password, hex; undefined leaves the node open. */
  readonly adminPasswordHash: string | undefined;
  /** 0: no limit. */
  readonly maxMemoryBytes: number;
  /** Which keys make room when that limit is reached. */
  readonly evictionPolicy: EvictionPolicy;
  /** Keys that are looked at for each one that is evicted. */
  readonly evictionSamples: number;
  /** How long one command may evict: 0 to 100, on Redis's scale (10: 0.5 ms; 100: until the limit holds). */
  readonly evictionTenacity: number;
  /** How slowly the access counter of LFU grows, and after how many minutes it shrinks by one (0: never). */
  readonly lfuLogFactor: number;
  readonly lfuDecayMinutes: number;
  readonly maxClients: number;
  readonly tcpBacklog: number;
  /** Longest argument. */
  readonly maxBulkBytes: number;
  readonly maxArguments: number;
  readonly maxInlineBytes: number;
  /** Most bytes of undecoded requests held per connection. */
  readonly queryBufferBytes: number;
  /** What may wait in the sockets of clients that do not read. Of replicas: how far one may fall behind before its link is dropped. */
  readonly outputLimits: OutputLimits;
  /** What all clients together may hold in buffers before the largest are closed; 0: no limit. */
  readonly clientsMemoryBytes: number;
  /** A client that is silent for longer is closed; 0: never. */
  readonly idleTimeoutMs: number;
  /** How long a connection may take to authenticate, and to shake hands for TLS; 0: for ever. */
  readonly authenticationTimeoutMs: number;
  /** How long a connection is silent before the kernel asks whether the other side is still there; 0: it does not ask. */
  readonly keepAliveMs: number;
  /** Whether clients beyond loopback are refused as long as there is no admin password. */
  readonly isProtected: boolean;
  /** After wrong passwords the answer waits this long at first, then twice as long each time; 0: never. */
  readonly authDelayMs: number;
  readonly authDelayMaxMs: number;
  readonly tls: TlsConfig | undefined;
  /** How much of the replication log is kept for partial syncs. */
  readonly backlogBytes: number;
  /** A replication link with no sign of life for this long is dropped. */
  readonly replicationTimeoutMs: number;
  /** How long connections get to take their last replies at shutdown. */
  readonly drainTimeoutMs: number;
  /** How long a command that asks the launcher (TENANT CREATE) may wait. */
  readonly deferredTimeoutMs: number;
  /** Commands that take longer go into the slow log; 0: all, -1: none. */
  readonly slowlogThresholdUs: number;
  readonly slowlogLengthMax: number;
  /** What takes at least as long is remembered by LATENCY; 0: nothing is. */
  readonly latencyThresholdMs: number;
  readonly logLevel: string;
}

export const defaultServerConfig: ServerConfig = {
  host: '127.0.0.1',
  port: 6379,
  directory: undefined,
  adminPasswordHash: undefined,
  maxMemoryBytes: 0,
  evictionPolicy: 'noeviction',
  evictionSamples: 5,
  evictionTenacity: 10,
  lfuLogFactor: 10,
  lfuDecayMinutes: 1,
  maxClients: 10_000,
  tcpBacklog: 511,
  maxBulkBytes: 512 * 1024 * 1024,
  maxArguments: 1024 * 1024,
  maxInlineBytes: 64 * 1024,
  queryBufferBytes: 1024 * 1024 * 1024,
  outputLimits: defaultOutputLimits,
  clientsMemoryBytes: 0,
  idleTimeoutMs: 0,
  authenticationTimeoutMs: 30_000,
  keepAliveMs: 300_000,
  isProtected: true,
  authDelayMs: 100,
  authDelayMaxMs: 2000,
  tls: undefined,
  backlogBytes: 8 * 1024 * 1024,
  replicationTimeoutMs: 60_000,
  drainTimeoutMs: 1000,
  deferredTimeoutMs: 10_000,
  slowlogThresholdUs: 10_000,
  slowlogLengthMax: 128,
  latencyThresholdMs: 0,
  logLevel: 'info',
};
