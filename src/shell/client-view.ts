/** `:nodes` and `:stats` as text: what the client of this shell knows and has done. */
import type { ChalkInstance } from 'chalk';
import type { ClientNode, ClientStats } from '../client/types.js';
import { alignColumns } from './columns.js';

const INDENT = 2;

/** One row per node: name, address, role, slots or master, health. */
export function renderNodes(nodes: readonly ClientNode[], chalk: ChalkInstance): string {
  const rows = nodes.map((node) => [
    node.name,
    `${node.host}:${String(node.port)}`,
    node.role,
    node.role === 'master' ? `${String(node.slotCount)} slots` : `of ${node.masterName ?? '?'}`,
    node.health === 'online' ? node.health : chalk.yellow(node.health),
  ]);
  const header = ['node', 'address', 'role', 'serves', 'health'].map((title) => chalk.dim(title));
  return alignColumns([header, ...rows], { indent: INDENT });
}

export function renderStats(stats: Readonly<ClientStats>, chalk: ChalkInstance): string {
  const rows: readonly (readonly [string, number, string])[] = [
    ['commands', stats.commands, ''],
    ['split', stats.split, 'sent to several nodes and merged'],
    ['MOVED', stats.moved, 'redirected: 0 while the topology stands still'],
    ['ASK', stats.ask, 'redirected once, during a slot migration'],
    ['retries', stats.retries, ''],
    ['reconnects', stats.reconnects, ''],
    ['topology', stats.topologyRefreshes, 'times read again'],
  ];
  return alignColumns(
    rows.map(([name, count, note]) => [name, String(count), chalk.dim(note)]),
    { indent: INDENT },
  );
}
