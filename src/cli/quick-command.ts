/**
 * The commands that scripts call most are run without oclif, which takes twice as long to load as they take to run. Only plain
 * command lines are: help, unknown flags, missing arguments and whatever else needs a second look are left to it.
 */
import type * as KeyCommands from './key-commands.js';
import type { KeyFlags } from './key-commands.js';

interface QuickCommand {
  readonly fewest: number;
  readonly most: number;
  readonly run: (actions: typeof KeyCommands, words: readonly string[], flags: KeyFlags) => Promise<void>;
}

/** By name, with the number of words that each takes. */
const quickCommands: ReadonlyMap<string, QuickCommand> = new Map<string, QuickCommand>([
  ['get', { fewest: 1, most: 1, run: ({ getKey }, [key], flags) => getKey(key, flags) }],
  ['set', { fewest: 2, most: 2, run: ({ setKey }, [key, value], flags) => setKey(key, value, flags) }],
  ['del', { fewest: 1, most: Infinity, run: ({ deleteKeys }, keys, flags) => deleteKeys(keys, flags) }],
  ['ttl', { fewest: 1, most: 1, run: ({ ttlOfKey }, [key], flags) => ttlOfKey(key, flags) }],
]);

/** Those of `runCli`, which has seen to them before, or does so at the end. */
const GLOBAL_SWITCHES = new Set(['--debug', '--no-color']);
const VALUE_FLAGS = new Map([
  ['--url', 'url'],
  ['--cluster', 'cluster'],
  ['-c', 'cluster'],
  ['--tenant', 'tenant'],
] as const);

type ValueFlag = 'url' | 'cluster' | 'tenant';

interface ParsedLine {
  readonly words: readonly string[];
  readonly flags: KeyFlags;
}

/** Whether it was one of these command lines, which has then been run. Throws what the command throws. */
export async function runQuickCommand([id = '', ...argv]: readonly string[]): Promise<boolean> {
  const command = quickCommands.get(id);
  const line = command === undefined ? undefined : parsePlainLine(argv);
  if (command === undefined || line === undefined) return false;
  if (line.words.length < command.fewest || line.words.length > command.most) return false;
  try {
    await command.run(await import('./key-commands.js'), line.words, line.flags);
  } catch (error) {
    const { withCompleteHint } = await import('./cluster-hint.js');
    throw withCompleteHint(error, id, argv);
  }
  return true;
}

/** Undefined for anything but words and the flags above, each given once and with its value behind it. */
export function parsePlainLine(argv: readonly string[]): ParsedLine | undefined {
  const words: string[] = [];
  const values: Partial<Record<ValueFlag, string>> = {};
  let json = false;
  for (let position = 0; position < argv.length; position++) {
    const word = argv[position];
    if (word === '--') return { words: [...words, ...argv.slice(position + 1)], flags: { json, ...values } };
    const flag = VALUE_FLAGS.get(word as '--url');
    if (flag !== undefined) {
      const value = argv[++position] as string | undefined;
      if (value === undefined || value.startsWith('-') || flag in values) return undefined;
      values[flag] = value;
    } else if (word === '--json') json = true;
    else if (word.startsWith('-')) {
      if (!GLOBAL_SWITCHES.has(word)) return undefined;
    } else words.push(word);
  }
  return { words, flags: { json, ...values } };
}
