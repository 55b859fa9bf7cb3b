/** The settings of one node, with their defaults: every bound has its name here, and CONFIG GET tells them all. */

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
  readonly maxClients: number;
  readonly tcpBacklog: number;
  /** Longest argument. */
  readonly maxBulkBytes: number;
  readonly maxArguments: number;
  readonly maxInlineBytes: number;
  /** Most bytes of undecoded requests held per connection. */
  readonly queryBufferBytes: number;
  /** A subscriber with more than this waiting in its socket is dropped. */
  readonly subscriberBufferBytes: number;
  /** How much of the replication log is kept for partial syncs. */
  readonly backlogBytes: number;
  /** How far a replica may fall behind before its link is dropped. */
  readonly replicaBufferBytes: number;
  /** A replication link with no sign of life for this long is dropped. */
  readonly replicationTimeoutMs: number;
  /** How long connections get to take their last replies at shutdown. */
  readonly drainTimeoutMs: number;
  /** How long a command that asks the launcher (TENANT CREATE) may wait. */
  readonly deferredTimeoutMs: number;
  readonly logLevel: string;
}

export const defaultServerConfig: ServerConfig = {
  host: '127.0.0.1',
  port: 6379,
  directory: undefined,
  adminPasswordHash: undefined,
  maxMemoryBytes: 0,
  maxClients: 10_000,
  tcpBacklog: 511,
  maxBulkBytes: 512 * 1024 * 1024,
  maxArguments: 1024 * 1024,
  maxInlineBytes: 64 * 1024,
  queryBufferBytes: 1024 * 1024 * 1024,
  subscriberBufferBytes: 32 * 1024 * 1024,
  backlogBytes: 8 * 1024 * 1024,
  replicaBufferBytes: 256 * 1024 * 1024,
  replicationTimeoutMs: 60_000,
  drainTimeoutMs: 1000,
  deferredTimeoutMs: 10_000,
  logLevel: 'info',
};

interface Parameter {
  /** Redis's name where it has the parameter. */
  readonly name: string;
  readonly read: (config: ServerConfig) => string;
}

const number = (name: string, read: (config: ServerConfig) => number): Parameter => ({
  name,
  read: (config) => String(read(config)),
});
const fixed = (name: string, value: string): Parameter => ({ name, read: () => value });

/** What CONFIG GET answers. Secrets are not among it. */
export const parameters: readonly Parameter[] = [
  { name: 'bind', read: (config) => config.host },
  number('port', (config) => config.port),
  { name: 'dir', read: (config) => config.directory ?? '' },
  { name: 'loglevel', read: (config) => config.logLevel },
  number('maxmemory', (config) => config.maxMemoryBytes),
  fixed('maxmemory-policy', 'noeviction'),
  number('maxclients', (config) => config.maxClients),
  number('tcp-backlog', (config) => config.tcpBacklog),
  number('proto-max-bulk-len', (config) => config.maxBulkBytes),
  number('proto-max-multibulk-len', (config) => config.maxArguments),
  number('proto-inline-max-size', (config) => config.maxInlineBytes),
  number('client-query-buffer-limit', (config) => config.queryBufferBytes),
  {
    name: 'client-output-buffer-limit',
    read: (config) => `normal 0 0 0 slave ${config.replicaBufferBytes} 0 0 pubsub ${config.subscriberBufferBytes} 0 0`,
  },
  number('repl-backlog-size', (config) => config.backlogBytes),
  number('repl-timeout', (config) => config.replicationTimeoutMs / 1000),
  number('shutdown-timeout', (config) => config.drainTimeoutMs / 1000),
  number('deferred-timeout', (config) => config.deferredTimeoutMs / 1000),
  number('databases', () => 1),
  fixed('save', ''),
  fixed('appendonly', 'no'),
  number('timeout', () => 0),
];
