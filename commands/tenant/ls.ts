/** `rednode tenant ls`: the tenants that one may see, with what each holds. */
import { ClientCommand } from '../../src/cli/client-command.js';
import { formatBytes, formatMinute } from '../../src/cli/formats.js';
import { renderTable } from '../../src/cli/tables.js';
import { readTenant, tenantNames, type TenantSummary } from '../../src/cli/tenant-summary.js';

export default class TenantLs extends ClientCommand {
  static override summary = 'List the tenants with their keys and memory.';
  static override examples = ['<%= config.bin %> tenant ls', '<%= config.bin %> tenant ls --json'];

  async run(): Promise<void> {
    const { flags } = await this.parse(TenantLs);
    const tenants = await this.withClient(flags, async (client) => {
      const summaries: TenantSummary[] = [];
      for (const name of await tenantNames(client)) summaries.push(await readTenant(client, name));
      return summaries;
    });
    const table = flags.json ? '' : await this.table(tenants);
    await this.print(flags.json, tenants, () => table);
  }

  private table(tenants: readonly TenantSummary[]): Promise<string> {
    return renderTable(
      tenants,
      [
        { title: 'tenant', value: (tenant) => tenant.name },
        { title: 'keys', value: (tenant) => `${tenant.keys}`, align: 'right' },
        { title: 'memory', value: (tenant) => formatBytes(tenant.memoryBytes), align: 'right' },
        { title: 'connections', value: (tenant) => `${tenant.connections}`, align: 'right' },
        { title: 'created', value: ({ createdAtMs }) => (createdAtMs > 0 ? formatMinute(createdAtMs) : '') },
      ],
      this.theme,
    );
  }
}
