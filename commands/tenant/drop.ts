/** `rednode tenant drop`: removes a tenant with all its keys. */
import { ClientCommand } from '../../src/cli/client-command.js';
import { confirm } from '../../src/cli/confirm.js';
import { plural } from '../../src/cli/formats.js';
import { boolean, stringArgument } from '../../src/cli/oclif.js';
import { readTenant } from '../../src/cli/tenant-summary.js';

export default class TenantDrop extends ClientCommand {
  static override summary = 'Remove a tenant with all its keys, and close its connections.';
  static override examples = ['<%= config.bin %> tenant drop acme', '<%= config.bin %> tenant drop acme --yes'];
  static override args = { name: stringArgument({ required: true, ignoreStdin: true, description: 'The tenant.' }) };
  static override flags = { yes: boolean({ char: 'y', summary: 'Do not ask; needed where there is no terminal.' }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(TenantDrop);
    const keys = await this.withClient(flags, async (client) => {
      const tenant = await readTenant(client, args.name);
      await confirm({
        what: `dropping tenant ${args.name} removes its ${plural(tenant.keys, 'key')}`,
        word: args.name,
        commandWithYes: `rednode tenant drop ${args.name} --yes`,
        isGiven: flags.yes,
      });
      await this.ask(client, ['TENANT', 'DROP', args.name]);
      return tenant.keys;
    });
    await this.print(
      flags.json,
      { name: args.name, keysRemoved: keys },
      () => `${args.name} dropped with ${plural(keys, 'key')}`,
    );
  }
}
