/** `rednode tenant flush`: removes the keys of a tenant and leaves all else. */
import { ClientCommand } from '../../src/cli/client-command.js';
import { confirm } from '../../src/cli/confirm.js';
import { plural } from '../../src/cli/formats.js';
import { boolean, stringArgument } from '../../src/cli/oclif.js';
import { readTenant } from '../../src/cli/tenant-summary.js';

export default class TenantFlush extends ClientCommand {
  static override summary = 'Remove every key of a tenant; its tokens, limits and connections stay.';
  static override examples = ['<%= config.bin %> tenant flush acme', '<%= config.bin %> tenant flush acme --yes'];
  static override args = { name: stringArgument({ required: true, ignoreStdin: true, description: 'The tenant.' }) };
  static override flags = { yes: boolean({ char: 'y', summary: 'Do not ask; needed where there is no terminal.' }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(TenantFlush);
    const keys = await this.withClient(flags, async (client) => {
      const tenant = await readTenant(client, args.name);
      await confirm({
        what: `flushing tenant ${args.name} removes its ${plural(tenant.keys, 'key')}`,
        word: args.name,
        commandWithYes: `rednode tenant flush ${args.name} --yes`,
        isGiven: flags.yes,
      });
      await this.ask(client, ['TENANT', 'FLUSH', args.name]);
      return tenant.keys;
    });
    await this.print(
      flags.json,
      { name: args.name, keysRemoved: keys },
      () => `${args.name} flushed: ${plural(keys, 'key')} removed`,
    );
  }
}
