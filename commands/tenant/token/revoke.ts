/** `rednode tenant token revoke`: a token lets nobody in any more, and who came in with it is sent away. */
import { ClientCommand } from '../../../src/cli/client-command.js';
import { confirm } from '../../../src/cli/confirm.js';
import { plural } from '../../../src/cli/formats.js';
import { boolean, stringArgument } from '../../../src/cli/oclif.js';
import { readTokens } from '../../../src/cli/tenant-tokens.js';

export default class TenantTokenRevoke extends ClientCommand {
  static override summary = 'Revoke a token and close the connections that came in with it.';
  static override examples = ['<%= config.bin %> tenant token revoke acme 3f9a01bc'];
  static override args = {
    name: stringArgument({ required: true, ignoreStdin: true, description: 'The tenant.' }),
    id: stringArgument({ required: true, ignoreStdin: true, description: 'Of the token, as token ls shows it.' }),
  };
  static override flags = { yes: boolean({ char: 'y', summary: 'Do not ask; needed where there is no terminal.' }) };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(TenantTokenRevoke);
    const { name, id } = args;
    const connections = await this.withClient(flags, async (client) => {
      const token = (await readTokens(client, name)).find((candidate) => candidate.id === id);
      const open = token?.connections ?? 0;
      await confirm({
        what: `revoking token ${id} of tenant ${name} closes ${plural(open, 'connection')}`,
        word: id,
        commandWithYes: `rednode tenant token revoke ${name} ${id} --yes`,
        isGiven: flags.yes,
      });
      await this.ask(client, ['TENANT', 'TOKEN', 'REVOKE', name, id]);
      return open;
    });
    await this.print(
      flags.json,
      { name, id, connectionsClosed: connections },
      () => `token ${id} of ${name} revoked, ${plural(connections, 'connection')} closed`,
    );
  }
}
