/** `rednode tenant rename`: another name for a tenant. */
import { ClientCommand } from '../../src/cli/client-command.js';
import { stringArgument } from '../../src/cli/oclif.js';

export default class TenantRename extends ClientCommand {
  static override summary = 'Rename a tenant; its keys, tokens and connections stay.';
  static override examples = ['<%= config.bin %> tenant rename acme acme-eu'];
  static override args = {
    name: stringArgument({ required: true, ignoreStdin: true, description: 'The tenant.' }),
    newname: stringArgument({ required: true, ignoreStdin: true, description: 'What it is to be called.' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(TenantRename);
    const { name, newname } = args;
    await this.withClient(flags, (client) => this.ask(client, ['TENANT', 'RENAME', name, newname]));
    await this.print(flags.json, { name, newName: newname }, () => `${name} is ${newname} now`);
  }
}
