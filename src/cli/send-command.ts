/** Sending one wire command and showing its reply: what CLI commands do, apart from how their flags are parsed. */
import type { RoutingClient } from '../client/routing-client.js';
import type { CommandArgument, RoutedReply } from '../client/types.js';
import type { Reply } from '../resp/reply.js';
import { connect, connectTo, readOnceOr } from './connect.js';
import { jsonText, writeMessage, writeOut } from './output.js';
import { replyJson } from './reply-json.js';
import type { TargetFlags } from './target.js';
import { createTheme } from './theme.js';

/** Connects, runs `use`, and disconnects whatever happens. */
export async function withClient<T>(flags: TargetFlags, use: (client: RoutingClient) => Promise<T>): Promise<T> {
  const { client } = await connect(flags, showNotice);
  return useAndClose(client, use);
}

async function useAndClose<T>(client: RoutingClient, use: (client: RoutingClient) => Promise<T>): Promise<T> {
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

function showNotice(notice: string): void {
  writeMessage(createTheme(process.stdout).dim(notice));
}

/** The reply of one command. Throws SERVER_ERROR (exit code 1) when the server answers with an error. */
export async function ask(client: RoutingClient, words: readonly CommandArgument[]): Promise<RoutedReply> {
  const routed = await client.execute(words);
  if (routed.reply.type !== 'error') return routed;
  const { serverError } = await import('./server-errors.js');
  throw serverError(routed.reply.value, words, routed.nodes, client.nodes());
}

/** `ask` over a connection of its own. */
export function askOnce(flags: TargetFlags, words: readonly CommandArgument[]): Promise<RoutedReply> {
  return withClient(flags, (client) => ask(client, words));
}

/** The reply of a command that reads one key. Throws as `ask` does. */
export async function readKey(flags: TargetFlags, words: readonly CommandArgument[]): Promise<Reply> {
  return readOnceOr(flags, words, async (target) => {
    const client = await connectTo(target, showNotice);
    return (await useAndClose(client, (open) => ask(open, words))).reply;
  });
}

/** Prints a reply: JSON when asked for, by type on a terminal (a text with lines of its own as it is), bare bytes elsewhere. */
export async function printReply(asJson: boolean, routed: RoutedReply, isText = false): Promise<void> {
  if (asJson) {
    await writeOut(`${jsonText(replyJson(routed.reply))}\n`);
  } else if (process.stdout.isTTY) {
    const { renderReply } = await import('../shell/render.js');
    const { chalk } = createTheme(process.stdout);
    await writeOut(`${renderReply(routed.reply, { chalk, itemNodes: routed.itemNodes, isRaw: isText })}\n`);
  } else {
    const { plainReply } = await import('../shell/plain.js');
    await writeOut(plainReply(routed.reply));
  }
}

/** The number in an integer reply. Throws when the reply is something else: the server is not what it seems. */
export function integerOf(reply: Reply): number {
  if (reply.type === 'integer') return Number(reply.value);
  throw new TypeError(`expected an integer reply, got ${reply.type}`);
}
