/** A cluster in processes of its own, for tests: slots, redirections, replicas and failover as in production. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type * as launcher from '../cluster/types.js';
import { stopped } from './errors.js';
import { LauncherLink } from './launcher-link.js';
import { clusterSettings, type ClusterSettings } from './options.js';
import { TenantAdmin } from './tenants.js';
import type {
  ClusterNode,
  ClusterOptions,
  ClusterStatus,
  NodeAction,
  NodeStatus,
  RunningCluster,
  Tenant,
  TenantLimits,
} from './types.js';
import { adminCredentials, urlOf, type Credentials } from './urls.js';

/** The start of the launcher's own process comes on top of the time that it takes. */
const PROCESS_START_MS = 20_000;
const STATUS_TIMEOUT_MS = 5_000;
/** Longer than the launcher waits for the cluster to be whole again, so that its partial answer arrives. */
const ACTION_TIMEOUT_MS = 45_000;
const STOP_TIMEOUT_MS = 15_000;

/**
 * Starts a cluster and resolves when every node answers, every slot has a master and every replica is in sync. Its processes end with
 * this one, whatever it dies of, and do not keep it alive.
 * Throws a RedNodeError: BAD_OPTION, PORT_IN_USE, START_FAILED (the end of the failing node's log in `context.log`), TENANT_REFUSED.
 */
export async function startCluster<const T extends string = never>(
  options: ClusterOptions<T> = {},
): Promise<RunningCluster<T>> {
  const settings = clusterSettings(options);
  const folder = await mkdtemp(path.join(tmpdir(), 'rednode-test-'));
  const cluster = new Cluster<T>(await openLink(folder), folder, adminCredentials(settings.password));
  try {
    await cluster.start(settings);
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

/** A process that cannot even be tried leaves no folder. */
async function openLink(folder: string): Promise<LauncherLink> {
  try {
    return new LauncherLink(folder);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

class Cluster<T extends string> implements RunningCluster<T> {
  nodes: readonly ClusterNode[] = [];
  tenants = {} as Readonly<Record<T, Tenant>>;
  readonly #link: LauncherLink;
  readonly #folder: string;
  readonly #admin: Credentials | undefined;
  readonly #tenantAdmin: TenantAdmin;
  #stopping: Promise<void> | undefined;

  constructor(link: LauncherLink, folder: string, admin: Credentials | undefined) {
    this.#link = link;
    this.#folder = folder;
    this.#admin = admin;
    this.#tenantAdmin = new TenantAdmin(() => this.nodes, admin);
  }

  get url(): string {
    return this.nodes[0].url;
  }

  get urls(): readonly string[] {
    return this.nodes.map((node) => node.url);
  }

  async start(settings: ClusterSettings): Promise<void> {
    const status = await this.#link.request({ method: 'start', settings }, settings.startTimeoutMs + PROCESS_START_MS);
    this.nodes = status.nodes.map((node) => this.#nodeOf(node));
    this.tenants = (await this.#tenantAdmin.createAll(settings.tenants)) as Record<T, Tenant>;
  }

  async createTenant(name: string, limits?: TenantLimits): Promise<Tenant> {
    if (this.#stopping !== undefined) throw stopped('cluster');
    return this.#tenantAdmin.create(name, limits);
  }

  async status(): Promise<ClusterStatus> {
    const { state, epoch, slotsServed, nodes, events } = await this.#link.request(
      { method: 'status' },
      STATUS_TIMEOUT_MS,
    );
    return { state, epoch, slotsServed, nodes: nodes.map((node) => this.#statusOf(node)), events };
  }

  async kill(node: string): Promise<NodeAction> {
    return actionOf(await this.#link.request({ method: 'kill', node }, ACTION_TIMEOUT_MS));
  }

  async restart(node: string): Promise<NodeAction> {
    return actionOf(await this.#link.request({ method: 'restart', node }, ACTION_TIMEOUT_MS));
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stopNow();
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** The launcher removes the folder; what a killed one has left is removed here. */
  async #stopNow(): Promise<void> {
    await this.#link.end(STOP_TIMEOUT_MS);
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #nodeOf({ name, host, port, role, masterName, logFile }: launcher.NodeStatus): ClusterNode {
    const url = urlOf({ host, port }, this.#admin);
    return { name, host, port, role, ...(masterName !== undefined && { masterName }), url, logFile };
  }

  #statusOf(node: launcher.NodeStatus): NodeStatus {
    const { health, slots, slotCount, pid, restarts, lagBytes, report } = node;
    return {
      ...this.#nodeOf(node),
      ...{ health, slots, slotCount, restarts },
      ...(pid !== undefined && { pid }),
      ...(lagBytes !== undefined && { lagBytes }),
      ...(report !== undefined && { keys: report.keys, memoryBytes: report.memoryBytes }),
    };
  }
}

function actionOf({ node, promoted, back }: launcher.NodeActionResult): NodeAction {
  return {
    node,
    ...(promoted && { promoted: { node: promoted.node, afterMs: promoted.afterMs } }),
    ...(back && {
      back: {
        role: back.role,
        ...(back.masterName !== undefined && { masterName: back.masterName }),
        afterMs: back.afterMs,
      },
    }),
  };
}
