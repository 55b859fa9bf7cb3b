/** A cluster of real node processes to be hurt: signals to its nodes, waiting until it is whole again, and writes that go on meanwhile. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Cluster, Redis } from 'ioredis';
import { startCluster, type Launcher } from '../../src/cluster/launcher.js';
import type { LauncherTimings } from '../../src/cluster/limits.js';
import type { ClusterOptions, NodeStatus } from '../../src/cluster/types.js';
import { clusterDirectory } from '../../src/config/home.js';
import { eventually } from '../support/eventually.js';
import { freePortBlock } from '../support/free-port.js';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.js';

/** For whatever has to happen at some time: long, since it only decides when a test gives up. */
export const PATIENCE_MS = 30_000;
/** The built node, which starts in a fraction of the time that it takes from source: `npm test` builds it first. */
export const builtNodeEntry = fileURLToPath(new URL('../../dist/node/main.js', import.meta.url));
/** How a caller of a write load paces itself. */
const INCREMENTS_PER_PAUSE = 5;
const PACE_MS = 5;
/** Nodes are killed again and again here: no waiting for the next attempt. */
const restartBackoff = { firstMs: 10, maxMs: 100, resetAfterMs: 30_000 };

interface Credentials {
  readonly username?: string;
  readonly password?: string;
}

export class FaultCluster implements AsyncDisposable {
  readonly #clients: (Redis | Cluster)[] = [];

  private constructor(
    readonly launcher: Launcher,
    private readonly folder: TemporaryFolder,
    private readonly formerHome: string | undefined,
  ) {}

  /** With a REDNODE_HOME of its own, until it is disposed of. */
  static async start(
    masters: number,
    replicasPerMaster: number,
    timings: Partial<LauncherTimings> = {},
  ): Promise<FaultCluster> {
    const folder = await temporaryFolder('faults');
    const formerHome = process.env.REDNODE_HOME;
    process.env.REDNODE_HOME = folder.path;
    const options = await faultOptions(folder.path, masters, replicasPerMaster);
    const launcher = await startCluster(options, () => undefined, builtNodeEntry, { restartBackoff, ...timings });
    return new FaultCluster(launcher, folder, formerHome);
  }

  get nodes(): readonly NodeStatus[] {
    return this.launcher.status().nodes;
  }

  node(name: string): NodeStatus & { readonly pid: number } {
    const node = this.nodes.find((candidate) => candidate.name === name);
    assert.ok(node?.pid !== undefined, `${name} is not running`);
    return { ...node, pid: node.pid };
  }

  get masters(): readonly NodeStatus[] {
    return this.nodes.filter((node) => node.role === 'master');
  }

  replicasOf(master: string): readonly NodeStatus[] {
    return this.nodes.filter((node) => node.masterName === master);
  }

  /** Messages of the events of that kind, oldest first. */
  events(kind: string): readonly string[] {
    return this.launcher
      .status()
      .events.filter((event) => event.kind === kind)
      .map((event) => event.message);
  }

  signal(names: readonly string[], signal: NodeJS.Signals): void {
    for (const pid of names.map((name) => this.node(name).pid)) process.kill(pid, signal);
  }

  /** Kills the nodes at once and waits until each has a new process and the cluster is whole again. */
  async killed(...names: readonly string[]): Promise<void> {
    const former = new Set(names.map((name) => this.node(name).pid));
    this.signal(names, 'SIGKILL');
    await this.whole(former);
  }

  /** Waits until every slot is served and every replica in sync, by processes that are none of `former`. */
  async whole(former: ReadonlySet<number> = new Set()): Promise<void> {
    await eventually(
      () => {
        const { state, nodes, events } = this.launcher.status();
        const isRenewed = nodes.every(({ pid }) => pid !== undefined && !former.has(pid));
        assert.ok(state === 'ready' && isRenewed, `still ${state}: ${events.map((event) => event.message).join('; ')}`);
      },
      { timeoutMs: PATIENCE_MS },
    );
  }

  /** A client of the whole cluster. */
  client(credentials: Credentials = {}): Cluster {
    const startNodes = this.nodes.map(({ host, port }) => ({ host, port }));
    // A failover is over sooner than the default patience of 16 redirections and a second between attempts expects.
    const client = new Cluster(startNodes, { redisOptions: credentials, clusterRetryStrategy: () => 20 });
    client.on('error', () => undefined);
    this.#clients.push(client);
    return client;
  }

  /** A connection to one node that reads there, replica or not. */
  connectTo(name: string, credentials: Credentials = {}): Redis {
    const client = new Redis({ port: this.node(name).port, readOnly: true, ...credentials });
    client.on('error', () => undefined);
    this.#clients.push(client);
    return client;
  }

  /** Closes what a test has opened: a client that is left over reconnects for ever. */
  closeClients(): void {
    for (const client of this.#clients.splice(0)) client.disconnect();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closeClients();
    await this.launcher.stop();
    if (this.formerHome === undefined) delete process.env.REDNODE_HOME;
    else process.env.REDNODE_HOME = this.formerHome;
    await this.folder.remove();
  }
}

export async function faultOptions(home: string, masters: number, replicasPerMaster: number): Promise<ClusterOptions> {
  const name = 'faults';
  return {
    ...{ name, masters, replicasPerMaster, host: '127.0.0.1', port: await freePortBlock(6), portIsExplicit: false },
    ...{ directory: clusterDirectory(home, name), ephemeral: true, startTimeoutMs: PATIENCE_MS },
    ...{ maxMemoryBytes: 0, logLevel: 'info' },
  };
}

/**
 * Counters that are incremented all the time, each by one caller, who expects every reply to exceed the one before. The callers
 * leave the processor to the nodes now and then, which are to start meanwhile.
 */
export class WriteLoad {
  readonly #acknowledged = new Map<string, number>();
  readonly #lost: string[] = [];
  readonly #callers: Promise<void>[];
  #isOver = false;

  constructor(
    private readonly client: Cluster,
    counters: number,
  ) {
    const keys = Array.from({ length: counters }, (_, index) => `counter:${index}`);
    this.#callers = keys.map((key) => this.#increment(key));
  }

  /** Acknowledged increments that were gone when the next one was answered. */
  get lost(): readonly string[] {
    return this.#lost;
  }

  /** Waits until each counter has been incremented at least this many times from now on. */
  async goesOn(times: number): Promise<void> {
    await eventually(() => this.#acknowledged.size === this.#callers.length, { timeoutMs: PATIENCE_MS });
    const goals = [...this.#acknowledged].map(([key, value]) => [key, value + times] as const);
    await eventually(() => goals.every(([key, goal]) => (this.#acknowledged.get(key) ?? 0) >= goal), {
      timeoutMs: PATIENCE_MS,
    });
  }

  /** Ends the load. Resolves with what was acknowledged last: the least value that each counter must have. */
  async stop(): Promise<ReadonlyMap<string, number>> {
    this.#isOver = true;
    await Promise.all(this.#callers);
    return this.#acknowledged;
  }

  async #increment(key: string): Promise<void> {
    while (!this.#isOver) {
      let value: number;
      try {
        value = await this.client.incr(key);
      } catch {
        // No acknowledgement, no promise: a node was lost on the way.
        await delay(PACE_MS);
        continue;
      }
      const before = this.#acknowledged.get(key) ?? 0;
      if (value <= before) this.#lost.push(`${key}: ${value} after ${before}`);
      this.#acknowledged.set(key, value);
      if (value % INCREMENTS_PER_PAUSE === 0) await delay(PACE_MS);
    }
  }
}
