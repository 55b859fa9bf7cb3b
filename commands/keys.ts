/** `rednode keys`: the keys of the whole cluster, a line each, read in slices so that no node is held up. */
import type { RoutingClient } from '../src/client/routing-client.js';
import { ClientCommand } from '../src/cli/client-command.js';
import { stringArgument } from '../src/cli/oclif.js';
import { jsonText, writeOut } from '../src/cli/output.js';
import { bytesJson } from '../src/cli/reply-json.js';
import type { Reply } from '../src/resp/reply.js';

const KEYS_PER_SCAN = 1000;
const NEWLINE = Buffer.from('\n');

export default class Keys extends ClientCommand {
  static override summary = 'Print the keys, one a line.';
  static override description = 'Reads with SCAN over every master, so the servers stay responsive.';
  static override examples = ['<%= config.bin %> keys', "<%= config.bin %> keys 'user:*' --tenant acme"];
  static override args = {
    pattern: stringArgument({ ignoreStdin: true, default: '*', description: 'Only keys that match this glob.' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Keys);
    await this.withClient(flags, async (client) => {
      const collected: unknown[] = [];
      for await (const keys of this.scan(client, args.pattern)) {
        if (flags.json) collected.push(...keys.map(bytesJson));
        else await writeOut(Buffer.concat(keys.flatMap((key) => [key, NEWLINE])));
      }
      if (flags.json) await writeOut(`${jsonText(collected)}\n`);
    });
  }

  private async *scan(client: RoutingClient, pattern: string): AsyncGenerator<Buffer[]> {
    let cursor = '0';
    do {
      const words = ['SCAN', cursor, 'MATCH', pattern, 'COUNT', String(KEYS_PER_SCAN)];
      const page = pageOf((await this.ask(client, words)).reply);
      if (page.keys.length > 0) yield page.keys;
      cursor = page.cursor;
    } while (cursor !== '0');
  }
}

function pageOf(reply: Reply): { cursor: string; keys: Buffer[] } {
  if (reply.type === 'array' && reply.items.length === 2) {
    const [cursor, keys] = reply.items;
    if (cursor.type === 'bulk' && keys.type === 'array') {
      return {
        cursor: cursor.value.toString(),
        keys: keys.items.flatMap((key) => (key.type === 'bulk' ? [key.value] : [])),
      };
    }
  }
  throw new TypeError('the reply of SCAN is not a cursor and a list of keys');
}
