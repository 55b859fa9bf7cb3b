/** Whether a destructive command may go on: its consequence is told, and the name of what is lost has to be typed. */
import { arityAccepts, type Command } from '../command-table/command.js';
import { ExitCode, RedNodeError } from '../errors.js';
import type { Prompter } from './prompter.js';
import { quoteIfNeeded, withoutControls } from './quoting.js';
import type { ShellClient } from './shell-client.js';

export interface ConfirmationContext {
  readonly client: ShellClient;
  /** Absent where nobody can be asked. */
  readonly prompter: Prompter | undefined;
  readonly tenant: string;
  readonly clusterName: string;
}

/** Returns when the command may run. Throws RedNodeError `NOT_CONFIRMED` when the name was not typed, or nobody can be asked. */
export async function confirmDestruction(
  command: Command,
  words: readonly Buffer[],
  context: ConfirmationContext,
): Promise<void> {
  if (command.destroys === undefined || !arityAccepts(command, words.length)) return;
  const { subject, consequence } = await describe(command, command.destroys, words, context);
  if (context.prompter === undefined) {
    const what = `${command.fullName} ${withoutControls(consequence)}: this needs --yes`;
    throw new RedNodeError('NOT_CONFIRMED', what, ExitCode.usage, { hint: 'rednode shell --yes' });
  }
  const message = `${command.fullName} ${consequence}.\nType ${subject} to go on:`;
  if (await context.prompter.typeToConfirm(withoutControls(message), subject)) return;
  throw new RedNodeError('NOT_CONFIRMED', `${command.fullName} was not run`, ExitCode.usage);
}

async function describe(
  command: Command,
  destroys: string,
  words: readonly Buffer[],
  { client, tenant, clusterName }: ConfirmationContext,
): Promise<{ readonly subject: string; readonly consequence: string }> {
  const argument = words.at(-1);
  if (command.group === 'tenant' && argument !== undefined) {
    return { subject: argument.toString(), consequence: `${destroys}: ${quoteIfNeeded(argument)}` };
  }
  if (!command.isWrite) return { subject: clusterName, consequence: destroys };
  return { subject: tenant, consequence: `${destroys} of tenant ${tenant} (${await extentOf(client)})` };
}

async function extentOf(client: ShellClient): Promise<string> {
  const { reply } = await client.execute(['DBSIZE']);
  const count = reply.type === 'integer' ? String(reply.value) : 'an unknown number of';
  const keys = `${count} ${count === '1' ? 'key' : 'keys'}`;
  const masters = client.nodes().filter((node) => node.role === 'master').length;
  return masters > 1 ? `${keys} on ${String(masters)} nodes` : keys;
}
