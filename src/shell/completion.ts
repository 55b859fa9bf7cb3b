/** Tab completion: commands, subcommands and options from the command table, the shell's own words, tenants. */
import { nameLength, type CommandSource } from './command-source.js';
import { progressOf } from './grammar-progress.js';
import { findShellWord, SHELL_WORDS } from './shell-words.js';
import { scan } from './tokenizer.js';

/** More candidates than this are no help to anybody. */
const CANDIDATES_MAX = 400;

export interface CompletionSources {
  readonly table: CommandSource;
  /** Names of the tenants; bounded in time by who gives it, and empty where they cannot be listed. */
  readonly tenants: () => Promise<readonly string[]>;
}

export interface Completion {
  /** What may stand in place of `fragment`; the only one ends with a blank. */
  readonly candidates: readonly string[];
  /** The end of the line that is being completed. */
  readonly fragment: string;
}

/** Candidates for the end of `line`, which reaches to the cursor. */
export async function complete(line: string, sources: CompletionSources): Promise<Completion> {
  const { tokens, problem, endsInWord } = scan(line);
  if (problem !== undefined) return { candidates: [], fragment: '' };
  const words = tokens.map((token) => token.bytes.toString());
  const fragment = endsInWord ? (words.pop() ?? '') : '';
  // A quoted word is data, and never a name or an option.
  if (endsInWord && !line.endsWith(fragment)) return { candidates: [], fragment };
  const offer = await offerAfter(words, sources);
  const lower = fragment.toLowerCase();
  const matching = [...new Set(offer.words)].filter((word) => word.toLowerCase().startsWith(lower));
  const shown = matching
    .slice(0, CANDIDATES_MAX)
    .map((word) => (offer.isExact ? word : inCaseOf(word, fragment, words)));
  return { candidates: shown.length === 1 ? [`${shown[0]} `] : shown.sort(), fragment };
}

interface Offer {
  readonly words: readonly string[];
  /** Names that people chose keep their case; names of commands follow what is typed. */
  readonly isExact: boolean;
}

const anyCase = (words: readonly string[]): Offer => ({ words, isExact: false });

async function offerAfter(words: readonly string[], sources: CompletionSources): Promise<Offer> {
  const { table } = sources;
  const commandNames = table.all().map((command) => command.name);
  if (words.length === 0) return anyCase([...SHELL_WORDS.map((word) => word.name), ...commandNames]);
  const shellWord = findShellWord(words[0]);
  switch (shellWord?.takes) {
    case 'nothing':
      return anyCase([]);
    case 'tenant':
      return { words: words.length === 1 ? await sources.tenants() : [], isExact: true };
    case 'command-name':
      return anyCase(words.length === 1 ? commandNames : subcommandNames(words.slice(1), table));
    case 'command':
      return words.length === 1 ? anyCase(commandNames) : fromTable(words.slice(1), sources);
    default:
      return fromTable(words, sources);
  }
}

async function fromTable(words: readonly string[], sources: CompletionSources): Promise<Offer> {
  const command = sources.table.find(words);
  if (command === undefined) return anyCase([]);
  if (words.length === 1 && command.subcommands.length > 0) return anyCase(subcommandNames(words, sources.table));
  const typed = words.slice(nameLength(command));
  const expectsTenant = command.group === 'tenant' && command.arguments[typed.length]?.name === 'name';
  if (expectsTenant && command.name !== 'CREATE') return { words: await sources.tenants(), isExact: true };
  return anyCase(progressOf(command.arguments, typed).tokens);
}

function subcommandNames(words: readonly string[], table: CommandSource): readonly string[] {
  const command = table.find(words);
  return words.length === 1 && command !== undefined ? command.subcommands.map((subcommand) => subcommand.name) : [];
}

/** Upper-case names follow the case that is being typed: of the fragment, or of the command's name. */
function inCaseOf(name: string, fragment: string, words: readonly string[]): string {
  if (name !== name.toUpperCase()) return name;
  const commandName = words[findShellWord(words[0] ?? '') === undefined ? 0 : 1] ?? '';
  const model = fragment === '' ? commandName : fragment;
  return /[A-Z]/.test(model) && model === model.toUpperCase() ? name : name.toLowerCase();
}
