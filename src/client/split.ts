/** Splits a command over several keys into one command for each slot: a cluster node takes the keys of one slot at a time. */
import { keyPositions, type Command } from '../command-table/command.js';
import { slotOfKey } from '../topology/slots.js';
import type { CommandWords } from './types.js';

/** The keys of one slot as a command of their own. */
export interface SplitPart {
  readonly slot: number;
  readonly words: CommandWords;
  /** For each key of this part, its rank among the keys of the whole command. */
  readonly ranks: readonly number[];
}

/**
 * One part for each slot, in the order in which the slots first occur; keys keep their order within a part, and take the
 * arguments up to the next key along (MSET's values).
 */
export function splitBySlot(command: Command, words: CommandWords): SplitPart[] {
  const positions = keyPositions(command, words.length);
  const prefix = words.slice(0, command.keys.first);
  const parts = new Map<number, { words: CommandWords[number][]; ranks: number[] }>();
  positions.forEach((position, rank) => {
    const slot = slotOfKey(words[position]);
    let part = parts.get(slot);
    if (part === undefined) parts.set(slot, (part = { words: [...prefix], ranks: [] }));
    part.words.push(...words.slice(position, position + command.keys.step));
    part.ranks.push(rank);
  });
  return [...parts].map(([slot, part]) => ({ slot, ...part }));
}

/** Whether each key has all of its arguments: a part that lacks one must not fail after the others were executed. */
export function isCompleteForSplit(command: Command, words: CommandWords): boolean {
  return (words.length - command.keys.first) % command.keys.step === 0;
}
