/** `rednode tenant token add`: one more token, which is shown this once. */
import { ClientCommand } from '../../../src/cli/client-command.js';
import { boolean, string, stringArgument } from '../../../src/cli/oclif.js';
import { readFields, readText } from '../../../src/client/reply-fields.js';
import { renderFields } from '../../../src/cli/tables.js';
import { secondsOf } from '../../../src/cli/tenant-flags.js';

export default class TenantTokenAdd extends ClientCommand {
  static override summary = 'Add a token to a tenant and print it, which happens this once.';
  static override description =
    'To rotate a token: add one, give it to the clients, and revoke the old one when none of its connections are left.';
  static override examples = [
    '<%= config.bin %> tenant token add acme',
    '<%= config.bin %> tenant token add acme --expires 90d',
    `<%= config.bin %> tenant token add acme --read-only --key 'report:*'`,
    '<%= config.bin %> tenant token add acme --command get --command @write',
  ];
  static override args = { name: stringArgument({ required: true, ignoreStdin: true, description: 'The tenant.' }) };
  static override flags = {
    expires: string({ summary: 'How long it lets in: 3600, 12h, 90d.', helpValue: 'TIME' }),
    'read-only': boolean({ summary: 'It is for reading alone.' }),
    command: string({ summary: 'A command or @category that it is for; repeatable.', multiple: true }),
    key: string({ summary: 'A pattern of keys and channels that it is for; repeatable.', multiple: true }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(TenantTokenAdd);
    const { expires, command = [], key = [] } = flags;
    const words = [
      ...['TENANT', 'TOKEN', 'ADD', args.name],
      ...(expires === undefined ? [] : ['EXPIRES', String(secondsOf(expires, '--expires'))]),
      ...(flags['read-only'] ? ['READONLY'] : []),
      ...(command.length === 0 ? [] : ['COMMANDS', ...command.map((rule) => `+${rule.replace(/^\+/, '')}`)]),
      ...(key.length === 0 ? [] : ['KEYS', ...key]),
    ];
    const { reply } = await this.withClient(flags, (client) => this.ask(client, words));
    const fields = readFields(reply);
    const [id, token] = [readText(fields.get('id')), readText(fields.get('token'))];
    await this.print(flags.json, { name: args.name, id, token }, () =>
      renderFields(
        [
          ['tenant', this.theme.strong(args.name)],
          ['id', id],
          ['token', `${token}   ${this.theme.dim('shown once: keep it')}`],
        ],
        this.theme,
        '',
      ),
    );
  }
}
