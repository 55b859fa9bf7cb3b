/** One node of a cluster through all the processes that it has had: what is known of it now. */
import type { NodeOptions, NodeReport } from '../ipc/messages.js';
import type { Topology } from '../topology/topology.js';
import { Backoff } from './backoff.js';
import type { LauncherTimings } from './limits.js';
import type { NodeExit, NodeNotice } from './node-process.js';
import { NodeProcess } from './node-process.js';

export interface MemberOptions {
  readonly name: string;
  readonly entry: string;
  readonly logFile: string;
  readonly node: NodeOptions;
  readonly timings: LauncherTimings;
}

/** What the supervisor is told of a member. `process` is the one it was about: it may be replaced already. */
export interface MemberEvents {
  notice(member: Member, process: NodeProcess, notice: NodeNotice): void;
  exited(member: Member, process: NodeProcess, exit: NodeExit, uptimeMs: number): void;
}

export class Member {
  readonly name: string;
  readonly restartBackoff: Backoff;
  process: NodeProcess | undefined;
  /** The process has taken `start`, so that it serves and can be told of changes. */
  isServing = false;
  /** It announced that it goes (SHUTDOWN): no restart. */
  isLeaving = false;
  /** Its exit was asked for, and is followed by a start without delay. */
  isRestarting = false;
  restarts = 0;
  report: NodeReport | undefined;
  #startedAtMs = 0;
  #lastHeardMs = 0;
  #sentEpoch = 0;

  constructor(
    readonly options: MemberOptions,
    private readonly events: MemberEvents,
  ) {
    this.name = options.name;
    this.restartBackoff = new Backoff(options.timings.restartBackoff);
  }

  /** Milliseconds that the current process has lived; undefined without one. Monotonic time. */
  get uptimeMs(): number | undefined {
    return this.process?.isAlive ? performance.now() - this.#startedAtMs : undefined;
  }

  /** Milliseconds since the process last said anything. */
  get silentMs(): number {
    return performance.now() - this.#lastHeardMs;
  }

  /** Counts silence from now on: after the launcher itself has been asleep, silence proves nothing. */
  forgiveSilence(): void {
    this.#lastHeardMs = performance.now();
  }

  /** Starts a process and waits until it is there and waits for `start`. Throws NODE_TIMEOUT, NODE_DIED or FILE_ERROR. */
  async spawn(): Promise<NodeProcess> {
    const { name, entry, logFile, timings } = this.options;
    this.isServing = this.isLeaving = this.isRestarting = false;
    this.report = undefined;
    this.#sentEpoch = 0;
    const process: NodeProcess = new NodeProcess({
      name,
      entry,
      logFile,
      onHeard: () => {
        this.forgiveSilence();
      },
      onNotice: (notice) => {
        this.events.notice(this, process, notice);
      },
    });
    this.process = process;
    const startedAtMs = (this.#startedAtMs = performance.now());
    this.forgiveSilence();
    void process.exited.then((exit) => {
      this.isServing = this.process === process ? false : this.isServing;
      this.events.exited(this, process, exit, performance.now() - startedAtMs);
    });
    await process.ready(timings.spawnTimeoutMs);
    return process;
  }

  /**
   * Sends the topology unless the process has it already; to a new master with the end of its former one's log, where that is
   * known. Throws NODE_TIMEOUT, NODE_DIED or NODE_FAILED.
   */
  async tell(topology: Topology, masterOffset?: number): Promise<void> {
    if (!this.isServing || this.process === undefined || this.#sentEpoch >= topology.epoch) return;
    this.#sentEpoch = topology.epoch;
    await this.process.request(
      { kind: 'topology', topology, ...(masterOffset !== undefined && { masterOffset }) },
      this.options.timings.requestTimeoutMs,
    );
  }

  /** To be called with the topology that `start` carried. */
  markServing(topology: Topology): void {
    this.isServing = true;
    this.#sentEpoch = topology.epoch;
  }

  /** Asks the process to end, and ends it when it does not. Resolves when it is gone. */
  async stop(): Promise<void> {
    const { process } = this;
    if (!process?.isAlive) return;
    const timer = setTimeout(() => {
      process.kill('SIGKILL');
    }, this.options.timings.stopTimeoutMs);
    process.kill('SIGTERM');
    await process.exited;
    clearTimeout(timer);
  }
}
