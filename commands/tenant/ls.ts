/** `rednode tenant ls`: the tenants that one may see, with what each holds. */
import { ClientCommand } from '../../src/cli/client-command.js';
import { formatBytes, formatMinute } from '../../src/cli/formats.js';
import { renderTable } from '../../src/cli/tables.js';
import { readTenants, type TenantSummary } from '../../src/cli/tenant-summary.js';

export default class TenantLs extends ClientCommand {
  static override summary = 'List the tenants with their keys and memory.';
  static override examples = ['<%= config.bin %> tenant ls', '<%= config.bin %> tenant ls --json'];

  async run(): Promise<void> {
    const { flags } = await this.parse(TenantLs);
    const tenants = await this.withClient(flags, (client) => readTenants(client));
    const table = flags.json ? '' : await this.table(tenants);
    await this.print(flags.json, tenants, () => table);
  }

  private table(tenants: readonly TenantSummary[]): Promise<string> {
    return renderTable(
      tenants,
      [
        { title: 'tenant', value: (tenant) => tenant.name },
        { title: 'keys', value: ({ keys, limits }) => ofLimit(`${keys}`, limits.maxKeys, String), align: 'right' },
        {
          title: 'memory',
          value: ({ memoryBytes, limits }) => ofLimit(formatBytes(memoryBytes), limits.maxMemoryBytes, formatBytes),
          align: 'right',
        },
        { title: 'connections', value: (tenant) => `${tenant.connections}`, align: 'right' },
        { title: 'max ops/s', value: ({ limits }) => ofLimit('', limits.maxOpsPerSecond, String), align: 'right' },
        { title: 'created', value: ({ createdAtMs }) => (createdAtMs > 0 ? formatMinute(createdAtMs) : '') },
      ],
      this.theme,
    );
  }
}

/** `12 of 100`, or the value alone where there is no limit. */
function ofLimit(value: string, limit: number, format: (limit: number) => string): string {
  if (limit === 0) return value;
  return value === '' ? format(limit) : `${value} of ${format(limit)}`;
}
