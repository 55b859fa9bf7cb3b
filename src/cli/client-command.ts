/** What the CLI commands share that send wire commands: where to, as whom, and how a reply or its error is shown. */
import type { RoutingClient } from '../client/routing-client.js';
import type { CommandArgument, RoutedReply } from '../client/types.js';
import { BaseCommand, globalFlags } from './base-command.js';
import { boolean, string } from './oclif.js';
import { ask, printReply, withClient } from './send-command.js';
import type { TargetFlags } from './target.js';

export { integerOf } from './send-command.js';

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
  'tls-ca': string({
    summary: 'CA of a rediss:// server, PEM. Default: REDNODE_TLS_CA, or those known to Node.js.',
    helpGroup: TARGET_GROUP,
    helpValue: 'FILE',
  }),
  'tls-cert': string({
    summary: 'Certificate to show to a rediss:// server, PEM.',
    helpGroup: TARGET_GROUP,
    helpValue: 'FILE',
  }),
  'tls-key': string({ summary: 'Its private key, PEM.', helpGroup: TARGET_GROUP, helpValue: 'FILE' }),
  insecure: boolean({ summary: 'Do not check the certificate of a rediss:// server.', helpGroup: TARGET_GROUP }),
  tenant: string({
    summary: 'Tenant to act as. Its token is read from REDNODE_TOKEN; the admin needs none.',
    helpGroup: TARGET_GROUP,
    helpValue: 'NAME',
  }),
};

export abstract class ClientCommand extends BaseCommand {
  static override baseFlags = targetFlags;

  /** Connects, runs `use`, and disconnects whatever happens. */
  protected withClient<T>(flags: TargetFlags, use: (client: RoutingClient) => Promise<T>): Promise<T> {
    return withClient(flags, use);
  }

  /** The reply of one command. Throws SERVER_ERROR (exit code 1) when the server answers with an error. */
  protected ask(client: RoutingClient, words: readonly CommandArgument[]): Promise<RoutedReply> {
    return ask(client, words);
  }

  /** Prints a reply as `printReply` says. */
  protected printReply(asJson: boolean, routed: RoutedReply, isText = false): Promise<void> {
    return printReply(asJson, routed, isText);
  }
}
