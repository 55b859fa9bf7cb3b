/** SLOWLOG: the latest commands that took long. A tenant sees its own. */
import { parseInt64 } from '../resp/integer.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { integer, optional } from './arguments.js';
import type { CommandDeclaration } from './command.js';
import type { CommandContext } from './context.js';
import type { SlowLogEntry } from './observation.js';

const DEFAULT_COUNT = 10;
const ALL = -1;

function writeEntry(reply: ReplyWriter, entry: SlowLogEntry): void {
  reply.array(6);
  reply.integer(entry.id);
  reply.integer(entry.unixSeconds);
  reply.integer(entry.micros);
  reply.array(entry.words.length);
  for (const word of entry.words) reply.bulk(word, 0, word.length);
  reply.bulkText(entry.address);
  reply.bulkText(entry.name);
}

function get({ node, session }: CommandContext, request: Request, reply: ReplyWriter): void {
  const given = request.argc > 2 ? parseInt64(request.buffer, request.offsets[2], request.lengths[2]) : DEFAULT_COUNT;
  if (given === undefined || given < ALL) {
    reply.error('ERR count should be greater than or equal to -1');
    return;
  }
  const entries = node.slowLog.visibleTo(session);
  const shown = Number(given) === ALL ? entries : entries.slice(0, Number(given));
  reply.array(shown.length);
  for (const entry of shown) writeEntry(reply, entry);
}

const flags = ['loading', 'stale'] as const;

export const slowlogCommands: readonly CommandDeclaration[] = [
  {
    name: 'SLOWLOG',
    summary: 'A container for slow log commands.',
    since: '2.2.12',
    group: 'server',
    flags: [],
    subcommands: [
      {
        name: 'GET',
        summary: "Returns the slow log's entries, the newest first.",
        since: '2.2.12',
        group: 'server',
        complexity: 'O(N) where N is the number of entries returned',
        flags,
        arguments: [optional(integer('count'))],
        requestPolicy: 'all_nodes',
        handler: get,
      },
      {
        name: 'LEN',
        summary: 'Returns the number of entries in the slow log.',
        since: '2.2.12',
        group: 'server',
        complexity: 'O(1)',
        flags,
        requestPolicy: 'all_nodes',
        responsePolicy: 'agg_sum',
        handler: ({ node, session }, _request, reply) => {
          reply.integer(node.slowLog.visibleTo(session).length);
        },
      },
      {
        name: 'RESET',
        summary: 'Clears all entries from the slow log.',
        since: '2.2.12',
        group: 'server',
        complexity: 'O(N) where N is the number of entries in the slowlog',
        flags,
        requestPolicy: 'all_nodes',
        responsePolicy: 'all_succeeded',
        handler: ({ node, session }, _request, reply) => {
          node.slowLog.clear(session);
          reply.ok();
        },
      },
    ],
  },
];
