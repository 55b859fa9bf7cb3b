/** `rednode ttl`: how long a key lives. */
import { ClientCommand } from '../src/cli/client-command.js';
import { ttlOfKey } from '../src/cli/key-commands.js';
import { stringArgument } from '../src/cli/oclif.js';

export default class Ttl extends ClientCommand {
  static override summary = 'Print the seconds that a key has to live.';
  static override description = 'Prints -1 for a key that does not expire, and -2 for a key that does not exist.';
  static override examples = ['<%= config.bin %> ttl session:9'];
  static override args = { key: stringArgument({ required: true, ignoreStdin: true, description: 'The key.' }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Ttl);
    await ttlOfKey(args.key, flags);
  }
}
