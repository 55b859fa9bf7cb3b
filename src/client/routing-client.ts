/** The client of the shell and of the CLI commands: hashes keys itself, talks to the right node, splits and merges. */
import { commandTable } from '../command-table/index.js';
import { ExitCode, RedNodeError } from '../errors.js';
import { slotOfKey } from '../topology/slots.js';
import { CommandRunner } from './command-runner.js';
import { addressOf } from './endpoint.js';
import { explainPlan } from './explain.js';
import { openMonitors, type MonitorListener, type MonitorStream } from './monitor-stream.js';
import { NodeConnections } from './node-connections.js';
import { PlanExecutor } from './plan-executor.js';
import { planCommand, type CommandLookup } from './plan.js';
import { Subscription } from './subscription.js';
import { TopologyTracker } from './topology-tracker.js';
import { ClientTransaction } from './transaction.js';
import type {
  ClientNode,
  ClientOptions,
  ClientStats,
  CommandArgument,
  CommandWords,
  Explanation,
  RoutedReply,
} from './types.js';

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
  private readonly executor: PlanExecutor;
  private readonly table: CommandLookup;
  /** Each may have a connection of its own. */
  private readonly transactions: ClientTransaction[] = [];

  private constructor(options: ClientOptions, parts: ClientParts) {
    this.table = parts.table ?? commandTable;
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
    const runner = new CommandRunner(this.connections, this.tracker, options, this.stats);
    const random = parts.random ?? Math.random;
    this.executor = new PlanExecutor(this.connections, this.tracker, runner, this.stats, random);
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
    const merged = await this.executor.execute(plan, command, words);
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

  /** A transaction, on a connection of its own once it needs one. */
  transaction(): ClientTransaction {
    const transaction = new ClientTransaction({
      table: this.table,
      isCluster: () => this.isCluster,
      ownerOf: (slot) => this.tracker.view.ownerOf(slot),
      open: async (slot) => {
        const node = (slot === undefined ? undefined : this.tracker.view.ownerOf(slot)) ?? this.tracker.anyMaster();
        const connection = await this.connections.open(node);
        return {
          node,
          send: (words) => connection.send(words),
          get isOpen() {
            return connection.isOpen;
          },
          close: () => connection.close(),
        };
      },
    });
    this.transactions.push(transaction);
    return transaction;
  }

  /** Reads the topology again. Throws CLUSTER_UNREACHABLE. */
  refresh(): Promise<void> {
    return this.tracker.refresh();
  }

  /** Has every node show what it runs; the caller closes it. Throws SERVER_ERROR when one refuses. */
  openMonitor(onLine: MonitorListener): Promise<MonitorStream> {
    return openMonitors(this.nodes(), (node) => this.connections.open(node), onLine);
  }

  /** A connection of its own for subscriptions, to the node that PUBLISH goes to; the caller closes it. */
  async openSubscription(): Promise<Subscription> {
    const node = this.tracker.anyMaster();
    return new Subscription(await this.connections.open(node), node);
  }

  async close(): Promise<void> {
    await Promise.all(this.transactions.splice(0).map((transaction) => transaction.reset()));
    await this.connections.close();
  }
}

function noSuchNode(name: string, nodes: readonly ClientNode[]): RedNodeError {
  const known = nodes.map((node) => node.name).join(', ');
  return new RedNodeError('NO_SUCH_NODE', `no node ${name} in this cluster`, ExitCode.unreachable, {
    hint: `its nodes are ${known}`,
  });
}
