/** Starts a cluster and stands for it while it runs: the parent of every node process. */
import { setTimeout as delay } from 'node:timers/promises';
import { RedNodeError } from '../errors.js';
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
import { StopSignals } from './stop-signals.js';
import type { StopSignal } from './stop-signals.js';
import type { ClusterOptions, ClusterStatus, NodeActionResult, StartStep } from './types.js';

export { planCluster } from './plan.js';

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
  /** Aborted as soon as anyone begins to stop it: what its nodes say from then on is no news. */
  readonly ending: AbortSignal;
  /** The signal that stops it, if it is one. */
  readonly endedBy: StopSignal | undefined;
  /** From now on Ctrl-C does not stop it: a shell in this terminal has a use of its own for it. */
  leaveCtrlC(): void;
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
  // First of all: a signal between here and the first process must not leave the folder behind.
  const signals = new StopSignals();
  try {
    const { folder, plan } = await prepare(options, onStep, signals);
    const parts = assembleCluster(options, plan, nodeEntry, { ...defaultTimings, ...timings }, onDefect);
    const cluster = new RunningCluster(options, plan, folder, parts, signals);
    await cluster.start(onStep, startedMs);
    return cluster;
  } catch (error) {
    signals.release();
    throw error;
  }
}

/** Takes the folder and plans; leaves nothing behind when that fails or is interrupted. */
async function prepare(
  options: ClusterOptions,
  onStep: (step: StartStep) => void,
  signals: StopSignals,
): Promise<{ readonly folder: ClusterFolder; readonly plan: ClusterPlan }> {
  const folder = await ClusterFolder.take(options);
  try {
    signals.check();
    if (folder.wasAbandoned) await waitForOrphans(options.directory, options.host);
    const plan = await reportPlan(onStep, () => planCluster(options));
    signals.check();
    await folder.rotateLogs(plan.topology.nodes.map((node) => node.name));
    return { folder, plan };
  } catch (error) {
    await folder.abandon();
    throw error;
  }
}

class RunningCluster implements Launcher {
  readonly stopped: Promise<void>;
  readonly #ending = new AbortController();
  readonly #startedAtMs = Date.now();
  #control: ControlServer | undefined;
  #readyInMs: number | undefined;
  #stopping: Promise<void> | undefined;
  #nodesGone: Promise<void> | undefined;
  #resolveStopped: () => void = () => undefined;

  constructor(
    private readonly options: ClusterOptions,
    private readonly plan: ClusterPlan,
    private readonly folder: ClusterFolder,
    private readonly parts: ClusterProcesses,
    private readonly signals: StopSignals,
  ) {
    this.stopped = new Promise((resolve) => (this.#resolveStopped = resolve));
    signals.onSignal = () => {
      if (this.#readyInMs === undefined) parts.membership.changes.announce();
      else this.stop().catch(throwLater);
    };
  }

  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  get endedBy(): StopSignal | undefined {
    return this.signals.received;
  }

  leaveCtrlC(): void {
    this.signals.leaveCtrlC();
  }

  async start(onStep: (step: StartStep) => void, startedMs: number): Promise<void> {
    try {
      await this.parts.saveState();
      this.#control = await ControlServer.listen(this.plan.controlSocket, {
        status: () => this.status(),
        stop: () => this.#stopFromAfar(),
        kill: (node) => this.kill(node),
        restart: (node) => this.restart(node),
      });
      const deadlineMs = startedMs + this.options.startTimeoutMs;
      const checkNotInterrupted = (): void => {
        this.signals.check(this.parts.supervisor.startEndedBy);
      };
      await reportStart(this.parts, this.options, deadlineMs, onStep, checkNotInterrupted);
      checkNotInterrupted();
      this.#readyInMs = Math.round(performance.now() - startedMs);
    } catch (error) {
      await this.#undoStart();
      throw error;
    }
  }

  status(): ClusterStatus {
    const { membership, supervisor, tenants } = this.parts;
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
    return this.parts.actions.kill(node);
  }

  restart(node: string): Promise<NodeActionResult> {
    return this.parts.actions.restart(node);
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
      await this.parts.saveState();
      await this.folder.leave();
    }
    // Last: who asked for the stop takes the end of the connection for the end of the cluster.
    await this.#control?.close();
    this.signals.release();
    this.#resolveStopped();
  }

  /** Answers as soon as the nodes are gone: the rest of the stop waits for the connections, this one among them. */
  async #stopFromAfar(): Promise<void> {
    if (this.#readyInMs === undefined) this.signals.pretend('SIGTERM');
    else this.stop().catch(throwLater);
    await this.#stopNodes();
  }

  #stopNodes(): Promise<void> {
    this.#ending.abort();
    this.#nodesGone ??= this.parts.supervisor.stopAll();
    return this.#nodesGone;
  }

  async #undoStart(): Promise<void> {
    await this.#stopNodes();
    await this.folder.discard(this.plan.kept);
    await this.#control?.close();
    this.signals.release();
    this.#resolveStopped();
  }
}

/** The nodes of a launcher that was killed let go of their ports within moments; those ports are wanted again. */
async function waitForOrphans(directory: string, host: string): Promise<void> {
  const kept = await readState(directory);
  const deadline = performance.now() + ORPHAN_EXIT_MS;
  const ports = (kept?.members ?? []).flatMap(({ port, tlsPort }) =>
    tlsPort === undefined ? [port] : [port, tlsPort],
  );
  for (const port of ports) {
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
