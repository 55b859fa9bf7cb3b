/** Keeps account of nodes that clients lose, and of how long it takes until all clients have their masters again. */
import { addressOf } from '../endpoint.js';
import type { ClientNode } from '../types.js';
import type { Lane } from './lane.js';
import type { Measurement, Outage } from './measurement.js';

export class OutageLog {
  /** Clients that look for their masters at present. */
  clients = 0;
  /** When the first of them began. */
  lastsSinceMs = Infinity;
  lastFailure: unknown;
  private readonly open = new Map<string, Outage>();

  constructor(
    private readonly measurement: Measurement,
    private readonly onNotice: ((text: string) => void) | undefined,
  ) {}

  /** A client begins to look, and lacks these connections; none when it was only told of another node. */
  begin(lost: readonly Lane[]): void {
    if (this.clients === 0) this.lastsSinceMs = performance.now();
    this.clients++;
    for (const { node, lostTo } of lost) this.note(node, lostTo?.message ?? 'closed');
  }

  /** A client has its masters again, unless `isCutShort`. */
  end(reopened: number, isCutShort: boolean): void {
    this.clients--;
    if (!isCutShort) this.measurement.connectionsReopened += reopened;
    if (this.clients > 0) return;
    const durationMs = performance.now() - this.lastsSinceMs;
    this.lastsSinceMs = Infinity;
    if (isCutShort) return;
    for (const outage of this.open.values()) outage.durationMs = durationMs;
    if (this.open.size > 0) this.onNotice?.(`all clients connected again after ${Math.round(durationMs)} ms`);
    this.open.clear();
  }

  private note(node: ClientNode, reason: string): void {
    if (this.open.has(node.name)) return;
    const outage: Outage = { node: node.name, reason, durationMs: undefined };
    this.open.set(node.name, outage);
    this.measurement.outages.push(outage);
    const name = node.name === addressOf(node) ? '' : `${node.name}: `;
    this.onNotice?.(`${name}${reason}`);
  }
}
