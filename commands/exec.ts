/** `rednode exec`: any wire command, sent to the node that its keys belong to. */
import { ClientCommand } from '../src/cli/client-command.js';
import type { Command } from '../src/command-table/command.js';
import { commandTable } from '../src/command-table/index.js';
import { confirm } from '../src/cli/confirm.js';
import { boolean, stringArgument } from '../src/cli/oclif.js';
import { commandText } from '../src/cli/server-errors.js';
import { RAW_COMMANDS } from '../src/shell/raw-commands.js';

export default class Exec extends ClientCommand {
  static override summary = 'Send any command of the Redis protocol.';
  static override description =
    'Flags stand before the command; every word from the command on is sent as it is. A reply is printed by its type on a terminal and as bare values elsewhere.';
  static override usage = 'exec [FLAGS] COMMAND [ARGUMENT...]';
  static override examples = [
    '<%= config.bin %> exec INCR visits',
    '<%= config.bin %> exec --json MGET a b c',
    '<%= config.bin %> exec SET k -1',
  ];
  static override args = {
    command: stringArgument({
      required: true,
      ignoreStdin: true,
      multiple: true,
      description: 'The command and its arguments.',
    }),
  };
  static override flags = {
    yes: boolean({ char: 'y', summary: 'Do not ask before a command that removes data as a whole (FLUSHALL).' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Exec);
    const words = args.command;
    const command = commandTable.find(words);
    if (command?.destroys !== undefined) await this.confirmDestruction(command, command.destroys, words, flags);
    const routed = await this.withClient(flags, (client) => this.ask(client, words));
    await this.printReply(flags.json, routed, RAW_COMMANDS.has(command?.fullName ?? ''));
  }

  private async confirmDestruction(
    command: Command,
    destroys: string,
    words: readonly string[],
    { yes: isGiven, tenant = 'default' }: { readonly yes: boolean; readonly tenant?: string | undefined },
  ): Promise<void> {
    await confirm({
      what: `${command.fullName} ${destroys}`,
      word: command.group === 'tenant' ? (words.at(-1) ?? '') : tenant,
      commandWithYes: `rednode exec --yes ${commandText(words)}`,
      isGiven,
    });
  }
}
