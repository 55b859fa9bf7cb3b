/** A running node: starts its parts in order, and stops them in the opposite one. */
import { systemClock, type Clock } from '../clock.js';
import { makeFolder } from '../config/make-folder.js';
import { defaultServerConfig, type ServerConfig } from '../config/server-config.js';
import { LocalAuthority } from '../tenancy/local-authority.js';
import type { TenantAuthority } from '../tenancy/authority.js';
import { ConnectionWatch } from './connection-watch.js';
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
  /** Part of a program with other work: alone it does not keep the process alive. */
  readonly isBackground?: boolean;
}

export interface RunningServer {
  readonly host: string;
  /** 0 when it listens for TLS only. */
  readonly port: number;
  /** 0 without TLS. */
  readonly tlsPort: number;
  readonly instance: Instance;
  /** Drains and stops; the same promise however often it is called. */
  stop(): Promise<void>;
  /** Resolves when it has stopped, whoever asked for it. */
  readonly stopped: Promise<void>;
}

/** Rejects with the system error (EADDRINUSE, EACCES) when the address cannot be had. */
export async function startServer(options: StartOptions = {}): Promise<RunningServer> {
  const { clock = systemClock, logger = silentLogger, authority, prepare, onShutdown, ...rest } = options;
  const { isBackground = false, ...overrides } = rest;
  const config: ServerConfig = { ...defaultServerConfig, ...overrides };
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= stopParts().then(markStopped));
  const instance = new Instance({ config, clock, logger, onShutdown: onShutdown ?? (() => void stop()) });
  const maintenance = new Maintenance(instance, isBackground);
  const watch = new ConnectionWatch(instance);
  const listener = new Listener(instance, isBackground);
  let markStopped = (): void => undefined;
  const stopped = new Promise<void>((resolve) => (markStopped = resolve));
  const stopParts = async (): Promise<void> => {
    await listener.close();
    watch.stop();
    await instance.replication.close();
    maintenance.stop();
  };
  instance.setAuthority(authority ?? (await openLocalAuthority(config, clock, instance)));
  prepare?.(instance);
  await listener.listen();
  maintenance.start();
  watch.start();
  return { host: config.host, port: instance.port, tlsPort: instance.tlsPort, instance, stop, stopped };
}

async function openLocalAuthority(config: ServerConfig, clock: Clock, instance: Instance): Promise<LocalAuthority> {
  if (config.directory !== undefined) makeFolder(config.directory, PRIVATE_FOLDER_MODE);
  return LocalAuthority.open(config.directory, clock, {
    onAll: ({ records }) => {
      instance.applyTenants(records);
    },
    onEffect: (effect) => {
      instance.applyTenantEffect(effect);
    },
  });
}
