/** One node inside the calling process: the quickest server that a test can have. */
import { describePortInUse } from '../cluster/ports.js';
import { RedNodeError, systemCodeOf } from '../errors.js';
import { silentLogger, type Logger } from '../server/logger.js';
import { startServer as startNode, type RunningServer as Node } from '../server/server.js';
import { hashSecret } from '../tenancy/tokens.js';
import { inLibraryWords, stopped } from './errors.js';
import { serverSettings, type ServerSettings } from './options.js';
import { TenantAdmin } from './tenants.js';
import type { LogLevel, RunningServer, ServerOptions, Tenant } from './types.js';
import { adminCredentials, urlOf } from './urls.js';

const STANDARD_ERROR = 2;

/**
 * Starts a server in this process and resolves when it takes connections. It does not keep the process alive.
 * Throws a RedNodeError: BAD_OPTION, PORT_IN_USE, TENANT_REFUSED; a system error when it cannot listen for another reason.
 */
export async function startServer<const T extends string = never>(
  options: ServerOptions<T> = {},
): Promise<RunningServer<T>> {
  const settings = serverSettings(options);
  const node = await listen(settings);
  const admin = adminCredentials(settings.password);
  const address = { host: node.host, port: node.port };
  const tenants = new TenantAdmin(() => [address], admin);
  const created = await tenants.createAll(settings.tenants).catch(async (error: unknown) => {
    await node.stop();
    throw error;
  });
  let isStopped = false;
  const stop = (): Promise<void> => {
    isStopped = true;
    return node.stop();
  };
  return {
    ...address,
    url: urlOf(address, admin),
    tenants: created as Record<T, Tenant>,
    createTenant: (name, limits) => (isStopped ? Promise.reject(stopped('server')) : tenants.create(name, limits)),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function listen({ password, tenants: _tenants, ...settings }: ServerSettings): Promise<Node> {
  const { host, port, logLevel } = settings;
  const adminPasswordHash = password === undefined ? undefined : hashSecret(password);
  const logger = await loggerOf(logLevel);
  try {
    return await startNode({ ...settings, adminPasswordHash, logger, isBackground: true });
  } catch (error) {
    if (systemCodeOf(error) !== 'EADDRINUSE') throw error;
    const described = await describePortInUse(port, host);
    throw described instanceof RedNodeError ? inLibraryWords(described) : error;
  }
}

/** Loaded only when there is something to log. */
async function loggerOf(level: LogLevel): Promise<Logger> {
  if (level === 'silent') return silentLogger;
  const { pino } = await import('pino');
  const logger: Logger = pino({ level, base: null }, pino.destination({ fd: STANDARD_ERROR, sync: true }));
  return logger;
}
