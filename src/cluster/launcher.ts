/** Starts a cluster and stands for it while it runs: the parent of every node process. */
import { setTimeout as delay } from 'node:timers/promises';
import { ExitCode, RedNodeError } from '../errors.js';
import { ClusterFolder } from './cluster-folder.js';
import { assembleCluster } from './cluster-processes.js';
import type { ClusterProcesses } from './cluster-processes.js';
import { ControlServer } from './control-server.js';
import { defaultTimings, ORPHAN_EXIT_MS } from './limits.js';
import type { LauncherTimings } from './limits.js';
import { defaultNodeEntry } from './node-entry.js';
import { planCluster } from './plan.js';
import type { ClusterPlan } from './plan.js';
import { firstTakenPort } from './ports.js';
import { reportPlan, reportStart } from './start-steps.js';
import { readState } from './state-file.js';
import { clusterStatus } from './status.js';
import type { ClusterOptions, ClusterStatus, NodeActionResult, StartStep } from './types.js';

export { planCluster } from './plan.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const ORPHAN_POLL_MS = 50;

/** A cluster that runs in this process's care. */
export interface Launcher {
  status(): ClusterStatus;
  /** Stops every node; resolves when none is left and the folder is free. Calling it again gives the same promise. */
  stop(): Promise<void>;
  /** Kills a node's process and waits for the cluster to be whole again. Throws NO_NODE or NODE_DOWN. */
  kill(node: string): Promise<NodeActionResult>;
  /** Restarts a node's process; a master hands over first. Throws NO_NODE or NODE_DOWN. */
  restart(node: string): Promise<NodeActionResult>;
  /** Resolves when it has been stopped by anyone: this process, a signal, or another terminal. */
  readonly stopped: Promise<void>;
}

/**
 * Starts a cluster and resolves when it is ready: every node answers, every slot has a master, every replica is in sync. A start that
 * fails leaves no process and no half-written state. SIGINT, SIGTERM and SIGHUP stop the cluster from the first moment on.
 *
 * Throws START_FAILED (exit code 5 when the time is over) with the failing node's log, INTERRUPTED, CLUSTER_RUNNING, and what
 * `planCluster` throws.
 */
export async function startCluster(
  options: ClusterOptions,
  onStep: (step: StartStep) => void,
  nodeEntry: string = defaultNodeEntry(),
  timings: Partial<LauncherTimings> = {},
): Promise<Launcher> {
  const startedMs = performance.now();
  const folder = await ClusterFolder.take(options);
  let plan: ClusterPlan;
  try {
    if (folder.wasAbandoned) await waitForOrphans(options.directory, options.host);
    plan = await reportPlan(onStep, () => planCluster(options));
    await folder.rotateLogs(plan.topology.nodes.map((node) => node.name));
  } catch (error) {
    await folder.abandon();
    throw error;
  }
  const cluster = new RunningCluster(options, plan, folder, nodeEntry, { ...defaultTimings, ...timings });
  await cluster.start(onStep, startedMs);
  return cluster;
}

class RunningCluster implements Launcher {
  readonly stopped: Promise<void>;
  readonly #parts: ClusterProcesses;
  readonly #startedAtMs = Date.now();
  #control: ControlServer | undefined;
  #readyInMs: number | undefined;
  #stopping: Promise<void> | undefined;
  #nodesGone: Promise<void> | undefined;
  #resolveStopped: () => void = () => undefined;
  readonly #onSignal = (signal: NodeJS.Signals): void => {
    this.#interruptedBy = signal;
    if (this.#readyInMs === undefined) this.#parts.membership.changes.announce();
    else this.stop().catch(throwLater);
  };
  #interruptedBy: NodeJS.Signals | undefined;

  constructor(
    private readonly options: ClusterOptions,
    private readonly plan: ClusterPlan,
    private readonly folder: ClusterFolder,
    nodeEntry: string,
    timings: LauncherTimings,
  ) {
    this.#parts = assembleCluster(options, plan, nodeEntry, timings, onDefect);
    this.stopped = new Promise((resolve) => (this.#resolveStopped = resolve));
  }

  async start(onStep: (step: StartStep) => void, startedMs: number): Promise<void> {
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
    try {
      await this.#parts.saveState();
      this.#control = await ControlServer.listen(this.plan.controlSocket, {
        status: () => this.status(),
        stop: () => this.#stopFromAfar(),
        kill: (node) => this.kill(node),
        restart: (node) => this.restart(node),
      });
      const deadlineMs = startedMs + this.options.startTimeoutMs;
      await reportStart(this.#parts, this.options, deadlineMs, onStep, () => {
        this.#checkNotInterrupted();
      });
      this.#readyInMs = Math.round(performance.now() - startedMs);
    } catch (error) {
      await this.#undoStart();
      throw error;
    }
  }

  status(): ClusterStatus {
    const { membership, supervisor, tenants } = this.#parts;
    return clusterStatus({
      options: this.options,
      membership,
      phase: supervisor.phase,
      tenantNames: tenants.state.records.map((tenant) => tenant.name),
      startedAtMs: this.#startedAtMs,
      readyInMs: this.#readyInMs,
    });
  }

  kill(node: string): Promise<NodeActionResult> {
    return this.#parts.actions.kill(node);
  }

  restart(node: string): Promise<NodeActionResult> {
    return this.#parts.actions.restart(node);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stopNow();
    return this.#stopping;
  }

  async #stopNow(): Promise<void> {
    await this.#stopNodes();
    const { ephemeral } = this.options;
    if (ephemeral) await this.folder.discard(this.plan.kept);
    else {
      await this.#parts.saveState();
      await this.folder.leave();
    }
    // Last: who asked for the stop takes the end of the connection for the end of the cluster.
    await this.#control?.close();
    this.#releaseSignals();
    this.#resolveStopped();
  }

  /** Answers as soon as the nodes are gone: the rest of the stop waits for the connections, this one among them. */
  async #stopFromAfar(): Promise<void> {
    if (this.#readyInMs === undefined) this.#onSignal('SIGTERM');
    else this.stop().catch(throwLater);
    await this.#stopNodes();
  }

  #stopNodes(): Promise<void> {
    this.#nodesGone ??= this.#parts.supervisor.stopAll();
    return this.#nodesGone;
  }

  async #undoStart(): Promise<void> {
    await this.#stopNodes();
    await this.folder.discard(this.plan.kept);
    await this.#control?.close();
    this.#releaseSignals();
    this.#resolveStopped();
  }

  #releaseSignals(): void {
    for (const signal of SIGNALS) process.removeListener(signal, this.#onSignal);
  }

  #checkNotInterrupted(): void {
    if (this.#interruptedBy === undefined) return;
    const exitCode = this.#interruptedBy === 'SIGINT' ? ExitCode.interrupted : ExitCode.terminated;
    throw new RedNodeError('INTERRUPTED', `the start was interrupted (${this.#interruptedBy})`, exitCode);
  }
}

/** The nodes of a launcher that was killed let go of their ports within moments; those ports are wanted again. */
async function waitForOrphans(directory: string, host: string): Promise<void> {
  const kept = await readState(directory);
  const deadline = performance.now() + ORPHAN_EXIT_MS;
  for (const { port } of kept?.members ?? []) {
    while ((await firstTakenPort(host, port, 1)) !== undefined && performance.now() < deadline)
      await delay(ORPHAN_POLL_MS);
  }
}

/** A state file that cannot be written must not take a working cluster down; anything unexpected must not go unseen. */
function onDefect(error: unknown): void {
  if (error instanceof RedNodeError) process.emitWarning(error.message, { code: error.code });
  else throwLater(error);
}

function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
