/** Carries out the plan for a command: sends its parts, waits for all of them, and merges what comes back. */
import { keyPositions, type Command } from '../command-table/command.js';
import { ExitCode, RedNodeError } from '../errors.js';
import type { CommandRunner } from './command-runner.js';
import { mergeNodeReplies, mergePartReplies, type MergedReply } from './merge.js';
import type { NodeConnections } from './node-connections.js';
import type { Plan } from './plan.js';
import { isRepeatable } from './retry.js';
import { SessionCommands } from './session-commands.js';
import { randomKey, runOnShard, scanCluster } from './shard-commands.js';
import type { SplitPart } from './split.js';
import type { TopologyTracker } from './topology-tracker.js';
import type { ClientNode, ClientStats, CommandWords } from './types.js';
import { nameOf, textOf } from './words.js';

export class PlanExecutor {
  private readonly sessions: SessionCommands;

  constructor(
    private readonly connections: NodeConnections,
    private readonly tracker: TopologyTracker,
    private readonly runner: CommandRunner,
    private readonly stats: ClientStats,
    /** Uniform in [0, 1). */
    private readonly random: () => number,
  ) {
    this.sessions = new SessionCommands(connections, tracker, runner);
  }

  /**
   * Resolves to the merged reply, and the nodes behind it.
   * @throws RedNodeError as `CommandRunner.run` does; SUBSCRIPTION_NEEDED for SUBSCRIBE and its like
   */
  async execute(plan: Plan, command: Command | undefined, words: CommandWords): Promise<MergedReply> {
    const shards = this.tracker.view.shardMasters();
    switch (plan.kind) {
      case 'any':
        return this.runOne(words, command, undefined);
      case 'home':
        if (command?.flags.includes('pubsub') === true) throw subscriptionNeeded(words);
        refuseOwnConnection(words);
        return this.sessions.run(words);
      case 'slot':
        return this.runOne(words, command, plan.slot);
      case 'crossslot':
        return refused("CROSSSLOT Keys in request don't hash to the same slot");
      case 'wrong-arity':
        return refused(`ERR wrong number of arguments for '${nameOf(words).toLowerCase()}' command`);
      case 'split':
        return this.runParts(plan.parts, command);
      case 'all':
        return this.runOnAll(words, command, plan.of === 'masters' ? shards : this.tracker.view.nodes);
      case 'scan':
        return shards.length === 0 ? this.runOne(words, command, undefined) : scanCluster(this.runner, words, shards);
      case 'random-key':
        return randomKey(this.runner, words, shards, this.random);
    }
  }

  private async runOne(
    words: CommandWords,
    command: Command | undefined,
    slot: number | undefined,
  ): Promise<MergedReply> {
    const { reply, node } = await this.runner.run(words, { slot, isRepeatable: isRepeatable(command) });
    const isList = command?.requestPolicy === 'multi_shard' && command.responsePolicy === undefined;
    if (!isList || reply.type !== 'array') return { reply, nodes: [node.name] };
    return { reply, nodes: [node.name], itemNodes: keyPositions(command, words.length).map(() => node.name) };
  }

  /** All parts are sent at once: those of one node travel together, and no node waits for another. */
  private async runParts(parts: readonly SplitPart[], command: Command | undefined): Promise<MergedReply> {
    const mayRepeat = isRepeatable(command);
    const replies = await allOrFirstFailure(
      parts.map(async ({ words, slot, ranks }) => ({
        ...(await this.runner.run(words, { slot, isRepeatable: mayRepeat })),
        ranks,
      })),
    );
    if (new Set(replies.map(({ node }) => node)).size > 1) this.stats.split++;
    return mergePartReplies(command?.responsePolicy, replies);
  }

  private async runOnAll(
    words: CommandWords,
    command: Command | undefined,
    nodes: readonly ClientNode[],
  ): Promise<MergedReply> {
    if (nodes.length === 0) return this.runOne(words, command, undefined);
    const mayRepeat = isRepeatable(command);
    const replies = await allOrFirstFailure(
      nodes.map(async (node) => {
        if (node.slots.length > 0) return runOnShard(this.runner, words, node, mayRepeat);
        const connection = await this.connections.get(node);
        return { reply: await connection.send(words), node };
      }),
    );
    return mergeNodeReplies(command?.responsePolicy, replies);
  }
}

/** Waits for every part even if one fails, so that no part is still on its way when the caller hears of the failure. */
async function allOrFirstFailure<T>(parts: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(parts);
  return Promise.all(parts);
}

function refused(value: string): MergedReply {
  return { reply: { type: 'error', value }, nodes: [] };
}

/** These leave their mark on a connection that others' commands go over, too. */
function refuseOwnConnection(words: CommandWords): void {
  const name = nameOf(words);
  const isSilencing = name === 'CLIENT' && /^reply$/i.test(textOf(words[1])) && /^(off|skip)$/i.test(textOf(words[2]));
  if (name !== 'MULTI' && name !== 'WATCH' && name !== 'MONITOR' && !isSilencing) return;
  const what = isSilencing ? 'CLIENT REPLY' : name;
  const hints: Readonly<Record<string, string>> = {
    MULTI: "rednode shell -e multi -e 'set k 1' -e exec, or multi in rednode shell",
    WATCH: "rednode shell -e 'watch k' -e multi -e 'set k 1' -e exec, or watch in rednode shell",
    MONITOR: 'monitor in rednode shell',
  };
  throw new RedNodeError('OWN_CONNECTION_NEEDED', `${what} needs a connection of its own`, ExitCode.usage, {
    hint: hints[what] ?? 'a client with one connection, such as redis-cli',
  });
}

function subscriptionNeeded(words: CommandWords): RedNodeError {
  return new RedNodeError(
    'SUBSCRIPTION_NEEDED',
    `${nameOf(words)} needs a connection of its own: messages come at any time`,
    ExitCode.usage,
    { hint: 'rednode subscribe CHANNEL, or subscribe in rednode shell' },
  );
}
