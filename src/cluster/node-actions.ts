/** Killing and restarting one node on request, and waiting until the cluster is whole again. */
import { ExitCode, RedNodeError } from '../errors.js';
import { slotCountOf, textOfRanges } from '../topology/ranges.js';
import type { LauncherTimings } from './limits.js';
import type { Member } from './member.js';
import type { Membership } from './membership.js';
import type { Supervisor } from './supervisor.js';
import { replicasOf } from './topology-changes.js';
import type { NodeActionResult } from './types.js';

/** The part of a restart's time that it may wait for a replica to come into sync: the rest is for the restart itself. */
const SHARE_OF_SYNC = 4;

export class NodeActions {
  constructor(
    private readonly membership: Membership,
    private readonly supervisor: Supervisor,
    private readonly timings: LauncherTimings,
  ) {}

  /** Kills the node's process as a crash would; answers when it is back, or with what is known by then. Throws NO_NODE or NODE_DOWN. */
  async kill(name: string): Promise<NodeActionResult> {
    const member = this.membership.member(name);
    const pid = this.#pidOf(member);
    const startedAtMs = performance.now();
    member.process?.kill('SIGKILL');
    return this.#settled(member, pid, startedAtMs);
  }

  /**
   * Restarts the node's process; a master hands its slots to an in-sync replica first. One that has left for good is started.
   * Throws NO_NODE, NODE_DOWN, and NOT_IN_SYNC or TAKEOVER_FAILED when a replica exists but cannot take over: nothing has changed then.
   */
  async restart(name: string): Promise<NodeActionResult> {
    const member = this.membership.member(name);
    const startedAtMs = performance.now();
    if (member.isLeaving && member.process?.isAlive === false) {
      const pid = member.process.pid ?? 0;
      member.isLeaving = false;
      this.supervisor.startAgain(member);
      return this.#settled(member, pid, startedAtMs);
    }
    const pid = this.#pidOf(member);
    if (this.membership.node(name).role === 'master') {
      await this.#replicaInSync(name);
      await this.supervisor.failover.takeover(member);
    }
    if (member.process?.isAlive && member.process.pid === pid) {
      member.isRestarting = true;
      await member.stop();
    }
    return this.#settled(member, pid, startedAtMs);
  }

  #pidOf(member: Member): number {
    const { process } = member;
    if (process?.isAlive && process.pid !== undefined) return process.pid;
    throw new RedNodeError('NODE_DOWN', `${member.name} is not running now`, ExitCode.unreachable, {
      hint: 'it is being restarted: rednode cluster status shows when it is back',
    });
  }

  /** A replica that is about to be in sync is worth waiting for: without one, a restart loses the master's data. */
  async #replicaInSync(masterName: string): Promise<void> {
    const isDecided = (): true | undefined => {
      const replicas = replicasOf(this.membership.topology, masterName);
      const isOneReady = replicas.some((node) => node.health === 'online');
      const isOneComing = replicas.some((node) => !this.membership.member(node.name).isLeaving);
      return isOneReady || !isOneComing ? true : undefined;
    };
    if (await this.membership.changes.waitFor(isDecided, this.timings.settleTimeoutMs / SHARE_OF_SYNC)) return;
    throw new RedNodeError('NOT_IN_SYNC', `no replica of ${masterName} is in sync`, ExitCode.timeout, {
      hint: `a restart would lose its data: rednode cluster status shows what its replicas are at`,
    });
  }

  async #settled(member: Member, pid: number, startedAtMs: number): Promise<NodeActionResult> {
    const isBack = (): true | undefined => {
      const node = this.membership.node(member.name);
      return member.isServing && member.process?.pid !== pid && node.health === 'online' ? true : undefined;
    };
    const back = await this.membership.changes.waitFor(isBack, this.timings.settleTimeoutMs);
    const result = { node: member.name, pid, promoted: this.#promotionSince(member, startedAtMs) };
    const newPid = member.process?.pid;
    if (back === undefined || newPid === undefined) return result;
    const { role, masterName } = this.membership.node(member.name);
    const lastSync = role === 'replica' ? member.report?.lastSync : undefined;
    const sync = lastSync && { kind: lastSync.kind, bytes: lastSync.bytes };
    const afterMs = Math.round(performance.now() - startedAtMs);
    return { ...result, back: { pid: newPid, role, masterName, afterMs, sync } };
  }

  #promotionSince(member: Member, startedAtMs: number): NodeActionResult['promoted'] {
    const promotion = this.supervisor.failover.latestFrom(member.name);
    if (promotion === undefined || promotion.completedAtMs < startedAtMs) return undefined;
    const { node, afterMs, slots } = promotion;
    return { node, afterMs, slots: textOfRanges(slots), slotCount: slotCountOf(slots) };
  }
}
