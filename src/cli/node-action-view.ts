/** What a kill or a restart of a node led to, a line for each thing that happened. */
import type { NodeActionResult } from '../cluster/types.js';
import { formatBytes, formatDuration, formatSlotRanges, plural } from './formats.js';
import type { SlotRange } from '../topology/topology.js';
import type { Theme } from './theme.js';

/** More ranges than this are told as a number of slots: placement scatters them. */
const SLOT_RANGES_SHOWN = 2;

/** `verb`: what was done to it, as in `n2 killed (pid 4121)`. */
export function nodeActionText(result: NodeActionResult, verb: 'killed' | 'restarted', theme: Theme): string {
  const lines = [`${result.node} ${verb} ${theme.dim(`(pid ${result.pid})`)}`];
  const { promoted, back } = result;
  if (promoted !== undefined) {
    const { node, afterMs, slots } = promoted;
    lines.push(`${node} ${theme.good('promoted')} after ${formatDuration(afterMs)}, ${slotsText(slots)} served again`);
  }
  lines.push(
    back === undefined
      ? theme.degraded(`${result.node} is not back yet: rednode cluster status`)
      : backLine(result.node, back),
  );
  return lines.join('\n');
}

function slotsText(slots: readonly SlotRange[]): string {
  if (slots.length <= SLOT_RANGES_SHOWN) return `slots ${formatSlotRanges(slots)}`;
  return plural(
    slots.reduce((count, { start, end }) => count + end - start + 1, 0),
    'slot',
  );
}

function backLine(node: string, back: NonNullable<NodeActionResult['back']>): string {
  const role = back.role === 'master' ? 'master' : `replica of ${back.masterName ?? '?'}`;
  const sync = back.sync === undefined ? '' : ` (${back.sync.kind} sync, ${formatBytes(back.sync.bytes)})`;
  return `${node} back as ${role} after ${formatDuration(back.afterMs)}${sync}`;
}
