/** Who serves a master's slots when it dies, or is about to be restarted. */
import { setTimeout as delay } from 'node:timers/promises';
import { ExitCode, RedNodeError } from '../errors.js';
import type { NodeReport } from '../ipc/messages.js';
import { slotCountOf } from '../topology/ranges.js';
import type { SlotRange } from '../topology/topology.js';
import { OFFSET_QUERY_TIMEOUT_MS } from './limits.js';
import type { Member } from './member.js';
import type { Membership } from './membership.js';
import type { ReplicationLinks } from './replication-links.js';
import {
  inSyncReplicasOf,
  replicasOf,
  withEpochAbove,
  withHealth,
  withMasterLost,
  withPromotion,
} from './topology-changes.js';

const CATCH_UP_POLL_MS = 5;

/** A promotion that has happened: `from` lost its slots to `node`. */
export interface Promotion {
  readonly from: string;
  readonly node: string;
  /** From the death (or the request) to the answer of the new master. */
  readonly afterMs: number;
  readonly slots: readonly SlotRange[];
  /** `performance.now()` when it was complete. */
  readonly completedAtMs: number;
}

export class Failover {
  readonly #latest = new Map<string, Promotion>();
  readonly #decisions = new Map<string, Promise<void>>();

  constructor(
    private readonly membership: Membership,
    private readonly links: ReplicationLinks,
  ) {}

  /** The last time that a node lost its slots to another. */
  latestFrom(name: string): Promotion | undefined {
    return this.#latest.get(name);
  }

  /** Resolves when it is decided who has the slots of this node, should it have died as a master. */
  async decided(name: string): Promise<void> {
    await this.#decisions.get(name);
  }

  /**
   * A master's process is gone: promotes the in-sync replica that has most of its log and tells every node. Without one
   * the master keeps its slots, comes back empty, and an event says so.
   */
  async masterDied(master: Member): Promise<void> {
    const decision = this.#replace(master);
    this.#decisions.set(master.name, decision);
    await decision;
    await this.#spread(master.name);
  }

  /**
   * Hands a living master's slots to an in-sync replica: it stops taking writes, the replica gets the rest of its log, then
   * serves. Returns whether there was such a replica. Throws TAKEOVER_FAILED when it could not take over in time: then
   * everything is as it was.
   */
  async takeover(master: Member): Promise<boolean> {
    const startedAtMs = performance.now();
    const heir = await this.#mostAdvanced(master.name);
    if (heir === undefined) return false;
    if ((await reportOf(heir)) === undefined) throw takeoverFailed(master.name, heir.name);
    const tentative = withPromotion(this.membership.topology, heir.name, 'syncing');
    if (!(await this.membership.tell(master, tentative))) return true;
    const masterOffset = await this.#catchUp(master, heir);
    // The master may have died in the meantime, and have been replaced already.
    if (this.membership.node(master.name).role !== 'master' || !master.isServing) return true;
    if (masterOffset !== undefined && (await this.#promote(master.name, heir, 'syncing', startedAtMs, masterOffset))) {
      await this.#spread(master.name);
      return true;
    }
    await this.#giveBack(master, tentative.epoch);
    throw takeoverFailed(master.name, heir.name);
  }

  async #replace(master: Member): Promise<void> {
    const diedAtMs = performance.now();
    const wasServing = this.membership.node(master.name).health !== 'down';
    this.membership.change(withHealth(this.membership.topology, master.name, 'down'));
    // An heir that dies before it serves has taken over nothing: the next one may.
    for (;;) {
      const heir = await this.#mostAdvanced(master.name);
      if (heir === undefined) break;
      if (await this.#promote(master.name, heir, 'down', diedAtMs)) return;
    }
    if (this.membership.node(master.name).role === 'master') this.#masterLost(master.name, wasServing);
  }

  /** Tells the new master, and the launcher's own topology after that; returns whether it serves. */
  async #promote(
    from: string,
    heir: Member,
    formerHealth: 'down' | 'syncing',
    sinceMs: number,
    masterOffset?: number,
  ): Promise<boolean> {
    const { slots } = this.membership.node(from);
    const next = withPromotion(this.membership.topology, heir.name, formerHealth);
    const isTold = await this.membership.tell(heir, next, masterOffset);
    // A takeover from a master that dies meanwhile is promoted for both reasons, once.
    if (this.membership.node(heir.name).role === 'master') return true;
    if (!isTold || !heir.isServing) {
      this.membership.change(withHealth(this.membership.topology, heir.name, 'down'));
      return false;
    }
    this.membership.change(withPromotion(this.membership.topology, heir.name, formerHealth));
    const completedAtMs = performance.now();
    const afterMs = Math.round(completedAtMs - sinceMs);
    this.#latest.set(from, { from, node: heir.name, afterMs, slots, completedAtMs });
    const message = `${heir.name} promoted after ${afterMs} ms, ${slotCountOf(slots)} slots served again`;
    this.membership.events.add('promoted', heir.name, message);
    this.membership.changes.announce();
    return true;
  }

