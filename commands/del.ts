/** `rednode del`: removes keys. */
import { ClientCommand } from '../src/cli/client-command.js';
import { deleteKeys } from '../src/cli/key-commands.js';
import { stringArgument } from '../src/cli/oclif.js';

export default class Del extends ClientCommand {
  static override summary = 'Remove keys, and print how many there were.';
  static override examples = ['<%= config.bin %> del user:42', '<%= config.bin %> del a b c'];
  static override args = {
    key: stringArgument({ required: true, ignoreStdin: true, multiple: true, description: 'The keys.' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Del);
    await deleteKeys(args.key, flags);
  }
}
