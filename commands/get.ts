/** `rednode get`: the value of a key. */
import { ClientCommand } from '../src/cli/client-command.js';
import { getKey } from '../src/cli/key-commands.js';
import { stringArgument } from '../src/cli/oclif.js';

export default class Get extends ClientCommand {
  static override summary = 'Print the value of a key.';
  static override description =
    'A key that does not exist prints (nil) on a terminal, an empty line elsewhere, null with --json; the exit code is 0.';
  static override examples = ['<%= config.bin %> get user:42', '<%= config.bin %> get user:42 --tenant acme --json'];
  static override args = { key: stringArgument({ required: true, ignoreStdin: true, description: 'The key.' }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Get);
    await getKey(args.key, flags);
  }
}
