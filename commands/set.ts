/** `rednode set`: stores a value. */
import { ClientCommand } from '../src/cli/client-command.js';
import { parseDurationMs } from '../src/cli/formats.js';
import { setKey } from '../src/cli/key-commands.js';
import { string, stringArgument } from '../src/cli/oclif.js';

export default class Set extends ClientCommand {
  static override summary = 'Set the value of a key.';
  static override description = 'A value that begins with a dash stands behind --: set k -- -x';
  static override examples = ['<%= config.bin %> set user:42 ada', '<%= config.bin %> set session:9 abc --ttl 10m'];
  static override args = {
    key: stringArgument({ required: true, ignoreStdin: true, description: 'The key.' }),
    value: stringArgument({ required: true, ignoreStdin: true, description: 'Its new value.' }),
  };
  static override flags = {
    ttl: string({ summary: 'Time to live: seconds, or 250ms, 10s, 5m, 1h, 2d.', helpValue: 'TIME' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Set);
    const ttlMs = flags.ttl === undefined ? undefined : parseDurationMs(flags.ttl, '--ttl');
    await setKey(args.key, args.value, flags, ttlMs);
  }
}
