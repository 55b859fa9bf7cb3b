/** `rednode ttl`: how long a key lives. */
import { ClientCommand, integerOf } from '../src/cli/client-command.js';
import { stringArgument } from '../src/cli/oclif.js';

const NO_KEY = -2;
const NO_EXPIRY = -1;

export default class Ttl extends ClientCommand {
  static override summary = 'Print the seconds that a key has to live.';
  static override description = 'Prints -1 for a key that does not expire, and -2 for a key that does not exist.';
  static override examples = ['<%= config.bin %> ttl session:9'];
  static override args = { key: stringArgument({ required: true, ignoreStdin: true, description: 'The key.' }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Ttl);
    const { reply } = await this.withClient(flags, (client) => this.ask(client, ['TTL', args.key]));
    const seconds = integerOf(reply);
    await this.print(flags.json, seconds, () => `${seconds}${process.stdout.isTTY ? this.meaningOf(seconds) : ''}`);
  }

  private meaningOf(seconds: number): string {
    if (seconds === NO_KEY) return this.theme.dim('  no such key');
    return seconds === NO_EXPIRY ? this.theme.dim('  does not expire') : '';
  }
}
