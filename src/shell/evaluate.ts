/** One line into an action: a word of the shell, or a command for the cluster. Nothing is printed here. */
import { arityAccepts, type Command } from '../command-table/command.js';
import type { RoutedReply } from '../client/types.js';
import { ExitCode, RedNodeError } from '../errors.js';
import { renderNodes, renderStats } from './client-view.js';
import type { CommandSource } from './command-source.js';
import { confirmDestruction } from './confirmation.js';
import { renderExplanation } from './explain.js';
import { renderCommandHelp, renderOverview } from './help.js';
import { quoteIfNeeded } from './quoting.js';
import { RAW_COMMANDS } from './raw-commands.js';
import type { Prompter } from './prompter.js';
import type { Screen } from './screen.js';
import type { Session } from './session.js';
import { findShellWord, type ShellWord } from './shell-words.js';
import { tokenize } from './tokenizer.js';

/** What a line came to; the caller shows it. */
export type Outcome =
  | { readonly kind: 'reply'; readonly routed: RoutedReply; readonly isRaw: boolean }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'subscribe'; readonly words: readonly Buffer[] }
  | { readonly kind: 'clear' | 'leave' | 'nothing' };

export interface EvaluationContext {
  readonly session: Session;
  readonly table: CommandSource;
  readonly screen: Screen;
  /** Absent where nobody can be asked: then destructive commands need `assumeYes`. */
  readonly prompter?: Prompter | undefined;
  /** Destructive commands run without being confirmed. */
  readonly assumeYes: boolean;
}

const DONE: Outcome = { kind: 'nothing' };
const OK: RoutedReply = { reply: { type: 'simple', value: 'OK' }, nodes: [], elapsedMs: 0 };
const SUBSCRIBING: ReadonlySet<string> = new Set(['SUBSCRIBE', 'PSUBSCRIBE', 'SSUBSCRIBE']);
/** They would change one of the shell's several connections, and it would no longer be where the prompt says. */
const SINGLE_CONNECTION: ReadonlySet<string> = new Set([
  'RESET',
  'ASKING',
  'READONLY',
  'READWRITE',
  'MONITOR',
  'SYNC',
  'PSYNC',
]);

/** Runs a line. Throws RedNodeError for what is wrong with it and for a connection that is lost; error replies are replies. */
export async function evaluate(line: string, context: EvaluationContext): Promise<Outcome> {
  const words = tokenize(line);
  if (words.length === 0) return DONE;
  const shellWord = findShellWord(words[0].toString());
  return shellWord === undefined ? runCommand(words, context) : runShellWord(shellWord, words, context);
}

async function runShellWord(word: ShellWord, words: readonly Buffer[], context: EvaluationContext): Promise<Outcome> {
  const { session, table, screen } = context;
  const rest = words.slice(1);
  switch (word.name) {
    case 'explain':
      return explain(rest, context);
    case 'use':
      if (rest.length !== 1) throw usage(word);
      await useTenant(rest[0].toString(), context);
      return { kind: 'reply', routed: OK, isRaw: false };
    case 'help':
    case ':help': {
      const names = rest.map((bytes) => bytes.toString());
      const text =
        names.length === 0
          ? renderOverview(table, screen.columns, screen.chalk)
          : renderCommandHelp(names, table, screen.chalk);
      return { kind: 'text', text };
    }
    case ':nodes':
      return { kind: 'text', text: renderNodes(session.client.nodes(), screen.chalk) };
    case ':stats':
      return { kind: 'text', text: renderStats(session.client.stats, screen.chalk) };
    case 'clear':
      return { kind: 'clear' };
    default:
      return { kind: 'leave' };
  }
}

function usage(word: ShellWord): RedNodeError {
  return new RedNodeError('BAD_USAGE', `${word.name} takes: ${word.syntax}`, ExitCode.usage);
}

function explain(words: readonly Buffer[], { session, table, screen }: EvaluationContext): Outcome {
  if (words.length === 0) {
    throw new RedNodeError('BAD_USAGE', 'explain takes a command', ExitCode.usage, { hint: 'explain get user:42' });
  }
  const command = table.find(words);
  if (command !== undefined && !arityAccepts(command, words.length)) {
    throw new RedNodeError('BAD_ARITY', `wrong number of arguments for ${command.fullName}`, ExitCode.usage, {
      hint: command.syntax,
    });
  }
  return {
    kind: 'text',
    text: renderExplanation(session.client.explain(words), session.client.isCluster, screen.chalk),
  };
}

async function useTenant(name: string, { session, prompter }: EvaluationContext): Promise<void> {
  try {
    await session.selectTenant(name);
  } catch (error) {
    if (prompter === undefined || !session.isRefusal(error)) throw error;
    const token = await prompter.secret(`token of tenant ${quoteIfNeeded(Buffer.from(name))}`);
    if (token === undefined) throw error;
    await session.authenticate(name, token);
  }
}

async function runCommand(words: readonly Buffer[], context: EvaluationContext): Promise<Outcome> {
  const { session, table } = context;
  const command = table.find(words);
  const name = words[0].toString().toUpperCase();
  const own = await runForSession(name, words, context);
  if (own !== undefined) return own;
  if (command !== undefined && SUBSCRIBING.has(name) && arityAccepts(command, words.length)) {
    return { kind: 'subscribe', words };
  }
  if (command?.destroys !== undefined) await confirm(command, words, context);
  const routed = await session.execute(words);
  return { kind: 'reply', routed, isRaw: RAW_COMMANDS.has(command?.fullName ?? name) };
}

async function confirm(command: Command, words: readonly Buffer[], context: EvaluationContext): Promise<void> {
  const { session, prompter, assumeYes } = context;
  if (assumeYes) return;
  const { client, tenant, clusterName } = session;
  await confirmDestruction(command, words, { client, prompter, tenant, clusterName });
}

/** Commands that change who a connection is: done for all connections of the shell, or not at all. */
async function runForSession(
  name: string,
  words: readonly Buffer[],
  context: EvaluationContext,
): Promise<Outcome | undefined> {
  const texts = words.map((word) => word.toString());
  if (name === 'AUTH' && (texts.length === 2 || texts.length === 3)) {
    await context.session.authenticate(texts.length === 3 ? texts[1] : undefined, texts[texts.length - 1]);
    return { kind: 'reply', routed: OK, isRaw: false };
  }
  if (name === 'TENANT' && texts.length === 3 && texts[1].toUpperCase() === 'USE') {
    await useTenant(texts[2], context);
    return { kind: 'reply', routed: OK, isRaw: false };
  }
  if (SINGLE_CONNECTION.has(name) || (name === 'HELLO' && texts.length > 2)) {
    throw new RedNodeError(
      'SINGLE_CONNECTION',
      `${name} is for one connection, and the shell has several`,
      ExitCode.usage,
      {
        hint: 'use <tenant> or auth <tenant> <token>, which reach all of them',
      },
    );
  }
  return undefined;
}
