/** The members of a cluster and the topology they are told: the state that supervision, failover and linking share. */
import type { Clock } from '../clock.js';
import { ExitCode, RedNodeError } from '../errors.js';
import type { TenantEffect } from '../ipc/messages.js';
import type { Topology, TopologyNode } from '../topology/topology.js';
import { Changes } from './changes.js';
import { EventLog } from './event-log.js';
import type { Member } from './member.js';
import { nodeOf } from './topology-changes.js';

export class Membership {
  readonly changes = new Changes();
  readonly events: EventLog;
  readonly #members: ReadonlyMap<string, Member>;

  constructor(
    private current: Topology,
    members: readonly Member[],
    clock: Clock,
    /** Told of every new topology, to be kept. */
    private readonly onTopology: (topology: Topology) => void,
  ) {
    this.#members = new Map(members.map((member) => [member.name, member]));
    this.events = new EventLog(clock);
  }

  get topology(): Topology {
    return this.current;
  }

  get members(): readonly Member[] {
    return [...this.#members.values()];
  }

  /** Throws NO_NODE for a name that a person has typed. */
  member(name: string): Member {
    const member = this.#members.get(name);
    if (member !== undefined) return member;
    const names = [...this.#members.keys()].join(', ');
    throw new RedNodeError('NO_NODE', `there is no node ${name}`, ExitCode.unreachable, {
      hint: `the nodes are ${names}`,
    });
  }

  node(name: string): TopologyNode {
    return nodeOf(this.current, name);
  }

  /** Makes the outcome of a change the topology of the cluster; `broadcast` tells the nodes. */
  change(next: Topology): void {
    if (next === this.current) return;
    this.current = next;
    this.onTopology(next);
    this.changes.announce();
  }

  /** Tells every serving node the current topology; settles when all have answered. */
  async broadcast(): Promise<void> {
    const { current } = this;
    await Promise.all(this.members.map((member) => this.tell(member, current)));
  }

  /** Tells every serving node what has changed of the tenants; settles when all have answered or are gone. */
  async tellTenants(effect: TenantEffect): Promise<void> {
    const tellOne = async (member: Member): Promise<void> => {
      const { process } = member;
      if (!member.isServing || process === undefined) return;
      await this.#orKill(member, () =>
        process.request({ kind: 'tenant-effect', effect }, member.options.timings.requestTimeoutMs),
      );
    };
    await Promise.all(this.members.map(tellOne));
  }

  /** Tells one node, as `Member.tell` does; returns whether it knows now. */
  tell(member: Member, topology: Topology, masterOffset?: number): Promise<boolean> {
    return this.#orKill(member, () => member.tell(topology, masterOffset));
  }

  /** A node that cannot be told who serves what, or who may enter, would answer wrongly: it is killed, and starts over. */
  async #orKill(member: Member, tell: () => Promise<unknown>): Promise<boolean> {
    const { process } = member;
    try {
      await tell();
      return true;
    } catch (error) {
      if (!(error instanceof RedNodeError)) throw error;
      // One that has closed its channel is about to exit, which is reported where it is noticed.
      const isMute = process?.isAlive === true && error.code !== 'NODE_DIED';
      if (isMute) this.events.add('node-died', member.name, `${error.message}: it is killed and starts over`);
      process?.kill('SIGKILL');
      return false;
    }
  }
}
