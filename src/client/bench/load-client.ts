/** One client of a load: sends a batch, waits for its answers, sends the next. In a cluster it has a connection to every master. */
import { setTimeout as delay } from 'node:timers/promises';
import { addressOf } from '../endpoint.js';
import type { ClientNode } from '../types.js';
import { Lane, type LaneOwner } from './lane.js';
import type { LoadContext } from './load-context.js';
import type { RequestSource } from './sources.js';

/** Between two attempts to reach the masters again. */
const RETRY_MS = 20;

export class LoadClient implements LaneOwner {
  private readonly laneByAddress = new Map<string, Lane>();
  /** One for each master; `owners` has their indices by slot. */
  private lanes: readonly Lane[] = [];
  private owners: Uint16Array = new Uint16Array();
  /** Lanes with requests under way. */
  private unsettled = 0;
  private needsRouting = false;
  private recoveredAtMs = -Infinity;

  constructor(
    private readonly source: RequestSource,
    private readonly context: LoadContext,
  ) {}

  /** Connects to every master. Throws as `LoadConnection.open`. */
  async connect(): Promise<void> {
    const { masters, owners } = this.context.routes;
    this.retire(masters);
    this.owners = owners;
    this.lanes = await Promise.all(masters.map((node) => this.openLane(node)));
    this.needsRouting = false;
  }

  /** Sends what is to be sent next. */
  fire(): void {
    const { context, lanes } = this;
    if (context.isStopping) {
      context.finished(this);
      return;
    }
    for (const lane of lanes) if (!lane.isOpen) this.needsRouting = true;
    if (this.needsRouting) void this.recover();
    else this.sendNext(context.take());
  }

  settled(lane: Lane): void {
    if (lane.needsRouting) this.needsRouting = true;
    this.unsettled--;
    if (this.unsettled === 0) this.fire();
  }

  /** Ends connections that have waited for a reply since before that time. */
  endStuck(sentBeforeMs: number): void {
    for (const lane of this.lanes) {
      if (lane.sentAtMs !== undefined && lane.sentAtMs < sentBeforeMs) lane.fail(this.context.replyTimedOut(lane.node));
    }
  }

  close(): void {
    for (const lane of this.laneByAddress.values()) lane.close();
  }

  private sendNext(count: number): void {
    if (count === 0) {
      this.context.wait(this);
      return;
    }
    const isExhausted = !this.gather(count);
    const nowMs = performance.now();
    for (const lane of this.lanes) if (lane.hasQueued) this.unsettled++;
    if (this.unsettled > 0) {
      for (const lane of this.lanes) if (lane.hasQueued) lane.send(nowMs);
    } else if (isExhausted) {
      this.context.finished(this);
    } else {
      void this.recover();
    }
  }

  /** Draws requests into their lanes; false when there are no more. What no master serves is left out. */
  private gather(count: number): boolean {
    const { source, context } = this;
    for (let left = count; left > 0; left--) {
      if (!source.next()) return false;
      const lane = this.laneFor(source.keyNumber);
      if (lane === undefined) this.needsRouting = true;
      else lane.add(source, context.intendedAtMs(left));
    }
    return true;
  }

  private laneFor(keyNumber: number): Lane | undefined {
    const { routes, requests } = this.context;
    // Undefined for a slot without an owner, too.
    return this.lanes[routes.isCluster ? this.owners[requests.slotOf(keyNumber)] : 0];
  }

  /** Finds the masters of now and connects to them, for as long as that takes; then goes on. */
  private async recover(): Promise<void> {
    const { context } = this;
    const lost = this.lanes.filter((lane) => !lane.isOpen);
    context.recovering(lost);
    // Just told by a node that has not heard yet of what the topology says, or is not ready: it gets a moment.
    if (performance.now() - this.recoveredAtMs < RETRY_MS) await delay(RETRY_MS);
    while (!context.isStopping && !(await this.reconnect())) await delay(RETRY_MS);
    this.recoveredAtMs = performance.now();
    context.recovered(lost.length);
    this.fire();
  }

  private async reconnect(): Promise<boolean> {
    try {
      await this.context.routes.refresh();
      await this.connect();
      return this.lanes.length > 0;
    } catch (error) {
      this.context.failedToReconnect(error);
      return false;
    }
  }

  private async openLane(node: ClientNode): Promise<Lane> {
    const { context } = this;
    const address = addressOf(node);
    const lane = this.laneByAddress.get(address) ?? new Lane(node, { ...context.laneParts, owner: this });
    this.laneByAddress.set(address, lane);
    lane.needsRouting = false;
    if (!lane.isOpen) await lane.open(context.connectionTo(node));
    if (context.isOver) lane.close();
    return lane;
  }

  /** Closes the connections to nodes that are masters no more. */
  private retire(masters: readonly ClientNode[]): void {
    const kept = new Set(masters.map(addressOf));
    for (const [address, lane] of this.laneByAddress) {
      if (kept.has(address)) continue;
      lane.close();
      this.laneByAddress.delete(address);
    }
  }
}
