/** Keeps every replica linked to its master: links anew, with back-off, whenever a link is lost or a master has changed. */
import { messageOf, RedNodeError } from '../errors.js';
import { Backoff } from './backoff.js';
import { linkNodes } from './link.js';
import type { LauncherTimings } from './limits.js';
import type { Member } from './member.js';
import type { Membership } from './membership.js';
import type { NodeProcess } from './node-process.js';
import { replicasOf, withHealth } from './topology-changes.js';

interface LinkState {
  readonly backoff: Backoff;
  /** The processes that were linked last, to tell whether a link is still the wanted one. */
  master?: NodeProcess;
  replica?: NodeProcess;
  linkedAtMs: number;
  /** The replica has its end of the link. */
  isAttached: boolean;
  isBusy: boolean;
  timer?: NodeJS.Timeout | undefined;
}

export class ReplicationLinks {
  readonly #states = new Map<string, LinkState>();
  #isStopped = false;

  constructor(
    private readonly membership: Membership,
    private readonly timings: LauncherTimings,
    /** Told of errors in work that nobody waits for. */
    private readonly onDefect: (error: unknown) => void,
  ) {}

  /** Links the replica to its master unless these two processes are linked already or one of them does not serve. */
  ensure(replicaName: string): void {
    const state = this.#stateOf(replicaName);
    const pair = this.#pairOf(replicaName);
    if (pair === undefined || this.#isStopped || state.isBusy) return;
    // A retry that waits is about these two; a new process on either side is linked at once.
    if (state.master === pair.master.process && state.replica === pair.replica.process) return;
    clearTimeout(state.timer);
    state.timer = undefined;
    this.#link(state, pair.master, pair.replica).catch(this.onDefect);
  }

  /** Whether what the replica reports now is about its link with its present master, and not about an earlier one. */
  isAttached(replicaName: string): boolean {
    const state = this.#stateOf(replicaName);
    return state.isAttached && state.master !== undefined && state.master === this.#pairOf(replicaName)?.master.process;
  }

  /** Links all replicas of a master that has (re)started. */
  ensureAllOf(masterName: string): void {
    for (const replica of replicasOf(this.membership.topology, masterName)) this.ensure(replica.name);
  }

  /**
   * A replica has lost its link. When its master is dead, its exit is about to be noticed, and this replica still has all that was
   * acknowledged: so it stops counting as in sync only once its master has proved to be alive.
   */
  async lost(replicaName: string): Promise<void> {
    const state = this.#stateOf(replicaName);
    const pair = this.#pairOf(replicaName);
    if (pair === undefined || state.isBusy || state.timer !== undefined || this.#isStopped) return;
    const { process } = pair.master;
    state.isBusy = true;
    const isAlive = await this.#answers(pair.master);
    state.isBusy = false;
    if (!isAlive || this.#pairOf(replicaName)?.master.process !== process) {
      this.ensure(replicaName);
      return;
    }
    await this.#demote(replicaName);
    this.#retryLater(state, replicaName);
  }

  stop(): void {
    this.#isStopped = true;
    for (const state of this.#states.values()) clearTimeout(state.timer);
  }

  async #link(state: LinkState, master: Member, replica: Member): Promise<void> {
    const [masterProcess, replicaProcess] = [master.process, replica.process];
    if (masterProcess === undefined || replicaProcess === undefined) return;
    state.isBusy = true;
    state.master = masterProcess;
    state.replica = replicaProcess;
    state.linkedAtMs = performance.now();
    state.isAttached = false;
    const failure = await this.#tryLink(masterProcess, replicaProcess, () => (state.isAttached = true));
    state.isBusy = false;
    if (failure === undefined) {
      // The topology may have changed while the link was made.
      this.ensure(replica.name);
      return;
    }
    if (masterProcess.isAlive && replicaProcess.isAlive) this.#retryLater(state, replica.name);
    else {
      this.#forget(state);
      this.ensure(replica.name);
    }
  }

  async #tryLink(master: NodeProcess, replica: NodeProcess, onAttached: () => void): Promise<string | undefined> {
    try {
      await linkNodes(master, replica, this.timings.requestTimeoutMs, onAttached);
      return undefined;
    } catch (error) {
      if (error instanceof RedNodeError) return messageOf(error);
      throw error;
    }
  }

  #retryLater(state: LinkState, replicaName: string): void {
    if (this.#isStopped) return;
    state.timer = setTimeout(
      () => {
        state.timer = undefined;
        this.#forget(state);
        this.ensure(replicaName);
      },
      state.backoff.nextDelayMs(performance.now() - state.linkedAtMs),
    );
  }

  #forget(state: LinkState): void {
    delete state.master;
    delete state.replica;
    state.isAttached = false;
  }

  async #demote(replicaName: string): Promise<void> {
    if (this.membership.node(replicaName).health !== 'online') return;
    this.membership.change(withHealth(this.membership.topology, replicaName, 'syncing'));
    await this.membership.broadcast();
  }

  async #answers(member: Member): Promise<boolean> {
    try {
      await member.process?.request({ kind: 'report' }, this.timings.requestTimeoutMs);
      return member.process?.isAlive === true;
    } catch (error) {
      if (error instanceof RedNodeError) return false;
      throw error;
    }
  }

  #pairOf(replicaName: string): { readonly master: Member; readonly replica: Member } | undefined {
    const { masterName } = this.membership.node(replicaName);
    if (masterName === undefined) return undefined;
    const [master, replica] = [this.membership.member(masterName), this.membership.member(replicaName)];
    return master.isServing && replica.isServing ? { master, replica } : undefined;
  }

  #stateOf(replicaName: string): LinkState {
    let state = this.#states.get(replicaName);
    if (state === undefined) {
      state = { backoff: new Backoff(this.timings.relinkBackoff), linkedAtMs: 0, isAttached: false, isBusy: false };
      this.#states.set(replicaName, state);
    }
    return state;
  }
}
