/** `rednode publish`: sends a message to the subscribers of a channel. */
import { ClientCommand, integerOf } from '../src/cli/client-command.js';
import { stringArgument } from '../src/cli/oclif.js';

export default class Publish extends ClientCommand {
  static override summary = 'Publish a message, and print how many subscribers received it.';
  static override examples = ['<%= config.bin %> publish news hello'];
  static override args = {
    channel: stringArgument({ required: true, ignoreStdin: true, description: 'The channel.' }),
    message: stringArgument({ required: true, ignoreStdin: true, description: 'The message.' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Publish);
    const words = ['PUBLISH', args.channel, args.message];
    const { reply } = await this.withClient(flags, (client) => this.ask(client, words));
    await this.print(flags.json, integerOf(reply), () => String(integerOf(reply)));
  }
}
