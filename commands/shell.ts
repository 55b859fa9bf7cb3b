/** `rednode shell`: a prompt that hashes every key itself and talks to the node that owns it. */
import { BaseCommand } from '../src/cli/base-command.js';
import { targetFlags } from '../src/cli/client-command.js';
import { boolean, string } from '../src/cli/oclif.js';
import { openShell } from '../src/cli/open-shell.js';
import { jsonBatchFormat } from '../src/cli/shell-json.js';
import { findTarget } from '../src/cli/target.js';
import { ExitCode, RedNodeError } from '../src/errors.js';

export default class Shell extends BaseCommand {
  static override summary = 'Open a shell on a cluster or a server.';
  static override description =
    'Without a terminal, commands are read from standard input a line each, output is plain, and the first error ends it with its exit code. With --json every reply is one JSON value on a line of its own.';
  static override examples = [
    '<%= config.bin %> shell',
    '<%= config.bin %> shell --tenant acme',
    "<%= config.bin %> shell -e 'set a 1' -e 'get a'",
    "<%= config.bin %> shell --json -e 'mget a b'",
    'printf "set a 1\\nget a\\n" | <%= config.bin %> shell',
  ];
  static override baseFlags = targetFlags;
  static override flags = {
    execute: string({
      char: 'e',
      summary: 'Run this command and leave; may be repeated.',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'COMMAND',
    }),
    yes: boolean({ char: 'y', summary: 'Do not ask before a command that removes data as a whole.' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Shell);
    if (flags.json && flags.execute === undefined && process.stdin.isTTY && process.stdout.isTTY) {
      throw new RedNodeError('USAGE', '--json is for commands in a script, not for a prompt', ExitCode.usage, {
        hint: "rednode shell --json -e 'get user:42'",
      });
    }
    const target = await findTarget(flags);
    const batchFormat = flags.json ? jsonBatchFormat(flags.debug) : undefined;
    process.exitCode = await openShell({ target, commands: flags.execute, yes: flags.yes, batchFormat });
  }
}
