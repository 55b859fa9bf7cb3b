/** Decides from its declaration where a command has to be sent, before anything is. */
import { keyPositions, type Command } from '../command-table/command.js';
import { slotOfKey } from '../topology/slots.js';
import { isCompleteForSplit, splitBySlot, type SplitPart } from './split.js';
import type { CommandWords } from './types.js';

/** Where commands are looked up: the command table, or a part of it. */
export interface CommandLookup {
  find(words: CommandWords): Command | undefined;
}

export type Plan =
  /** No keys: any master will do. */
  | { readonly kind: 'any' }
  /** Unknown, or about the connection itself: the endpoint that was given. */
  | { readonly kind: 'home' }
  | { readonly kind: 'slot'; readonly slot: number }
  | { readonly kind: 'split'; readonly parts: readonly SplitPart[] }
  /** Keys in different slots that cannot be split: refused without being sent. */
  | { readonly kind: 'crossslot' }
  /** A split that would leave a key without its value: refused as Redis does, before any part is executed. */
  | { readonly kind: 'wrong-arity' }
  | { readonly kind: 'all'; readonly of: 'masters' | 'nodes' }
  | { readonly kind: 'scan' }
  | { readonly kind: 'random-key' };

/** `command` undefined: not in the table. `isCluster` false: one server takes everything. */
export function planCommand(command: Command | undefined, words: CommandWords, isCluster: boolean): Plan {
  if (command === undefined || command.flags.includes('session')) return { kind: 'home' };
  if (!isCluster) return { kind: 'any' };
  const positions = keyPositions(command, words.length);
  return positions.length > 0 ? planKeys(command, words, positions) : planWithoutKeys(command);
}

function planKeys(command: Command, words: CommandWords, positions: readonly number[]): Plan {
  const first = slotOfKey(words[positions[0]]);
  if (positions.every((position) => slotOfKey(words[position]) === first)) return { kind: 'slot', slot: first };
  if (command.requestPolicy !== 'multi_shard') return { kind: 'crossslot' };
  if (!isCompleteForSplit(command, words)) return { kind: 'wrong-arity' };
  return { kind: 'split', parts: splitBySlot(command, words) };
}

function planWithoutKeys(command: Command): Plan {
  if (command.fullName === 'SCAN') return { kind: 'scan' };
  if (command.fullName === 'RANDOMKEY') return { kind: 'random-key' };
  if (command.requestPolicy === 'all_shards') return { kind: 'all', of: 'masters' };
  return command.requestPolicy === 'all_nodes' ? { kind: 'all', of: 'nodes' } : { kind: 'any' };
}
