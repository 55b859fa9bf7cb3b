/** `rednode tenant token ls`: the tokens of a tenant, without their secrets. */
import { ClientCommand } from '../../../src/cli/client-command.js';
import { formatMinute } from '../../../src/cli/formats.js';
import { stringArgument } from '../../../src/cli/oclif.js';
import { renderTable } from '../../../src/cli/tables.js';
import { readTokens, type TokenSummary } from '../../../src/cli/tenant-tokens.js';

export default class TenantTokenLs extends ClientCommand {
  static override summary = 'List the tokens of a tenant by their ids; the secrets are kept nowhere.';
  static override examples = ['<%= config.bin %> tenant token ls acme'];
  static override args = { name: stringArgument({ required: true, ignoreStdin: true, description: 'The tenant.' }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(TenantTokenLs);
    const tokens = await this.withClient(flags, (client) => readTokens(client, args.name));
    const table = flags.json ? '' : await this.table(tokens, args.name);
    await this.print(flags.json, tokens, () => table);
  }

  private async table(tokens: readonly TokenSummary[], name: string): Promise<string> {
    if (tokens.length === 0) return `${name} has no tokens`;
    return renderTable(
      tokens,
      [
        { title: 'token', value: (token) => token.id },
        { title: 'created', value: (token) => formatMinute(token.createdAtMs) },
        { title: 'expires', value: (token) => (token.expiresAtMs > 0 ? formatMinute(token.expiresAtMs) : 'never') },
        { title: 'last used', value: (token) => (token.lastUsedAtMs > 0 ? formatMinute(token.lastUsedAtMs) : '-') },
        { title: 'connections', value: (token) => `${token.connections}`, align: 'right' },
        { title: 'for', value: scopeText },
      ],
      this.theme,
    );
  }
}

function scopeText({ readOnly, commands, keys }: TokenSummary): string {
  const parts = [
    ...(readOnly ? ['reading'] : []),
    ...(commands.length > 0 ? [commands.join(' ')] : []),
    ...(keys.length > 0 ? [`keys ${keys.join(' ')}`] : []),
  ];
  return parts.length === 0 ? 'everything' : parts.join('; ');
}
