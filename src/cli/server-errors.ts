/** An error reply as an error of the command line: what the server said, to which command, on which node. */
import type { ClientNode, CommandArgument } from '../client/types.js';
import { commandTable } from '../command-table/index.js';
import { ExitCode, RedNodeError } from '../errors.js';

const COMMAND_LENGTH_MAX = 60;

/** Exit code 1. Secrets among the words are not repeated. */
export function serverError(
  message: string,
  words: readonly CommandArgument[],
  nodeNames: readonly string[],
  nodes: readonly ClientNode[],
): RedNodeError {
  const where = nodeNames.map((name) => nodeText(name, nodes)).join(', ');
  const hint = hintFor(message);
  return new RedNodeError('SERVER_ERROR', message, ExitCode.serverError, {
    context: { command: commandText(words), ...(where === '' ? {} : { node: where }) },
    ...(hint === undefined ? {} : { hint }),
  });
}

function hintFor(message: string): string | undefined {
  if (message.startsWith('NOAUTH')) return 'REDNODE_ADMIN_PASSWORD for the admin, or --tenant NAME with REDNODE_TOKEN';
  return message.startsWith('ERR no such tenant') ? 'rednode tenant ls' : undefined;
}

function nodeText(name: string, nodes: readonly ClientNode[]): string {
  const node = nodes.find((candidate) => candidate.name === name);
  const address = node === undefined ? name : `${node.host}:${node.port}`;
  return address === name ? name : `${name} ${address}`;
}

/** The command as it was typed, shortened, without its secrets. */
export function commandText(words: readonly CommandArgument[]): string {
  const secretFrom = commandTable.find(words)?.secretFrom ?? words.length;
  const texts = words.map((word, index) =>
    index >= secretFrom ? '(redacted)' : typeof word === 'string' ? word : Buffer.from(word).toString('utf8'),
  );
  const text = texts.join(' ');
  return text.length > COMMAND_LENGTH_MAX ? `${text.slice(0, COMMAND_LENGTH_MAX - 3)}...` : text;
}
