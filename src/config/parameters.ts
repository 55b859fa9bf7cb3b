/** What CONFIG GET tells and CONFIG SET changes: one row per parameter, under Redis's name where Redis has it. */
import {
  always,
  evictionPolicy,
  INT_MAX,
  integerBetween,
  logLevel,
  LONG_MAX,
  memoryBetween,
  outputLimits,
  UINT_MAX,
  yesOrNo,
  type ValueType,
} from './parameter-values.js';
import type { ServerConfig } from './server-config.js';

export interface Parameter {
  readonly name: string;
  readonly read: (config: ServerConfig) => string;
  /** What a new value changes; throws ParameterError for one that cannot be taken. Absent: fixed while the node runs. */
  readonly change?: (text: string, config: ServerConfig) => Partial<ServerConfig>;
}

const SECOND_MS = 1000;
const MIB = 1024 * 1024;
/** Longest buffer of Node.js that decoding can grow into. */
const BUFFER_MAX = 2 ** 31 - 1;

function mutable<Field extends keyof ServerConfig>(
  name: string,
  field: Field,
  type: ValueType<ServerConfig[Field]>,
): Parameter {
  return {
    name,
    read: (config) => type.format(config[field]),
    change: (text, config) => ({ [field]: type.parse(text, config[field]) }),
  };
}

const fixed = (name: string, read: (config: ServerConfig) => string | number): Parameter => ({
  name,
  read: (config) => String(read(config)),
});

function constant(name: string, value: string): Parameter {
  const type = always(value);
  return {
    name,
    read: () => value,
    change: (text) => {
      type.parse(text, value);
      return {};
    },
  };
}

/** Secrets are not among them. */
export const parameters: readonly Parameter[] = [
  fixed('bind', (config) => config.host),
  fixed('port', (config) => config.port),
  fixed('dir', (config) => config.directory ?? ''),
  mutable('loglevel', 'logLevel', logLevel),
  mutable('maxmemory', 'maxMemoryBytes', memoryBetween(0, LONG_MAX)),
  mutable('maxmemory-policy', 'evictionPolicy', evictionPolicy),
  mutable('maxmemory-samples', 'evictionSamples', integerBetween(1, INT_MAX)),
  mutable('maxmemory-eviction-tenacity', 'evictionTenacity', integerBetween(0, 100)),
  mutable('maxmemory-clients', 'clientsMemoryBytes', memoryBetween(0, LONG_MAX)),
  mutable('lfu-log-factor', 'lfuLogFactor', integerBetween(0, INT_MAX)),
  mutable('lfu-decay-time', 'lfuDecayMinutes', integerBetween(0, INT_MAX)),
  mutable('maxclients', 'maxClients', integerBetween(1, UINT_MAX)),
  fixed('tcp-backlog', (config) => config.tcpBacklog),
  mutable('proto-max-bulk-len', 'maxBulkBytes', memoryBetween(MIB, BUFFER_MAX)),
  fixed('proto-max-multibulk-len', (config) => config.maxArguments),
  fixed('proto-inline-max-size', (config) => config.maxInlineBytes),
  mutable('client-query-buffer-limit', 'queryBufferBytes', memoryBetween(MIB, BUFFER_MAX)),
  mutable('client-output-buffer-limit', 'outputLimits', outputLimits),
  mutable('timeout', 'idleTimeoutMs', integerBetween(0, INT_MAX, SECOND_MS)),
  mutable('tcp-keepalive', 'keepAliveMs', integerBetween(0, INT_MAX, SECOND_MS)),
  mutable('authentication-timeout', 'authenticationTimeoutMs', integerBetween(0, INT_MAX, SECOND_MS)),
  mutable('protected-mode', 'isProtected', yesOrNo),
  mutable('auth-delay-ms', 'authDelayMs', integerBetween(0, INT_MAX)),
  mutable('auth-delay-max-ms', 'authDelayMaxMs', integerBetween(0, INT_MAX)),
  mutable('slowlog-log-slower-than', 'slowlogThresholdUs', integerBetween(-1, LONG_MAX)),
  mutable('slowlog-max-len', 'slowlogLengthMax', integerBetween(0, LONG_MAX)),
  mutable('latency-monitor-threshold', 'latencyThresholdMs', integerBetween(0, LONG_MAX)),
  fixed('tls-port', (config) => config.tls?.port ?? 0),
  fixed('tls-cert-file', (config) => config.tls?.certFile ?? ''),
  fixed('tls-key-file', (config) => config.tls?.keyFile ?? ''),
  fixed('tls-ca-cert-file', (config) => config.tls?.caFile ?? ''),
  fixed('tls-auth-clients', (config) => config.tls?.authClients ?? 'yes'),
  mutable('repl-backlog-size', 'backlogBytes', memoryBetween(1, LONG_MAX)),
  fixed('repl-timeout', (config) => config.replicationTimeoutMs / SECOND_MS),
  mutable('shutdown-timeout', 'drainTimeoutMs', integerBetween(0, INT_MAX, SECOND_MS)),
  mutable('deferred-timeout', 'deferredTimeoutMs', integerBetween(0, INT_MAX, SECOND_MS)),
  fixed('databases', () => 1),
  constant('save', ''),
  constant('appendonly', 'no'),
  constant('notify-keyspace-events', ''),
  constant('latency-tracking', 'yes'),
];

const byName = new Map(parameters.map((parameter) => [parameter.name, parameter]));

/** @param name In any case of letters. */
export function parameterNamed(name: string): Parameter | undefined {
  return byName.get(name.toLowerCase());
}
