/** One line into an action: a word of the shell, or a command for the cluster. Nothing is printed here. */
import { arityAccepts, type Command } from '../command-table/command.js';
import type { RoutedReply } from '../client/types.js';
import { ExitCode, RedNodeError } from '../errors.js';
import type { Reply } from '../resp/reply.js';
import { renderNodes, renderStats } from './client-view.js';
import { commandOf, type CommandSource } from './command-source.js';
import { confirmDestruction } from './confirmation.js';
import { explainCommand } from './explain.js';
import { renderCommandHelp, renderOverview } from './help.js';
import { runIdentityCommand, useTenant } from './identity-commands.js';
import { RAW_COMMANDS } from './raw-commands.js';
import type { Prompter } from './prompter.js';
import type { Screen } from './screen.js';
import type { Session } from './session.js';
import { findShellWord, unknownShellWord, SHELL_WORD_MARK, type ShellWord } from './shell-words.js';
import { withoutLimitFlags } from './tenant-words.js';
import { tokenize } from './tokenizer.js';

/** What a line came to; the caller shows it. */
export type Outcome =
  | { readonly kind: 'reply'; readonly routed: RoutedReply; readonly isRaw: boolean }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'subscribe'; readonly words: readonly Buffer[] }
  | { readonly kind: 'monitor' }
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
const OK = ownReply({ type: 'simple', value: 'OK' });
const SUBSCRIBING: ReadonlySet<string> = new Set(['SUBSCRIBE', 'PSUBSCRIBE', 'SSUBSCRIBE']);

/** Runs a line. Throws RedNodeError for what is wrong with it and for a connection that is lost; error replies are replies. */
export async function evaluate(line: string, context: EvaluationContext): Promise<Outcome> {
  const words = withoutLimitFlags(tokenize(line));
  if (words.length === 0) return DONE;
  const first = words[0].toString();
  const shellWord = findShellWord(first);
  if (shellWord === undefined && first.startsWith(SHELL_WORD_MARK)) throw unknownShellWord(first);
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
      return OK;
    case 'help':
    case ':help': {
      const names = rest.map((bytes) => bytes.toString());
      const text = names.length === 0 ? renderOverview(table, screen) : renderCommandHelp(names, table, screen);
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

/** A reply that no server gave. */
function ownReply(reply: Reply): Outcome {
  return { kind: 'reply', routed: { reply, nodes: [], elapsedMs: 0 }, isRaw: false };
}

function usage(word: ShellWord): RedNodeError {
  return new RedNodeError('BAD_USAGE', `${word.name} takes: ${word.syntax}`, ExitCode.usage);
}

async function explain(words: readonly Buffer[], { session, table, screen }: EvaluationContext): Promise<Outcome> {
  if (words.length === 0) {
    throw new RedNodeError('BAD_USAGE', 'explain takes a command', ExitCode.usage, { hint: 'explain get user:42' });
  }
  const command = commandOf(words, table);
  if (!arityAccepts(command, words.length)) {
    throw new RedNodeError('BAD_ARITY', `wrong number of arguments for ${command.fullName}`, ExitCode.usage, {
      hint: command.syntax,
    });
  }
  return { kind: 'text', text: await explainCommand(words, session.client, screen) };
}

async function runCommand(words: readonly Buffer[], context: EvaluationContext): Promise<Outcome> {
  const { session, table } = context;
  const command = table.find(words);
  const name = words[0].toString().toUpperCase();
  if (await runIdentityCommand(name, words, context)) return OK;
  if (command !== undefined && SUBSCRIBING.has(name)) {
    return arityAccepts(command, words.length) ? { kind: 'subscribe', words } : wrongArity(command);
  }
  if (name === 'MONITOR' && words.length === 1 && !session.isInTransaction) return { kind: 'monitor' };
  if (command?.destroys !== undefined) await confirm(command, words, context);
  const routed = await session.execute(words);
  return { kind: 'reply', routed, isRaw: RAW_COMMANDS.has(command?.fullName ?? name) };
}

/** As the server would put it: a subscription is not sent to it on a connection of the shell's. */
function wrongArity(command: Command): Outcome {
  return ownReply({ type: 'error', value: `ERR wrong number of arguments for '${command.wireName}' command` });
}

async function confirm(command: Command, words: readonly Buffer[], context: EvaluationContext): Promise<void> {
  const { session, prompter, assumeYes } = context;
  if (assumeYes) return;
  const { client, tenant, clusterName } = session;
  await confirmDestruction(command, words, { client, prompter, tenant, clusterName });
}
