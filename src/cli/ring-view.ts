/** `cluster ring`: where the slots are. A bar for each master, and the owners of the first slots one by one. */
import type { ClusterStatus, NodeStatus } from '../cluster/types.js';
import { rangesOfText } from '../topology/ranges.js';
import { SLOT_COUNT } from '../topology/topology.js';
import { formatBytes, plural } from './formats.js';
import type { Theme } from './theme.js';

const INDENT = '  ';
const BAR_WIDTH = 20;
const SAMPLE_LABEL_WIDTH = 13;
const SAMPLE_SLOTS_MAX = 64;
/** Owner of a slot that no master serves. */
const NOBODY = -1;

/** A master's share, as `--json` prints it. */
export interface RingEntry {
  readonly node: string;
  readonly address: string;
  readonly slotCount: number;
  /** Its part of all slots, 0 to 1. */
  readonly share: number;
  readonly slots: NodeStatus['slots'];
  readonly keys: number | null;
  readonly memoryBytes: number | null;
  readonly replicas: readonly string[];
}

export function ringEntries(status: ClusterStatus): RingEntry[] {
  return mastersOf(status).map((node) => ({
    node: node.name,
    address: `${node.host}:${node.port}`,
    slotCount: node.slotCount,
    share: node.slotCount / SLOT_COUNT,
    slots: node.slots,
    keys: node.report?.keys ?? null,
    memoryBytes: node.report?.memoryBytes ?? null,
    replicas: replicaNames(status, node.name),
  }));
}

function mastersOf(status: ClusterStatus): NodeStatus[] {
  return status.nodes.filter((node) => node.role === 'master');
}

function replicaNames(status: ClusterStatus, master: string): string[] {
  return status.nodes.filter((node) => node.masterName === master).map((node) => node.name);
}

/** The drawing, without a line feed at the end. `columns` is the width that it may take. */
export function ringText(status: ClusterStatus, theme: Theme, columns: number): string {
  const masters = mastersOf(status);
  const largest = Math.max(1, ...masters.map((node) => node.slotCount));
  const mean = SLOT_COUNT / Math.max(1, masters.length);
  const sampleSize = Math.min(SAMPLE_SLOTS_MAX, columns - INDENT.length - SAMPLE_LABEL_WIDTH);
  const sampleLabel = theme.dim(`slots 0-${sampleSize - 1}`.padEnd(SAMPLE_LABEL_WIDTH));
  return [
    `cluster ${theme.strong(status.name)}   ${plural(SLOT_COUNT, 'slot')} over ${plural(masters.length, 'master')}` +
      `   ${theme.dim(`largest share ${(largest / mean).toFixed(3)} of the mean`)}`,
    '',
    ...masters.map((node, index) => barLine(status, node, index, largest, theme)),
    '',
    `${INDENT}${sampleLabel}${sampleOfSlots(masters, sampleSize, theme)}`,
    `${INDENT}${theme.dim('one cell a slot: each slot ranks the masters by a hash of its own')}`,
  ].join('\n');
}

function barLine(status: ClusterStatus, node: NodeStatus, index: number, largest: number, theme: Theme): string {
  const filled = Math.round((node.slotCount / largest) * BAR_WIDTH);
  const bar = theme.node(index, (theme.unicode ? '█' : '#').repeat(filled)) + ' '.repeat(BAR_WIDTH - filled);
  const share = `${((node.slotCount / SLOT_COUNT) * 100).toFixed(1)} %`;
  const replicas = replicaNames(status, node.name);
  const parts = [
    `${node.slotCount}`.padStart(5) + ' slots',
    share.padStart(7),
    node.report === undefined ? theme.failed('down') : plural(node.report.keys, 'key').padStart(9),
    node.report === undefined ? '' : formatBytes(node.report.memoryBytes).padStart(9),
    replicas.length === 0 ? '' : theme.dim(`-> ${replicas.join(' ')}`),
  ];
  const marker = theme.chalk.level === 0 ? `${letterOf(index)} ` : '';
  return `${INDENT}${node.name.padEnd(4)}${marker}${bar} ${parts.filter((part) => part !== '').join(' ')}`;
}

/** The owners of the first slots: with colour a block of the owner's colour, without it a letter for each owner. */
function sampleOfSlots(masters: readonly NodeStatus[], count: number, theme: Theme): string {
  const owners = new Int16Array(count).fill(NOBODY);
  masters.forEach((node, index) => {
    for (const { start, end } of rangesOfText(node.slots)) if (start < count) owners.fill(index, start, end + 1);
  });
  return Array.from(owners, (owner) => cellText(owner, theme)).join('');
}

function cellText(owner: number, theme: Theme): string {
  if (owner === NOBODY) return theme.failed(theme.unicode ? '·' : '.');
  if (theme.chalk.level === 0) return letterOf(owner);
  return theme.node(owner, theme.unicode ? '█' : letterOf(owner));
}

function letterOf(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + (index % 26));
}
