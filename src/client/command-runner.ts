/** Gets one command executed by the node that serves it: follows redirections, outlives failovers, never repeats a write. */
import { setTimeout as delay } from 'node:timers/promises';
import { ExitCode, messageOf, RedNodeError } from '../errors.js';
import type { Reply } from '../resp/reply.js';
import { ConnectionCode, wasLostMidway, wasNeverSent } from './connection-errors.js';
import { addressOf } from './endpoint.js';
import type { NodeReply } from './merge.js';
import type { NodeConnections } from './node-connections.js';
import { verdictOf, type Verdict } from './redirection.js';
import { backoffMs, Deadline, MAX_REDIRECTIONS, UNREACHABLE_GRACE_MS } from './retry.js';
import type { TopologyTracker } from './topology-tracker.js';
import type { ClientNode, ClientOptions, ClientStats, CommandWords } from './types.js';
import { nameOf } from './words.js';

export interface Route {
  /** The slot whose master is meant; a whole shard is addressed by any of its slots. Undefined: any master. */
  readonly slot?: number | undefined;
  /** Without a slot: the given endpoint even if it is a replica, while it can be reached. */
  readonly prefersHome?: boolean;
  /** Whether it may be sent again after a connection broke with it on its way. */
  readonly isRepeatable: boolean;
}

/** One command on its way to a reply. */
interface Trip {
  readonly words: CommandWords;
  readonly route: Route;
  readonly deadline: Deadline;
  slot: number | undefined;
  /** Set by an ASK reply, for the next attempt only. */
  askAt: ClientNode | undefined;
  redirections: number;
  /** Attempts that came to nothing. */
  failures: number;
  /** Addresses that did not answer, for commands that any node can take. */
  readonly unreachable: Set<string>;
  unreachableSinceMs: number | undefined;
  lastError: RedNodeError | undefined;
}

export class CommandRunner {
  constructor(
    private readonly connections: NodeConnections,
    private readonly tracker: TopologyTracker,
    private readonly options: ClientOptions,
    private readonly stats: ClientStats,
  ) {}

  /**
   * Resolves to the reply and the node that gave it, within the command time limit.
   * @throws RedNodeError OUTCOME_UNKNOWN for a write that was on its way when its connection broke; NO_MASTER when nobody
   * took the slot over in time; TOO_MANY_REDIRECTIONS; CLUSTER_UNREACHABLE; what `Connection` throws
   */
  async run(words: CommandWords, route: Route): Promise<NodeReply> {
    const trip = startTrip(words, route, this.options.commandTimeoutMs);
    for (;;) {
      const isAsking = trip.askAt !== undefined;
      const node = trip.askAt ?? this.nodeFor(trip);
      trip.askAt = undefined;
      const reply = await this.attempt(node, trip, isAsking);
      if (reply === undefined) await this.recover(node, trip);
      else if (await this.isAnswer(reply, verdictOf(reply, node), trip)) return { reply, node };
    }
  }

  private nodeFor({ slot, route, unreachable }: Trip): ClientNode {
    const owner = slot === undefined ? undefined : this.tracker.view.ownerOf(slot);
    if (owner !== undefined) return owner;
    const { home } = this.tracker;
    if (route.prefersHome === true && home !== undefined && !unreachable.has(addressOf(home))) return home;
    return this.tracker.anyMaster(unreachable);
  }

  /** The reply, or undefined when there was none and the command may be tried again. */
  private async attempt(node: ClientNode, trip: Trip, isAsking: boolean): Promise<Reply | undefined> {
    try {
      const connectMs = Math.min(this.options.connectTimeoutMs, trip.deadline.leftMs);
      const connection = await this.connections.get(node, connectMs);
      const timing = { timeoutMs: trip.deadline.leftMs };
      if (!isAsking) return await connection.send(trip.words, timing);
      const [, reply] = await connection.sendAll([['ASKING'], trip.words], timing);
      return reply;
    } catch (error) {
      trip.lastError = this.forgivable(error, node, trip);
      return undefined;
    }
  }

  /** The error, if another attempt is in order; throws what the caller of the command has to know. */
  private forgivable(error: unknown, node: ClientNode, trip: Trip): RedNodeError {
    if (wasLostMidway(error)) {
      if (trip.route.isRepeatable) return error;
      throw outcomeUnknown(trip.words, node, error);
    }
    if (!wasNeverSent(error)) throw error;
    // One server alone has nobody to take over: its refusal is the answer. A connection that was closed is made anew.
    if (this.tracker.view.isCluster || error.code === ConnectionCode.closed) return error;
    throw error;
  }

