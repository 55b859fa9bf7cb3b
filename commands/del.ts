/** `rednode del`: removes keys. */
import { ClientCommand, integerOf } from '../src/cli/client-command.js';
import { stringArgument } from '../src/cli/oclif.js';

export default class Del extends ClientCommand {
  static override summary = 'Remove keys, and print how many there were.';
  static override examples = ['<%= config.bin %> del user:42', '<%= config.bin %> del a b c'];
  static override args = {
    key: stringArgument({ required: true, ignoreStdin: true, multiple: true, description: 'The keys.' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Del);
    const { reply } = await this.withClient(flags, (client) => this.ask(client, ['DEL', ...args.key]));
    await this.print(flags.json, integerOf(reply), () => String(integerOf(reply)));
  }
}
