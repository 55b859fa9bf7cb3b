/** A running node: starts its parts in order, and stops them in the opposite one. */
import { systemClock, type Clock } from '../clock.js';
import { makeFolder } from '../config/make-folder.js';
import { defaultServerConfig, type ServerConfig } from '../config/server-config.js';
import { LocalAuthority } from '../tenancy/local-authority.js';
import type { TenantAuthority } from '../tenancy/authority.js';
import { Instance } from './instance.js';
import { Listener } from './listener.js';
import { silentLogger, type Logger } from './logger.js';
import { Maintenance } from './maintenance.js';

const PRIVATE_FOLDER_MODE = 0o700;

export interface StartOptions extends Partial<ServerConfig> {
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Decides on tenants; without one the node does so itself. */
  readonly authority?: TenantAuthority;
  /** Readies the node before the first client is let in. */
  readonly prepare?: (instance: Instance) => void;
  /** SHUTDOWN was called; by default the server is stopped. */
  readonly onShutdown?: () => void;
}

export interface RunningServer {
  readonly host: string;
  readonly port: number;
  readonly instance: Instance;
  /** Drains and stops; the same promise however often it is called. */
  stop(): Promise<void>;
  /** Resolves when it has stopped, whoever asked for it. */
  readonly stopped: Promise<void>;
}

/** Rejects with the system error (EADDRINUSE, EACCES) when the address cannot be had. */
export async function startServer(options: StartOptions = {}): Promise<RunningServer> {
  const { clock = systemClock, logger = silentLogger, authority, prepare, onShutdown, ...overrides } = options;
  const config: ServerConfig = { ...defaultServerConfig, ...overrides };
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= stopParts().then(markStopped));
  const instance = new Instance({ config, clock, logger, onShutdown: onShutdown ?? (() => void stop()) });
  const maintenance = new Maintenance(instance);
  const listener = new Listener(instance);
  let markStopped = (): void => undefined;
  const stopped = new Promise<void>((resolve) => (markStopped = resolve));
  const stopParts = async (): Promise<void> => {
    await listener.close();
    await instance.replication.close();
    maintenance.stop();
  };
  instance.setAuthority(authority ?? (await openLocalAuthority(config, clock, instance)));
  prepare?.(instance);
  await listener.listen();
  maintenance.start();
  return { host: config.host, port: instance.port, instance, stop, stopped };
}

async function openLocalAuthority(config: ServerConfig, clock: Clock, instance: Instance): Promise<LocalAuthority> {
  if (config.directory !== undefined) makeFolder(config.directory, PRIVATE_FOLDER_MODE);
  return LocalAuthority.open(config.directory, clock, (records) => {
    instance.applyTenants(records);
  });
}
