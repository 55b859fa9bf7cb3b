/** The start of a cluster, step by step, with the time that each step took. */
import { RedNodeError } from '../errors.js';
import { SLOT_COUNT } from '../topology/topology.js';
import type { ClusterProcesses } from './cluster-processes.js';
import type { Member } from './member.js';
import type { ClusterPlan } from './plan.js';
import { blockName } from './ports.js';
import { startFailed, startTimedOut } from './start-failure.js';
import type { ClusterOptions, StartStep, StepName } from './types.js';

type OnStep = (step: StartStep) => void;

/** Plans, and tells which ports and which placement came out of it. */
export async function reportPlan(onStep: OnStep, makePlan: () => Promise<ClusterPlan>): Promise<ClusterPlan> {
  const endPorts = beginStep('ports', onStep);
  const plan = await makePlan();
  for (const detail of plan.warnings) onStep({ phase: 'progress', name: 'ports', detail });
  endPorts(portsText(plan));
  onStep({ phase: 'begin', name: 'placement' });
  const masters = plan.topology.nodes.filter((node) => node.role === 'master').length;
  const detail = `${SLOT_COUNT} slots over ${masters} ${masters === 1 ? 'master' : 'masters'}`;
  onStep({ phase: 'end', name: 'placement', detail, elapsedMs: plan.placementMs });
  return plan;
}

/**
 * Starts the processes and waits until all serve and all replicas are in sync. `checkNotInterrupted` throws when the start
 * is to be given up. Throws START_FAILED.
 */
export async function reportStart(
  parts: ClusterProcesses,
  options: ClusterOptions,
  deadlineMs: number,
  onStep: OnStep,
  checkNotInterrupted: () => void,
): Promise<void> {
  const { membership, supervisor } = parts;
  const { nodes } = membership.topology;
  const progress = new StartProgress(parts, options.startTimeoutMs, deadlineMs, onStep, checkNotInterrupted);
  const endProcesses = beginStep('processes', onStep);
  supervisor.startAll();
  await progress.untilAll('processes', 'did not come up', (member) => member.isServing);
  const ports = nodes.map((node) => node.port);
  endProcesses(
    `${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'} on ${blockName(Math.min(...ports), nodes.length)}`,
  );
  const replicaCount = nodes.filter((node) => node.role === 'replica').length;
  const endReplication = replicaCount > 0 ? beginStep('replication', onStep) : undefined;
  const isWhole = (member: Member): boolean => membership.node(member.name).health === 'online';
  await progress.untilAll('replication', 'did not come into sync with its master', isWhole);
  await supervisor.becomeReady();
  endReplication?.(`${replicaCount} of ${replicaCount} ${replicaCount === 1 ? 'replica' : 'replicas'} in sync`);
}

class StartProgress {
  constructor(
    private readonly parts: ClusterProcesses,
    private readonly timeoutMs: number,
    private readonly deadlineMs: number,
    private readonly onStep: OnStep,
    private readonly checkNotInterrupted: () => void,
  ) {}

  /** Waits until the condition holds for every member, and tells how many it holds for whenever that grows. */
  async untilAll(name: StepName, complaint: string, isDone: (member: Member) => boolean): Promise<void> {
    const { membership, supervisor } = this.parts;
    const { members } = membership;
    let reached = 0;
    const isOver = (): true | undefined => {
      this.checkNotInterrupted();
      if (supervisor.startFailure !== undefined) return true;
      const count = members.filter(isDone).length;
      if (count > reached) this.onStep({ phase: 'progress', name, detail: `${count} of ${members.length}` });
      reached = count;
      return count === members.length ? true : undefined;
    };
    await membership.changes.waitFor(isOver, Math.max(0, this.deadlineMs - performance.now()));
    if (supervisor.startFailure !== undefined) await this.#fail(supervisor.startFailure);
    const late = members.find((member) => !isDone(member));
    if (late !== undefined) throw await startTimedOut(late, this.timeoutMs, complaint);
  }

  /** The exit and the failed request of one node come one after the other: whichever says more is the reason. */
  async #fail({ member, error }: { readonly member: Member; readonly error: unknown }): Promise<never> {
    const isExit = error instanceof RedNodeError && error.code === 'NODE_DIED';
    const failure = await startFailed(member, isExit ? undefined : error);
    // The signal that ended the node may be known of only now.
    this.checkNotInterrupted();
    throw failure;
  }
}

/** Announces a step; the returned function ends it. */
function beginStep(name: StepName, onStep: OnStep): (detail: string) => void {
  const startedMs = performance.now();
  onStep({ phase: 'begin', name });
  return (detail) => {
    onStep({ phase: 'end', name, detail, elapsedMs: Math.round(performance.now() - startedMs) });
  };
}

function portsText({ firstPort, lastPort }: ClusterPlan): string {
  return blockName(firstPort, lastPort - firstPort + 1);
}
