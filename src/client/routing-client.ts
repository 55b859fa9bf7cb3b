/** The client of the shell and of the CLI commands: hashes keys itself, talks to the right node, splits and merges. */
import { keyPositions, type Command } from '../command-table/command.js';
import { commandTable } from '../command-table/index.js';
import { ExitCode, RedNodeError } from '../errors.js';
import { slotOfKey } from '../topology/slots.js';
import { CommandRunner } from './command-runner.js';
import { addressOf } from './endpoint.js';
import { explainPlan } from './explain.js';
import { mergeNodeReplies, mergePartReplies, type MergedReply } from './merge.js';
import { NodeConnections } from './node-connections.js';
import { planCommand, type CommandLookup, type Plan } from './plan.js';
import { isRepeatable } from './retry.js';
import { randomKey, runOnShard, scanCluster } from './shard-commands.js';
import { SessionCommands } from './session-commands.js';
import type { SplitPart } from './split.js';
import { Subscription } from './subscription.js';
import { TopologyTracker } from './topology-tracker.js';
import type {
  ClientNode,
  ClientOptions,
  ClientStats,
  CommandArgument,
  CommandWords,
  Explanation,
  RoutedReply,
} from './types.js';
import { nameOf } from './words.js';

/** What tests replace. */
export interface ClientParts {
  readonly table?: CommandLookup;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}

export class RoutingClient {
  /** Counted since the client connected. */
  readonly stats: ClientStats = {
    commands: 0,
    split: 0,
    moved: 0,
    ask: 0,
    retries: 0,
    reconnects: 0,
    topologyRefreshes: 0,
  };
  private readonly connections: NodeConnections;
  private readonly tracker: TopologyTracker;
  private readonly runner: CommandRunner;
  private readonly sessions: SessionCommands;
  private readonly table: CommandLookup;
  private readonly random: () => number;

  private constructor(options: ClientOptions, parts: ClientParts) {
    this.table = parts.table ?? commandTable;
    this.random = parts.random ?? Math.random;
    this.connections = new NodeConnections(options, {
      lost: (address, error) => {
        const name = this.tracker.view.find(addressOf(address))?.name ?? '';
        options.onNotice?.(name === addressOf(address) || name === '' ? error.message : `${name}: ${error.message}`);
        if (this.isCluster) this.tracker.refreshInBackground();
      },
      reconnected: () => {
        this.stats.reconnects++;
      },
    });
    this.tracker = new TopologyTracker(this.connections, options, this.stats);
    this.runner = new CommandRunner(this.connections, this.tracker, options, this.stats);
    this.sessions = new SessionCommands(this.connections, this.tracker, this.runner);
  }

  /**
   * Connects to the endpoint and reads the topology from it.
   * @throws RedNodeError as `Connection.connect` and `readTopology` do
   */
  static async connect(options: ClientOptions, parts: ClientParts = {}): Promise<RoutingClient> {
    const client = new RoutingClient(options, parts);
    try {
      await client.tracker.readFirst();
    } catch (error) {
      await client.close();
      throw error;
    }
    return client;
  }

  /** False for one server without cluster mode. */
  get isCluster(): boolean {
    return this.tracker.view.isCluster;
  }

  nodes(): readonly ClientNode[] {
    return this.tracker.view.nodes;
  }

  /** The master that serves a key, or undefined when none is known to. */
  nodeFor(key: CommandArgument): ClientNode | undefined {
    return this.tracker.view.ownerOf(slotOfKey(key));
  }

  /**
   * Runs a command wherever its keys are. What a server answers, errors too, is in the reply.
   * @throws RedNodeError when there is no answer: see `CommandRunner.run`; SUBSCRIPTION_NEEDED for SUBSCRIBE and its like
   */
  async execute(words: CommandWords): Promise<RoutedReply> {
    const startedAtMs = performance.now();
    this.stats.commands++;
    const command = this.table.find(words);
    const plan = planCommand(command, words, this.isCluster);
    const merged = await this.carryOut(plan, command, words);
    return { ...merged, elapsedMs: performance.now() - startedAtMs };
  }

  /** Where `execute` would send a command, without sending it. */
  explain(words: CommandWords): Explanation {
    const command = this.table.find(words);
    const plan = planCommand(command, words, this.isCluster);
    return explainPlan(command, words, plan, this.tracker.view, this.tracker.anyMaster());
  }

  /**
   * Runs a command on one node, known by its short name or `host:port`; a redirection is returned as the error that it is.
   * @throws RedNodeError NO_SUCH_NODE; as `Connection.send`
   */
  async executeOn(nodeName: string, words: CommandWords): Promise<RoutedReply> {
    const startedAtMs = performance.now();
    this.stats.commands++;
    const node = this.tracker.view.find(nodeName);
    if (node === undefined) throw noSuchNode(nodeName, this.nodes());
    const connection = await this.connections.get(node);
    const reply = await connection.send(words);
    return { reply, nodes: [node.name], elapsedMs: performance.now() - startedAtMs };
  }

  /**
   * Authenticates on all connections, those to come included. Refused: everything stays as it was.
   * @throws RedNodeError AUTH_FAILED with the server's text
   */
  authenticate(username: string | undefined, password: string): Promise<void> {
    return this.connections.authenticate(this.tracker.anyMaster(), username, password);
  }

  /** Enters a tenant on all connections, those to come included, as TENANT USE allows. Throws as `authenticate`. */
  selectTenant(name: string): Promise<void> {
    return this.connections.selectTenant(this.tracker.anyMaster(), name);
  }

  /** Reads the topology again. Throws CLUSTER_UNREACHABLE. */
  refresh(): Promise<void> {
    return this.tracker.refresh();
  }

  /** A connection of its own for subscriptions, to the node that PUBLISH goes to; the caller closes it. */
  async openSubscription(): Promise<Subscription> {
    const node = this.tracker.anyMaster();
    return new Subscription(await this.connections.open(node), node);
  }

  async close(): Promise<void> {
    await this.connections.close();
  }

  private async carryOut(plan: Plan, command: Command | undefined, words: CommandWords): Promise<MergedReply> {
    const shards = this.tracker.view.shardMasters();
    switch (plan.kind) {
      case 'any':
        return this.runOne(words, command, undefined);
      case 'home':
        if (command?.flags.includes('pubsub') === true) throw subscriptionNeeded(words);
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
        return this.runOnAll(words, command, plan.of === 'masters' ? shards : this.nodes());
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

function subscriptionNeeded(words: CommandWords): RedNodeError {
  return new RedNodeError(
    'SUBSCRIPTION_NEEDED',
    `${nameOf(words)} needs a connection of its own: messages come at any time`,
    ExitCode.usage,
    { hint: 'rednode subscribe CHANNEL, or subscribe in rednode shell' },
  );
}

function noSuchNode(name: string, nodes: readonly ClientNode[]): RedNodeError {
  const known = nodes.map((node) => node.name).join(', ');
  return new RedNodeError('NO_SUCH_NODE', `no node ${name} in this cluster`, ExitCode.unreachable, {
    hint: `its nodes are ${known}`,
  });
}
