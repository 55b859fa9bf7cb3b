/** CONFIG: what a node's settings are, and changing them while it runs. */
import { compileGlob } from '../glob.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { block, many, pattern, string } from './arguments.js';
import type { CommandDeclaration } from './command.js';
import type { CommandContext } from './context.js';
import { SYNTAX_ERROR } from './replies.js';

function* matching(values: ReadonlyMap<string, string>, text: string): Iterable<readonly [string, string]> {
  const glob = compileGlob(Buffer.from(text.toLowerCase()));
  for (const entry of values) {
    const name = Buffer.from(entry[0]);
    if (glob.matches(name, 0, name.length)) yield entry;
  }
}

function get({ node }: CommandContext, request: Request, reply: ReplyWriter): void {
  const values = new Map(node.settings.list());
  const found = new Map<string, string>();
  for (let index = 2; index < request.argc; index++) {
    const text = request.text(index);
    const exact = values.get(text.toLowerCase());
    // A name is answered as it was asked for, whatever its case.
    if (exact !== undefined) found.set(text, exact);
    else for (const entry of matching(values, text)) found.set(...entry);
  }
  reply.map(found.size);
  for (const [name, value] of found) {
    reply.bulkText(name);
    reply.bulkText(value);
  }
}

function set({ node }: CommandContext, request: Request, reply: ReplyWriter): void {
  if (request.argc % 2 === 1) {
    reply.error(SYNTAX_ERROR);
    return;
  }
  const pairs: [string, string][] = [];
  for (let index = 2; index < request.argc; index += 2) pairs.push([request.text(index), request.text(index + 1)]);
  const refusal = node.settings.change(pairs);
  if (refusal === undefined) reply.ok();
  else reply.error(refusal);
}

const adminFlags = ['admin', 'noscript', 'loading', 'stale'] as const;

export const configCommands: readonly CommandDeclaration[] = [
  {
    name: 'CONFIG',
    summary: 'A container for server configuration commands.',
    since: '2.0.0',
    group: 'server',
    flags: [],
    subcommands: [
      {
        name: 'GET',
        summary: 'Returns the effective values of configuration parameters.',
        since: '2.0.0',
        group: 'server',
        complexity: 'O(N) where N is the number of configuration parameters provided',
        flags: adminFlags,
        arguments: [many(pattern('parameter'))],
        handler: get,
      },
      {
        name: 'SET',
        summary: 'Sets configuration parameters while the node runs: all of them, or none.',
        since: '2.0.0',
        group: 'server',
        complexity: 'O(N) where N is the number of configuration parameters provided',
        flags: adminFlags,
        arguments: [many(block('data', string('parameter'), string('value')))],
        requestPolicy: 'all_nodes',
        responsePolicy: 'all_succeeded',
        handler: set,
      },
      {
        name: 'RESETSTAT',
        summary: "Resets the server's statistics.",
        since: '2.0.0',
        group: 'server',
        complexity: 'O(1)',
        flags: adminFlags,
        requestPolicy: 'all_nodes',
        responsePolicy: 'all_succeeded',
        handler: ({ node }, _request, reply) => {
          node.resetStatistics();
          reply.ok();
        },
      },
      {
        name: 'REWRITE',
        summary: 'Persists the effective configuration to file: there is none, settings come from flags.',
        since: '2.8.0',
        group: 'server',
        complexity: 'O(1)',
        flags: adminFlags,
        requestPolicy: 'all_nodes',
        responsePolicy: 'all_succeeded',
        handler: (_context, _request, reply) => {
          reply.error('ERR The server is running without a config file');
        },
      },
    ],
  },
];
