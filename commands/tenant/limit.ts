/** `rednode tenant limit`: shows or changes what a tenant may use. */
import { ClientCommand } from '../../src/cli/client-command.js';
import { stringArgument } from '../../src/cli/oclif.js';
import { renderFields } from '../../src/cli/tables.js';
import { limitFlags, limitWords } from '../../src/cli/tenant-flags.js';
import { readTenant } from '../../src/cli/tenant-summary.js';
import { limitRows } from '../../src/cli/tenant-view.js';

export default class TenantLimit extends ClientCommand {
  static override summary = 'Change the limits of a tenant that are named, and show all of them.';
  static override description =
    '0 lifts a limit; --evict noeviction ends eviction. They hold from the next command on.';
  static override examples = [
    '<%= config.bin %> tenant limit acme',
    '<%= config.bin %> tenant limit acme --max-memory 128mb --evict allkeys-lru',
    '<%= config.bin %> tenant limit acme --max-ops 0',
  ];
  static override args = { name: stringArgument({ required: true, ignoreStdin: true, description: 'The tenant.' }) };
  static override flags = limitFlags;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(TenantLimit);
    const words = limitWords(flags);
    const tenant = await this.withClient(flags, async (client) => {
      if (words.length > 0) await this.ask(client, ['TENANT', 'LIMIT', args.name, ...words]);
      return readTenant(client, args.name);
    });
    const rows = limitRows(tenant);
    await this.print(flags.json, { name: tenant.name, limits: tenant.limits }, () =>
      rows.length === 0
        ? `${tenant.name} has no limits`
        : renderFields([['tenant', this.theme.strong(tenant.name)], ...rows], this.theme, ''),
    );
  }
}
