/**
 * What a command does with its keys, under the names of Redis's key specifications (`CMD_KEY_*` in server.h): RO, RW, OW, RM, and
 * what of the value is accessed, inserted, updated or deleted. Told by COMMAND INFO and COMMAND GETKEYSANDFLAGS.
 */
import type { Command } from './command.js';

export type KeyFlag = 'RO' | 'RW' | 'OW' | 'RM' | 'access' | 'insert' | 'update' | 'delete' | 'variable_flags';
type KeyFlags = readonly KeyFlag[];

/** Keys of one command that are used alike. */
export interface KeySpec {
  readonly notes?: string;
  readonly flags: KeyFlags;
  /** Position of the first key. */
  readonly index: number;
  /** Of the last key, counted from the first; negative: from the end of the request. */
  readonly last: number;
  readonly step: number;
}

const reads: KeyFlags = ['RO', 'access'];
/** Of the key itself, not of its value. */
const looks: KeyFlags = ['RO'];
const overwrites: KeyFlags = ['OW', 'update'];
const creates: KeyFlags = ['OW', 'insert'];
const changes: KeyFlags = ['RW', 'access', 'update'];
/** Without telling what was there. */
const updates: KeyFlags = ['RW', 'update'];
const removes: KeyFlags = ['RM', 'delete'];
const moves: KeyFlags = ['RW', 'access', 'delete'];

/** Other than by default: reads for what reads, changes for what writes. A second entry is for all keys but the first. */
const accesses: Readonly<Record<string, readonly [KeyFlags, KeyFlags?] | undefined>> = {
  set: [[...changes, 'variable_flags']],
  mset: [overwrites],
  msetnx: [creates],
  setnx: [creates],
  setex: [overwrites],
  psetex: [overwrites],
  setrange: [updates],
  append: [['RW', 'insert']],
  strlen: [looks],
  getdel: [moves],
  bitop: [overwrites, reads],
  bitfield: [[...changes, 'variable_flags']],
  del: [removes],
  unlink: [removes],
  exists: [looks],
  touch: [looks],
  type: [looks],
  rename: [moves, overwrites],
  renamenx: [moves, creates],
  copy: [reads, overwrites],
  'object|encoding': [looks],
  'object|freq': [looks],
  'object|idletime': [looks],
  'object|refcount': [looks],
  'memory|usage': [looks],
  expire: [updates],
  pexpire: [updates],
  expireat: [updates],
  pexpireat: [updates],
  persist: [updates],
  watch: [looks],
};

const notes: Readonly<Record<string, string | undefined>> = {
  set: 'RW and ACCESS due to the optional `GET` argument',
  getex: 'RW and UPDATE because it changes the TTL',
  bitfield: 'This command allows both access and modification of the key',
};

/** The specifications of a command's keys; none when it has no keys. */
export function keySpecs(command: Command): KeySpec[] {
  const { first, last, step } = command.keys;
  if (first === 0) return [];
  const [flags, flagsOfRest] = accesses[command.wireName] ?? [command.isWrite ? changes : reads];
  const note = notes[command.wireName];
  const noted = note === undefined ? {} : { notes: note };
  if (flagsOfRest === undefined) return [{ ...noted, flags, index: first, last: last < 0 ? last : last - first, step }];
  const second = first + step;
  return [
    { ...noted, flags, index: first, last: 0, step: 1 },
    { flags: flagsOfRest, index: second, last: last < 0 ? last : last - second, step },
  ];
}

/** What these words, the name among them, do with the key at `position`; options tell where the command has variable flags. */
export function keyFlagsIn(command: Command, words: readonly Uint8Array[], position: number): KeyFlags {
  const specs = keySpecs(command);
  const { flags } = specs[position === command.keys.first ? 0 : specs.length - 1];
  if (!flags.includes('variable_flags')) return flags;
  if (command.name === 'SET')
    return words.slice(position + 2).some((word) => isWord(word, 'GET')) ? changes : overwrites;
  return hasOnlyGets(words.slice(position + 1)) ? reads : changes;
}

function isWord(bytes: Uint8Array, word: string): boolean {
  return bytes.length === word.length && Buffer.from(bytes).toString('latin1').toUpperCase() === word;
}

/** Whether operations of BITFIELD are `GET encoding offset` and `OVERFLOW mode` alone. */
function hasOnlyGets(operations: readonly Uint8Array[]): boolean {
  for (let at = 0; at < operations.length;) {
    const following = operations.length - at - 1;
    if (isWord(operations[at], 'GET') && following >= 2) at += 3;
    else if (isWord(operations[at], 'OVERFLOW') && following >= 1) at += 2;
    else return false;
  }
  return true;
}
