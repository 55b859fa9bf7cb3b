/** `rednode tenant create`: a new tenant, and its token, which is shown this once. */
import { ClientCommand } from '../../src/cli/client-command.js';
import { stringArgument } from '../../src/cli/oclif.js';
import { programName } from '../../src/cli/program-name.js';
import { renderFields } from '../../src/cli/tables.js';
import { replyText } from '../../src/cli/reply-json.js';
import { limitFlags, limitWords } from '../../src/cli/tenant-flags.js';

export default class TenantCreate extends ClientCommand {
  static override summary = 'Create a tenant and print its token, which is shown this once.';
  static override examples = [
    '<%= config.bin %> tenant create acme',
    '<%= config.bin %> tenant create acme --max-memory 64mb --max-ops 1000',
    'token=$(<%= config.bin %> tenant create acme --json | jq -r .token)',
  ];
  static override args = {
    name: stringArgument({ required: true, ignoreStdin: true, description: 'Letters, digits, _ . and -; at most 63.' }),
  };
  static override flags = limitFlags;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(TenantCreate);
    const words = ['TENANT', 'CREATE', args.name, ...limitWords(flags)];
    const { reply } = await this.withClient(flags, (client) => this.ask(client, words));
    const token = replyText(reply);
    await this.print(flags.json, { name: args.name, token }, () =>
      renderFields(
        [
          ['tenant', this.theme.strong(args.name)],
          ['token', `${token}   ${this.theme.dim('shown once: keep it')}`],
          ['use it', `REDNODE_TOKEN=... ${programName()} shell --tenant ${args.name}`],
          ['any client', `AUTH ${args.name} <token>`],
        ],
        this.theme,
        '',
      ),
    );
  }
}
