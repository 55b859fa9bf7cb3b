/** What the CLI commands share that send wire commands: where to, as whom, and how a reply or its error is shown. */
import type { RoutingClient } from '../client/routing-client.js';
import type { CommandArgument, RoutedReply } from '../client/types.js';
import type { Reply } from '../resp/reply.js';
import { BaseCommand, globalFlags } from './base-command.js';
import { connect } from './connect.js';
import { string } from './oclif.js';
import { writeOut, jsonText } from './output.js';
import { replyJson } from './reply-json.js';
import { serverError } from './server-errors.js';
import type { TargetFlags } from './target.js';

const TARGET_GROUP = 'server';

/** Flags of every command that talks to a server. */
export const targetFlags = {
  ...globalFlags,
  url: string({
    summary: 'Server: redis://[tenant:token@]host[:port]. Default: REDNODE_URL, or the running cluster.',
    helpGroup: TARGET_GROUP,
    helpValue: 'URL',
  }),
  cluster: string({
    char: 'c',
    summary: 'Name of a running cluster; not needed when only one runs.',
    helpGroup: TARGET_GROUP,
    helpValue: 'NAME',
  }),
  tenant: string({
    summary: 'Tenant to act as. Its token is read from REDNODE_TOKEN; the admin needs none.',
    helpGroup: TARGET_GROUP,
    helpValue: 'NAME',
  }),
};

export abstract class ClientCommand extends BaseCommand {
  static override baseFlags = targetFlags;

  /** Connects, runs `use`, and disconnects whatever happens. */
  protected async withClient<T>(flags: TargetFlags, use: (client: RoutingClient) => Promise<T>): Promise<T> {
    const { client } = await connect(flags, (notice) => {
      this.note(this.theme.dim(notice));
    });
    try {
      return await use(client);
    } finally {
      await client.close();
    }
  }

  /** The reply of one command. Throws SERVER_ERROR (exit code 1) when the server answers with an error. */
  protected async ask(client: RoutingClient, words: readonly CommandArgument[]): Promise<RoutedReply> {
    const routed = await client.execute(words);
    if (routed.reply.type === 'error') throw serverError(routed.reply.value, words, routed.nodes, client.nodes());
    return routed;
  }

  /** Prints a reply: JSON when asked for, by type on a terminal (a text with lines of its own as it is), bare bytes elsewhere. */
  protected async printReply(asJson: boolean, routed: RoutedReply, isText = false): Promise<void> {
    if (asJson) {
      await writeOut(`${jsonText(replyJson(routed.reply))}\n`);
    } else if (process.stdout.isTTY) {
      const { renderReply } = await import('../shell/render.js');
      const options = { chalk: this.theme.chalk, itemNodes: routed.itemNodes, isRaw: isText };
      await writeOut(`${renderReply(routed.reply, options)}\n`);
    } else {
      const { plainReply } = await import('../shell/plain.js');
      await writeOut(plainReply(routed.reply));
    }
  }
}

/** The number in an integer reply. Throws when the reply is something else: the server is not what it seems. */
export function integerOf(reply: Reply): number {
  if (reply.type === 'integer') return Number(reply.value);
  throw new TypeError(`expected an integer reply, got ${reply.type}`);
}
