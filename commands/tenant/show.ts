/** `rednode tenant show`: what one tenant holds and uses, over all nodes. */
import { ClientCommand } from '../../src/cli/client-command.js';
import { stringArgument } from '../../src/cli/oclif.js';
import { renderFields } from '../../src/cli/tables.js';
import { readTenant } from '../../src/cli/tenant-summary.js';
import { tenantRows } from '../../src/cli/tenant-view.js';

export default class TenantShow extends ClientCommand {
  static override summary = 'Show what a tenant holds, may use and has done, over all nodes.';
  static override examples = ['<%= config.bin %> tenant show acme'];
  static override args = { name: stringArgument({ required: true, ignoreStdin: true, description: 'The tenant.' }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(TenantShow);
    const tenant = await this.withClient(flags, (client) => readTenant(client, args.name));
    await this.print(flags.json, tenant, () => renderFields(tenantRows(tenant), this.theme, ''));
  }
}
