/** `rednode tenant show`: what one tenant holds and uses, over all nodes. */
import { ClientCommand } from '../../src/cli/client-command.js';
import { formatBytes, formatMinute } from '../../src/cli/formats.js';
import { stringArgument } from '../../src/cli/oclif.js';
import { renderFields } from '../../src/cli/tables.js';
import { readTenant } from '../../src/cli/tenant-summary.js';

export default class TenantShow extends ClientCommand {
  static override summary = 'Show what a tenant holds and uses over all nodes.';
  static override examples = ['<%= config.bin %> tenant show acme'];
  static override args = { name: stringArgument({ required: true, ignoreStdin: true, description: 'The tenant.' }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(TenantShow);
    const tenant = await this.withClient(flags, (client) => readTenant(client, args.name));
    await this.print(flags.json, tenant, () =>
      renderFields(
        [
          ['tenant', tenant.name],
          ['keys', `${tenant.keys}`],
          ['with a time to live', `${tenant.expires}`],
          ['memory', formatBytes(tenant.memoryBytes)],
          ['connections', `${tenant.connections}`],
          ['tokens', `${tenant.tokens}`],
          ...(tenant.createdAtMs > 0 ? ([['created', formatMinute(tenant.createdAtMs)]] as const) : []),
        ],
        this.theme,
        '',
      ),
    );
  }
}
