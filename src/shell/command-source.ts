/** What the shell needs to know of the command table. The real table has it; tests pass small ones. */
import type { Command } from '../command-table/command.js';

export interface CommandSource {
  /** All commands, without their subcommands. */
  all(): readonly Command[];
  /** The command that these words call, its subcommand where there is one. */
  find(words: readonly (string | Uint8Array)[]): Command | undefined;
}

/** How many words are the name of the command: two for a subcommand. */
export function nameLength(command: Command): number {
  return command.parent === undefined ? 1 : 2;
}
