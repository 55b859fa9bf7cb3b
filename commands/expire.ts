/** `rednode expire`: gives a key a time to live. */
import { ClientCommand, integerOf } from '../src/cli/client-command.js';
import { parseDurationMs } from '../src/cli/formats.js';
import { stringArgument } from '../src/cli/oclif.js';

export default class Expire extends ClientCommand {
  static override summary = 'Give a key a time to live.';
  static override description = 'Prints 1, or 0 when there is no such key.';
  static override examples = ['<%= config.bin %> expire session:9 600', '<%= config.bin %> expire session:9 10m'];
  static override args = {
    key: stringArgument({ required: true, ignoreStdin: true, description: 'The key.' }),
    ttl: stringArgument({ required: true, ignoreStdin: true, description: 'Seconds, or 250ms, 10s, 5m, 1h, 2d.' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Expire);
    const words = ['PEXPIRE', args.key, String(parseDurationMs(args.ttl, 'time to live'))];
    const { reply } = await this.withClient(flags, (client) => this.ask(client, words));
    await this.print(flags.json, integerOf(reply), () => String(integerOf(reply)));
  }
}
