/** Which server a command talks to, and as whom: flags first, then the environment, then the one cluster that runs. */
import type { Endpoint } from '../client/types.js';
import { parseEndpoint } from '../client/endpoint.js';
import { rednodeHome } from '../config/home.js';
import { ExitCode, RedNodeError } from '../errors.js';

export interface TargetFlags {
  readonly url?: string | undefined;
  readonly cluster?: string | undefined;
  readonly tenant?: string | undefined;
  readonly 'tls-ca'?: string | undefined;
  readonly 'tls-cert'?: string | undefined;
  readonly 'tls-key'?: string | undefined;
  readonly insecure?: boolean | undefined;
}

export interface Target {
  readonly endpoint: Endpoint;
  /** The cluster's name, or `host:port` of a server that was named by its URL. */
  readonly name: string;
  /** A tenant to enter once connected, as the admin may; undefined when the handshake already says who we are. */
  readonly tenantToEnter: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws NO_CLUSTER, SEVERAL_CLUSTERS, BAD_URL or USAGE, each with what to do next. */
export async function findTarget(flags: TargetFlags, env: Environment = process.env): Promise<Target> {
  const { endpoint, name } = await findServer(flags, env);
  return withIdentity(await withTls(endpoint, flags, env), name, flags.tenant ?? nonEmpty(env.REDNODE_TENANT), env);
}

/** What TLS needs to know is read only where TLS is asked for. */
async function withTls(endpoint: Endpoint, flags: TargetFlags, env: Environment): Promise<Endpoint> {
  const isAsked = ['tls-ca', 'tls-cert', 'tls-key'].some(
    (name) => name in flags && flags[name as 'tls-ca'] !== undefined,
  );
  if (endpoint.tls !== true && !isAsked && flags.insecure !== true) return endpoint;
  const { tlsClientOptions } = await import('./tls-client.js');
  return { ...endpoint, tlsOptions: tlsClientOptions(endpoint, flags, env) };
}

async function findServer(flags: TargetFlags, env: Environment): Promise<{ endpoint: Endpoint; name: string }> {
  if (flags.url !== undefined && flags.cluster !== undefined) {
    throw new RedNodeError('USAGE', '--url and --cluster name two servers', ExitCode.usage, {
      hint: 'give one of them',
    });
  }
  const url = flags.url ?? (flags.cluster === undefined ? nonEmpty(env.REDNODE_URL) : undefined);
  if (url !== undefined) {
    const endpoint = parseEndpoint(url);
    return { endpoint, name: `${endpoint.host}:${endpoint.port}` };
  }
  return serverOfCluster(flags.cluster, env);
}

async function serverOfCluster(
  name: string | undefined,
  env: Environment,
): Promise<{ endpoint: Endpoint; name: string }> {
  // Loaded only here: with --url no part of the launcher is needed.
  const { openCluster } = await import('../cluster/directory.js');
  const control = await openCluster(rednodeHome(env), name);
  try {
    const status = await control.status();
    const node =
      status.nodes.find((candidate) => candidate.role === 'master' && candidate.health === 'online') ??
      status.nodes.find((candidate) => candidate.health !== 'down');
    if (node === undefined) {
      throw new RedNodeError('NO_NODE', `no node of cluster ${status.name} answers`, ExitCode.unreachable, {
        hint: `rednode cluster status ${status.name}`,
      });
    }
    return { endpoint: { host: node.host, port: node.port }, name: status.name };
  } finally {
    control.close();
  }
}

/** Adds who we are. Secrets come from the URL or from the environment, never from a flag of their own. */
export function withIdentity(endpoint: Endpoint, name: string, tenant: string | undefined, env: Environment): Target {
  const token = nonEmpty(env.REDNODE_TOKEN);
  const adminPassword = nonEmpty(env.REDNODE_ADMIN_PASSWORD);
  if (tenant !== undefined && token !== undefined) {
    return { endpoint: { ...endpoint, username: tenant, password: token }, name, tenantToEnter: undefined };
  }
  if (endpoint.password !== undefined) {
    return { endpoint, name, tenantToEnter: tenant === endpoint.username ? undefined : tenant };
  }
  if (adminPassword !== undefined)
    return { endpoint: { ...endpoint, password: adminPassword }, name, tenantToEnter: tenant };
  if (token !== undefined) {
    throw new RedNodeError('USAGE', 'REDNODE_TOKEN is set, but no tenant is named', ExitCode.usage, {
      hint: '--tenant NAME, or REDNODE_TENANT',
    });
  }
  return { endpoint, name, tenantToEnter: tenant };
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}
