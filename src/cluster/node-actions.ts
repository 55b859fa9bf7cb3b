/** Killing and restarting one node on request, and waiting until the cluster is whole again. */
import { ExitCode, RedNodeError } from '../errors.js';
import type { LauncherTimings } from './limits.js';
import type { Member } from './member.js';
import type { Membership } from './membership.js';
import type { Supervisor } from './supervisor.js';
import type { NodeActionResult } from './types.js';

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

  /** Restarts the node's process; a master hands its slots to an in-sync replica first. One that has left for good is started. */
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
    if (this.membership.node(name).role === 'master') await this.supervisor.failover.takeover(member);
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

  async #settled(member: Member, pid: number, startedAtMs: number): Promise<NodeActionResult> {
    const isBack = (): true | undefined => {
      const node = this.membership.node(member.name);
      return member.isServing && member.process?.pid !== pid && node.health === 'online' ? true : undefined;
    };
    const back = await this.membership.changes.waitFor(isBack, this.timings.settleTimeoutMs);
    const result = { node: member.name, pid, promoted: this.#promotionSince(member, startedAtMs) };
    if (back === undefined) return result;
    const { role, masterName } = this.membership.node(member.name);
    const lastSync = role === 'replica' ? member.report?.lastSync : undefined;
    const sync = lastSync && { kind: lastSync.kind, bytes: lastSync.bytes };
    return { ...result, back: { role, masterName, afterMs: Math.round(performance.now() - startedAtMs), sync } };
  }

  #promotionSince(member: Member, startedAtMs: number): NodeActionResult['promoted'] {
    const promotion = this.supervisor.failover.latestFrom(member.name);
    if (promotion === undefined || promotion.completedAtMs < startedAtMs) return undefined;
    const { node, afterMs, slots } = promotion;
    return { node, afterMs, slots };
  }
}