  /** Tells every node what was decided about a master's slots, and links the replicas of whoever has them. */
  async #spread(former: string): Promise<void> {
    await this.membership.broadcast();
    this.links.ensureAllOf(this.membership.node(former).masterName ?? former);
  }

  /** The master was told a topology without its slots, which nobody else has heard of: a newer one takes it back. */
  async #giveBack(master: Member, toldEpoch: number): Promise<void> {
    this.membership.change(withEpochAbove(this.membership.topology, toldEpoch));
    await this.membership.tell(master, this.membership.topology);
    await this.membership.broadcast();
  }

  #masterLost(name: string, hadData: boolean): void {
    const hadReplicas = replicasOf(this.membership.topology, name).length > 0;
    const { slots } = this.membership.node(name);
    this.membership.change(withMasterLost(this.membership.topology, name));
    if (hadData) {
      const reason = hadReplicas ? 'none of its replicas was in sync' : 'it has no replica';
      const message = `${name} died and ${reason}: the data of ${slotCountOf(slots)} slots is lost, it restarts empty`;
      this.membership.events.add('data-lost', name, message);
    }
    this.membership.changes.announce();
  }

  /** The in-sync, living replica with the highest offset; a replica that does not answer in time is the last choice. */
  async #mostAdvanced(masterName: string): Promise<Member | undefined> {
    const candidates = inSyncReplicasOf(this.membership.topology, masterName)
      .map(({ name }) => this.membership.member(name))
      .filter((member) => member.isServing);
    if (candidates.length <= 1) return candidates.at(0);
    const reports = await Promise.all(candidates.map((member) => reportOf(member)));
    const alive = candidates
      .map((member, index) => ({ member, offset: reports[index]?.offset ?? -1 }))
      .filter(({ member }) => member.isServing);
    return alive.sort((a, b) => b.offset - a.offset).at(0)?.member;
  }

  /** Waits until the heir has all of the master's log. Returns where that ends, or undefined when the time is over. */
  async #catchUp(master: Member, heir: Member): Promise<number | undefined> {
    const deadline = performance.now() + master.options.timings.takeoverTimeoutMs;
    let goal: number | undefined;
    while (performance.now() < deadline && master.isServing && heir.isServing) {
      goal ??= (await reportOf(master))?.offset;
      const reached = (await reportOf(heir))?.offset;
      if (goal !== undefined && reached !== undefined && reached >= goal) return goal;
      await delay(CATCH_UP_POLL_MS);
    }
    return undefined;
  }
}

function takeoverFailed(master: string, heir: string): RedNodeError {
  const message = `${heir} did not catch up with ${master} in time: ${master} was not restarted and goes on serving`;
  return new RedNodeError('TAKEOVER_FAILED', message, ExitCode.timeout, {
    hint: 'rednode cluster status shows how far its replicas are behind',
  });
}

/** A fresh report, or undefined from a node that does not answer in time. */
async function reportOf(member: Member): Promise<NodeReport | undefined> {
  try {
    return await member.process?.request({ kind: 'report' }, OFFSET_QUERY_TIMEOUT_MS);
  } catch (error) {
    if (error instanceof RedNodeError) return undefined;
    throw error;
  }
}
