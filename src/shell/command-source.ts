/** What the shell needs to know of the command table. The real table has it; tests pass small ones. */
import type { Command } from '../command-table/command.js';
import { ExitCode, RedNodeError } from '../errors.js';

export interface CommandSource {
  /** All commands, without their subcommands. */
  all(): readonly Command[];
  /** The command that these words call, its subcommand where there is one. */
  find(words: readonly (string | Uint8Array)[]): Command | undefined;
}

/** The command that these words call. Throws RedNodeError `UNKNOWN_COMMAND` for words that call none. */
export function commandOf(words: readonly (string | Uint8Array)[], table: CommandSource): Command {
  const command = table.find(words);
  const isContainer = command !== undefined && command.subcommands.length > 0;
  if (command !== undefined && !(isContainer && words.length > 1)) return command;
  const name = words
    .slice(0, isContainer ? 2 : 1)
    .map((word) => Buffer.from(word as string).toString())
    .join(' ');
  throw new RedNodeError('UNKNOWN_COMMAND', `there is no command ${name.toUpperCase()}`, ExitCode.usage, {
    hint: 'help lists what there is',
  });
}

/** How many words are the name of the command: two for a subcommand. */
export function nameLength(command: Command): number {
  return command.parent === undefined ? 1 : 2;
}
