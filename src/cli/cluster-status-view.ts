/** `cluster status`: a header line, a table of the nodes, the latest events. Fits 80 columns. */
import type { ClusterEvent, ClusterStatus, NodeStatus } from '../cluster/types.js';
import { SLOT_COUNT } from '../topology/topology.js';
import { formatBytes, formatUptime, plural } from './formats.js';
import { renderTable, type Column } from './tables.js';
import type { Theme } from './theme.js';

const EVENTS_SHOWN = 5;

export async function statusText(status: ClusterStatus, theme: Theme, nowMs: number): Promise<string> {
  const table = await renderTable(status.nodes, nodeColumns(theme), theme);
  const events = status.events.slice(-EVENTS_SHOWN).map((event) => eventLine(event, theme));
  return [headerLine(status, theme, nowMs), '', table, ...(events.length === 0 ? [] : ['', ...events])].join('\n');
}

function headerLine(status: ClusterStatus, theme: Theme, nowMs: number): string {
  const slots =
    status.slotsServed === SLOT_COUNT
      ? 'all slots served'
      : theme.failed(`${status.slotsServed} of ${SLOT_COUNT} slots served`);
  return [
    `cluster ${theme.strong(status.name)}`,
    stateText(status.state, theme),
    slots,
    plural(status.tenants.length, 'tenant'),
    theme.dim(`epoch ${status.epoch}`),
    theme.dim(`up ${formatUptime(nowMs - status.startedAtMs)}`),
  ].join('   ');
}

function stateText(state: ClusterStatus['state'], theme: Theme): string {
  switch (state) {
    case 'ready':
      return theme.good(state);
    case 'starting':
    case 'stopping':
    case 'degraded':
      return theme.degraded(state);
    case 'failing':
      return theme.failed(state);
  }
}

function nodeColumns(theme: Theme): Column<NodeStatus>[] {
  return [
    { title: 'node', value: (node) => node.name },
    { title: 'role', value: (node) => roleText(node) },
    { title: 'health', value: (node) => healthText(node, theme) },
    { title: 'address', value: (node) => `${node.host}:${node.port}` },
    { title: 'slots', value: (node) => (node.role === 'master' ? `${node.slotCount}` : ''), align: 'right' },
    { title: 'keys', value: (node) => node.report?.keys.toString() ?? '', align: 'right' },
    {
      title: 'memory',
      value: (node) => (node.report === undefined ? '' : formatBytes(node.report.memoryBytes)),
      align: 'right',
    },
    { title: 'lag', value: (node) => lagText(node), align: 'right' },
    { title: 'pid', value: (node) => node.pid?.toString() ?? '', align: 'right' },
    { title: 'up', value: (node) => (node.uptimeMs === undefined ? '' : formatUptime(node.uptimeMs)), align: 'right' },
  ];
}

function roleText(node: NodeStatus): string {
  return node.role === 'master' ? 'master' : `of ${node.masterName ?? '?'}`;
}

function healthText(node: NodeStatus, theme: Theme): string {
  switch (node.health) {
    case 'online':
      return theme.good('online');
    case 'syncing':
      return theme.degraded('syncing');
    case 'down':
      return theme.failed('down');
  }
}

function lagText(node: NodeStatus): string {
  return node.role === 'replica' && node.lagBytes !== undefined ? formatBytes(node.lagBytes) : '';
}

/** `12:04:31  n5 promoted after 41 ms` */
export function eventLine(event: ClusterEvent, theme: Theme): string {
  const time = theme.dim(clockTime(event.atMs));
  const isBad = event.kind === 'node-died' || event.kind === 'data-lost' || event.kind === 'gave-up';
  const message = event.message.startsWith(event.node) ? event.message : `${event.node} ${event.message}`;
  return `  ${time}  ${isBad ? theme.failed(message) : message}`;
}

/** Local time of day, `12:04:31`. */
export function clockTime(atMs: number): string {
  return new Date(atMs).toTimeString().slice(0, 8);
}
