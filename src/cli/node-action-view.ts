/** What a kill or a restart of a node led to, a line for each thing that happened. */
import type { NodeActionResult } from '../cluster/types.js';
import { rangesOfText } from '../topology/ranges.js';
import { formatBytes, formatDuration, formatSlotRanges, plural } from './formats.js';
import { programName } from './program-name.js';
import type { Theme } from './theme.js';

/** More ranges than this are told as a number of slots: placement scatters them. */
const SLOT_RANGES_SHOWN = 2;

/** `verb`: what was done to it, as in `n2 killed (pid 4121)`, `n4 restarted (pid 4125 -> 4130)`. */
export function nodeActionText(result: NodeActionResult, verb: 'killed' | 'restarted', theme: Theme): string {
  const { promoted, back } = result;
  const newPid = verb === 'restarted' && back !== undefined ? ` -> ${back.pid}` : '';
  const lines = [`${result.node} ${verb} ${theme.dim(`(pid ${result.pid}${newPid})`)}`];
  if (promoted !== undefined) {
    const { node, afterMs } = promoted;
    lines.push(
      `${node} ${theme.good('promoted')} after ${formatDuration(afterMs)}, ${slotsText(promoted)} served again`,
    );
  }
  lines.push(
    back === undefined
      ? theme.degraded(`${result.node} is not back yet: ${programName()} cluster status`)
      : backLine(result.node, back),
  );
  return lines.join('\n');
}

function slotsText({ slots, slotCount }: NonNullable<NodeActionResult['promoted']>): string {
  const ranges = rangesOfText(slots);
  return ranges.length <= SLOT_RANGES_SHOWN ? `slots ${formatSlotRanges(ranges)}` : plural(slotCount, 'slot');
}

function backLine(node: string, back: NonNullable<NodeActionResult['back']>): string {
  const role = back.role === 'master' ? 'master' : `replica of ${back.masterName ?? '?'}`;
  const sync = back.sync === undefined ? '' : ` (${back.sync.kind} sync, ${formatBytes(back.sync.bytes)})`;
  return `${node} back as ${role} after ${formatDuration(back.afterMs)}${sync}`;
}
