/** Keeps the client's view of the cluster: read at the start, corrected by MOVED, read again when it may be out of date. */
import { ExitCode, messageOf, RedNodeError } from '../errors.js';
import { attemptsText, type FailedAttempt } from './connection-errors.js';
import { addressOf, type Address } from './endpoint.js';
import type { NodeConnections } from './node-connections.js';
import { readTopology } from './topology-reader.js';
import { oneNodeView, type TopologyView } from './topology-view.js';
import type { ClientNode, ClientOptions, ClientStats } from './types.js';

/** How long one node may take to tell the topology before another is asked. */
const SOURCE_TIMEOUT_MS = 2_000;

export class TopologyTracker {
  private current: TopologyView;
  private refreshing: Promise<void> | undefined;

  constructor(
    private readonly connections: NodeConnections,
    private readonly options: ClientOptions,
    private readonly stats: ClientStats,
  ) {
    this.current = oneNodeView(options.endpoint);
  }

  get view(): TopologyView {
    return this.current;
  }

  /** The node that the client was pointed at, if the cluster knows it by that address. */
  get home(): ClientNode | undefined {
    const { host, port } = this.options.endpoint;
    return this.current.nodes.find((node) => node.host === host && node.port === port);
  }

  /** Where commands without keys go: the given endpoint while it is a master, else the first one. */
  anyMaster(except: ReadonlySet<string> = new Set()): ClientNode {
    const { home } = this;
    const masters = this.current.shardMasters();
    const candidates = [...(home?.role === 'master' ? [home] : []), ...masters, ...this.current.nodes];
    return candidates.find((node) => !except.has(addressOf(node))) ?? candidates[0];
  }

  /**
   * Reads the topology again, from `first` if given, else from any node that answers; calls at the same time share one reading.
   * @throws RedNodeError CLUSTER_UNREACHABLE when no known node answers
   */
  refresh(first?: Address): Promise<void> {
    this.refreshing ??= this.readFromAnyNode(first).finally(() => {
      this.refreshing = undefined;
    });
    return this.refreshing;
  }

  /** `refresh` that nobody waits for; what fails is told as a notice. */
  refreshInBackground(first?: Address): void {
    this.refresh(first).catch((error: unknown) => {
      this.options.onNotice?.(`topology not read again: ${messageOf(error)}`);
    });
  }

  /** Takes over what a MOVED reply says, and reads the rest from the node that it names: that one knows of the change. */
  moved(slot: number, address: Address): void {
    this.stats.moved++;
    this.current.move(slot, address);
    this.refreshInBackground(address);
  }

  /** The first reading, from the endpoint alone: its failure is what the user has to hear of. */
  async readFirst(): Promise<void> {
    const connection = await this.connections.get(this.options.endpoint);
    this.current = await readTopology(connection);
  }

  private async readFromAnyNode(first: Address | undefined): Promise<void> {
    const failures: FailedAttempt[] = [];
    for (const address of this.sources(first)) {
      try {
        const { connectTimeoutMs, commandTimeoutMs } = this.options;
        const connection = await this.connections.get(address, Math.min(connectTimeoutMs, SOURCE_TIMEOUT_MS));
        this.current = await readTopology(connection, Math.min(commandTimeoutMs, SOURCE_TIMEOUT_MS));
        this.stats.topologyRefreshes++;
        return;
      } catch (error) {
        failures.push({ address, error });
      }
    }
    throw new RedNodeError('CLUSTER_UNREACHABLE', 'no node of the cluster answers', ExitCode.unreachable, {
      hint: 'rednode cluster status shows what runs',
      context: { tried: attemptsText(failures) },
    });
  }

  /** Connected nodes before others, masters and replicas alike, each once. */
  private sources(first: Address | undefined): Address[] {
    const isOpen = new Set(this.connections.openAddresses().map(addressOf));
    const known = this.current.nodes.toSorted(
      (left, right) => Number(isOpen.has(addressOf(right))) - Number(isOpen.has(addressOf(left))),
    );
    const all = [...(first === undefined ? [] : [first]), ...known, this.options.endpoint];
    return [...new Map(all.map((address) => [addressOf(address), address])).values()];
  }
}
