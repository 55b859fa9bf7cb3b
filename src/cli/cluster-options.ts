/** From the flags of `cluster up` to what the launcher is asked for. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import type { ClusterOptions } from '../cluster/types.js';
import { evictionPolicies } from '../config/eviction-policy.js';
import { clusterDirectory, rednodeHome } from '../config/home.js';
import { parseDurationMs, parseSizeBytes } from './formats.js';
import { tlsIdentity, type TlsIdentityFlags } from './tls-options.js';

export const DEFAULT_CLUSTER_NAME = 'default';
export const DEFAULT_FIRST_PORT = 7379;

export interface UpFlags extends TlsIdentityFlags {
  readonly masters: number;
  readonly replicas: number;
  readonly port?: number | undefined;
  readonly dir?: string | undefined;
  readonly ephemeral: boolean;
  /** Seconds, or a duration with a unit. */
  readonly timeout: string;
  readonly 'max-memory'?: string | undefined;
  readonly 'max-memory-policy': string;
  readonly 'log-level': string;
}

/** Throws BAD_CLUSTER_NAME and BAD_VALUE. */
export function clusterOptions(name: string, flags: UpFlags, env: NodeJS.ProcessEnv = process.env): ClusterOptions {
  const directory = clusterDirectory(rednodeHome(env), name);
  const password = env.REDNODE_ADMIN_PASSWORD;
  return {
    name,
    masters: flags.masters,
    replicasPerMaster: flags.replicas,
    host: '127.0.0.1',
    port: flags.port ?? DEFAULT_FIRST_PORT,
    portIsExplicit: flags.port !== undefined,
    directory: flags.dir === undefined ? directory : path.resolve(flags.dir),
    ephemeral: flags.ephemeral,
    startTimeoutMs: parseDurationMs(flags.timeout, '--timeout'),
    maxMemoryBytes: flags['max-memory'] === undefined ? 0 : parseSizeBytes(flags['max-memory'], '--max-memory'),
    evictionPolicy: evictionPolicies.find((policy) => policy === flags['max-memory-policy']),
    logLevel: flags['log-level'],
    tls: tlsIdentity(flags, '--tls-cert FILE --tls-key FILE'),
    ...(password === undefined || password === ''
      ? {}
      : { adminPasswordHash: createHash('sha256').update(password).digest('hex') }),
  };
}
