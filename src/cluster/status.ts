/** The status of a cluster, put together from what its launcher knows; pure. */
import { SLOT_COUNT } from '../topology/topology.js';
import type { SlotRange, TopologyNode } from '../topology/topology.js';
import { slotCountOf, textOfRanges } from '../topology/ranges.js';
import type { Member } from './member.js';
import type { Membership } from './membership.js';
import type { ClusterOptions, ClusterStatus, NodeStatus } from './types.js';

export interface StatusInput {
  readonly options: ClusterOptions;
  readonly membership: Membership;
  readonly phase: 'starting' | 'running' | 'stopping';
  readonly tenantNames: readonly string[];
  readonly startedAtMs: number;
  readonly readyInMs: number | undefined;
}

export function clusterStatus(input: StatusInput): ClusterStatus {
  const { options, membership, phase } = input;
  const { epoch, nodes } = membership.topology;
  const slotsServed = slotsServedBy(nodes);
  return {
    name: options.name,
    state: phase === 'running' ? stateOf(nodes, slotsServed) : phase,
    epoch,
    launcherPid: process.pid,
    directory: options.directory,
    ephemeral: options.ephemeral,
    startedAtMs: input.startedAtMs,
    readyInMs: input.readyInMs,
    slotsServed,
    tenants: ['default', ...input.tenantNames],
    nodes: nodes.map((node) => nodeStatus(node, membership)),
    events: membership.events.list(),
  };
}

/** Slots whose master is there. */
function slotsServedBy(nodes: readonly TopologyNode[]): number {
  const serving = nodes.filter((node) => node.role === 'master' && node.health === 'online');
  return serving.reduce((count, node) => count + slotCountOf(node.slots), 0);
}

function stateOf(nodes: readonly TopologyNode[], slotsServed: number): ClusterStatus['state'] {
  if (slotsServed < SLOT_COUNT) return 'failing';
  return nodes.every((node) => node.health === 'online') ? 'ready' : 'degraded';
}

function nodeStatus(node: TopologyNode, membership: Membership): NodeStatus {
  const member = membership.member(node.name);
  const { name, id, host, port, tlsPort, role, health, masterName, slots } = node;
  const address = host.includes(':') ? `[${host}]` : host;
  const isUp = member.process?.isAlive === true;
  return {
    ...{ name, id, host, port, ...(tlsPort !== undefined && { tlsPort }), role, health, masterName },
    slots: slotsText(slots),
    slotCount: slotCountOf(slots),
    pid: isUp ? member.process?.pid : undefined,
    uptimeMs: member.uptimeMs === undefined ? undefined : Math.round(member.uptimeMs),
    restarts: member.restarts,
    lagBytes: isUp ? lagBytes(node, member, membership) : undefined,
    report: isUp ? member.report : undefined,
    url: `redis://${address}:${port}`,
    ...(tlsPort !== undefined && { tlsUrl: `rediss://${address}:${tlsPort}` }),
    logFile: member.options.logFile,
  };
}

/** Ranges do not change, and a status is asked for several times a second: their text is made once. */
const slotTexts = new WeakMap<readonly SlotRange[], string>();

function slotsText(ranges: readonly SlotRange[]): string {
  const known = slotTexts.get(ranges);
  if (known !== undefined) return known;
  const text = textOfRanges(ranges);
  slotTexts.set(ranges, text);
  return text;
}

/** The master's offset minus what this replica has acknowledged, both from the master's last report: one moment, one clock. */
function lagBytes(node: TopologyNode, member: Member, membership: Membership): number | undefined {
  if (node.masterName === undefined) return 0;
  const masterReport = membership.member(node.masterName).report;
  const acknowledged = masterReport?.replicas.find((replica) => replica.name === member.name)?.ackOffset;
  if (masterReport === undefined || acknowledged === undefined) return undefined;
  return Math.max(0, masterReport.offset - acknowledged);
}
