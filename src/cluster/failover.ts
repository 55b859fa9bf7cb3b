/** Who serves a master's slots when it dies, or is about to be restarted. */
import { setTimeout as delay } from 'node:timers/promises';
import { RedNodeError } from '../errors.js';
import type { NodeReport } from '../ipc/messages.js';
import { slotCountOf } from '../topology/ranges.js';
import type { SlotRange } from '../topology/topology.js';
import { OFFSET_QUERY_TIMEOUT_MS, TAKEOVER_CATCH_UP_MS } from './limits.js';
import type { Member } from './member.js';
import type { Membership } from './membership.js';
import type { ReplicationLinks } from './replication-links.js';
import { inSyncReplicasOf, replicasOf, withMasterLost, withPromotion } from './topology-changes.js';

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
  #latest = new Map<string, Promotion>();

  constructor(
    private readonly membership: Membership,
    private readonly links: ReplicationLinks,
  ) {}

  /** The last time that a node lost its slots to another. */
  latestFrom(name: string): Promotion | undefined {
    return this.#latest.get(name);
  }

  /**
   * A master's process is gone: promotes the in-sync replica that has most of its log and tells every node. Without one
   * the master keeps its slots, comes back empty, and an event says so.
   */
  async masterDied(master: Member): Promise<void> {
    const diedAtMs = performance.now();
    const heir = await this.#mostAdvanced(master.name);
    if (heir === undefined) {
      this.#masterLost(master.name);
      await this.membership.broadcast();
      return;
    }
    await this.#promote(master.name, heir, 'down', diedAtMs);
  }

  /**
   * Hands a living master's slots to an in-sync replica: it stops taking writes, the replica gets the rest of its log, then
   * serves. Returns whether there was such a replica.
   */
  async takeover(master: Member): Promise<boolean> {
    const startedAtMs = performance.now();
    const heir = await this.#mostAdvanced(master.name);
    if (heir === undefined) return false;
    const next = withPromotion(this.membership.topology, heir.name, 'syncing');
    if (!(await this.membership.tell(master, next))) return true;
    const missingBytes = await this.#catchUp(master, heir);
    // Either may have died in the meantime; the master may have been replaced already.
    if (heir.isServing && this.membership.node(heir.name).masterName === master.name) {
      await this.#promote(master.name, heir, 'syncing', startedAtMs);
      if (missingBytes > 0) this.#takeoverLost(master.name, heir.name, missingBytes);
    }
    return true;
  }

  async #promote(from: string, heir: Member, formerHealth: 'down' | 'syncing', sinceMs: number): Promise<void> {
    const { slots } = this.membership.node(from);
    this.membership.change(withPromotion(this.membership.topology, heir.name, formerHealth));
    // The new master first: until it knows, its slots are served by nobody.
    await this.membership.tell(heir, this.membership.topology);
    const completedAtMs = performance.now();
    const afterMs = Math.round(completedAtMs - sinceMs);
    this.#latest.set(from, { from, node: heir.name, afterMs, slots, completedAtMs });
    const message = `${heir.name} promoted after ${afterMs} ms, ${slotCountOf(slots)} slots served again`;
    this.membership.events.add('promoted', heir.name, message);
    this.membership.changes.announce();
    await this.membership.broadcast();
    this.links.ensureAllOf(heir.name);
  }

  #masterLost(name: string): void {
    const hadReplicas = replicasOf(this.membership.topology, name).length > 0;
    const { slots } = this.membership.node(name);
    this.membership.change(withMasterLost(this.membership.topology, name));
    const reason = hadReplicas ? 'none of its replicas was in sync' : 'it has no replica';
    const message = `${name} died and ${reason}: the data of ${slotCountOf(slots)} slots is lost, it restarts empty`;
    this.membership.events.add('data-lost', name, message);
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

  /** Waits until the heir has all of the master's log; returns how many bytes of it are missing when the time is over. */
  async #catchUp(master: Member, heir: Member): Promise<number> {
    const goal = (await reportOf(master))?.offset ?? 0;
    const deadline = performance.now() + TAKEOVER_CATCH_UP_MS;
    for (;;) {
      const missingBytes = goal - ((await reportOf(heir))?.offset ?? 0);
      if (missingBytes <= 0) return 0;
      if (performance.now() >= deadline) return missingBytes;
      await delay(CATCH_UP_POLL_MS);
    }
  }

  #takeoverLost(from: string, heirName: string, missingBytes: number): void {
    const message = `${heirName} took over without the last ${missingBytes} bytes of ${from}'s log: those writes are lost`;
    this.membership.events.add('data-lost', heirName, message);
    this.membership.changes.announce();
  }
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