  /** After a node was lost: waits a little, reads the topology from the others, finds out who serves now. */
  private async recover(node: ClientNode, trip: Trip): Promise<void> {
    trip.failures++;
    this.stats.retries++;
    const waitMs = trip.failures === 1 ? 0 : backoffMs(trip.failures - 1);
    if (!trip.deadline.allows(waitMs)) throw noMaster(trip);
    if (trip.failures === 1)
      this.options.onNotice?.(`${nameOf(trip.words)} is tried again: ${describeLoss(node, trip)}`);
    if (waitMs > 0) await delay(waitMs);
    if (trip.slot === undefined) trip.unreachable.add(addressOf(node));
    if (this.tracker.view.isCluster) await this.readTopology(trip);
  }

  private async readTopology(trip: Trip): Promise<void> {
    try {
      // The reading goes on for others if this command has no time left for it.
      await Promise.race([this.tracker.refresh(), delay(trip.deadline.leftMs, undefined, { ref: false })]);
      trip.unreachableSinceMs = undefined;
    } catch (error) {
      const nowMs = performance.now();
      trip.unreachableSinceMs ??= nowMs;
      trip.unreachable.clear();
      if (nowMs - trip.unreachableSinceMs >= UNREACHABLE_GRACE_MS) throw error;
    }
  }

  /** Whether this reply is for the caller; otherwise the trip is set to go on. */
  private async isAnswer(reply: Reply, verdict: Verdict, trip: Trip): Promise<boolean> {
    switch (verdict.kind) {
      case 'final':
        return true;
      case 'moved':
        countRedirection(trip, reply);
        this.tracker.moved(verdict.slot, verdict.address);
        trip.slot = verdict.slot;
        return false;
      case 'ask':
        countRedirection(trip, reply);
        this.stats.ask++;
        trip.askAt = this.tracker.view.at(verdict.address);
        return false;
      case 'later':
        return !(await this.waitForLater(verdict.topologyIsSuspect, trip));
    }
  }

  /** False when there is no time left: then the server's refusal is the answer. */
  private async waitForLater(topologyIsSuspect: boolean, trip: Trip): Promise<boolean> {
    trip.failures++;
    const waitMs = backoffMs(trip.failures);
    if (!trip.deadline.allows(waitMs)) return false;
    this.stats.retries++;
    await delay(waitMs);
    if (topologyIsSuspect && this.tracker.view.isCluster) await this.readTopology(trip);
    return true;
  }
}

function startTrip(words: CommandWords, route: Route, limitMs: number): Trip {
  return {
    words,
    route,
    deadline: new Deadline(limitMs),
    slot: route.slot,
    askAt: undefined,
    redirections: 0,
    failures: 0,
    unreachable: new Set(),
    unreachableSinceMs: undefined,
    lastError: undefined,
  };
}

function countRedirection(trip: Trip, reply: Reply): void {
  if (++trip.redirections <= MAX_REDIRECTIONS) return;
  const last = reply.type === 'error' ? reply.value : reply.type;
  throw new RedNodeError(
    'TOO_MANY_REDIRECTIONS',
    `${nameOf(trip.words)} was redirected more than ${MAX_REDIRECTIONS} times`,
    ExitCode.serverError,
    { hint: 'the nodes disagree about who serves the slot: rednode cluster status', context: { last } },
  );
}

function describeNode(node: ClientNode): string {
  const address = addressOf(node);
  return node.name === address ? address : `${node.name} ${address}`;
}

function describeLoss(node: ClientNode, trip: Trip): string {
  return trip.lastError?.message ?? `${describeNode(node)} does not answer`;
}

function outcomeUnknown(words: CommandWords, node: ClientNode, cause: RedNodeError): RedNodeError {
  return new RedNodeError(
    'OUTCOME_UNKNOWN',
    `${nameOf(words)} was on its way when the connection broke: its outcome is unknown, and it was not repeated`,
    ExitCode.unreachable,
    {
      hint: 'look at the data, then decide whether to send it again',
      context: { node: describeNode(node), reason: messageOf(cause) },
      cause,
    },
  );
}

function noMaster(trip: Trip): RedNodeError {
  const what = trip.slot === undefined ? 'no node' : `no master of slot ${trip.slot}`;
  return new RedNodeError('NO_MASTER', `${what} answered within ${trip.deadline.limitMs} ms`, ExitCode.timeout, {
    hint: 'rednode cluster status shows which nodes are down',
    ...(trip.lastError === undefined ? {} : { context: { last: trip.lastError.message }, cause: trip.lastError }),
  });
}
