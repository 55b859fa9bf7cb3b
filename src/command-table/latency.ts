/** LATENCY: what took long on this node, and how the times of commands are spread. */
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { many, optional, string } from './arguments.js';
import type { Command, CommandDeclaration, Handler } from './command.js';
import type { CommandContext } from './context.js';
import type { LatencyEvent, LatencySample } from './observation.js';

const GRAPH_COLUMNS = 80;
const GRAPH_BLOCKS = ['_', 'o', '#', '|'];

function latest({ node }: CommandContext, _request: Request, reply: ReplyWriter): void {
  reply.array(node.latency.events.size);
  for (const [name, { samples, maxMs }] of node.latency.events) {
    const last = samples[samples.length - 1];
    reply.array(4);
    reply.bulkText(name);
    reply.integer(last.unixSeconds);
    reply.integer(last.ms);
    reply.integer(maxMs);
  }
}

function history({ node }: CommandContext, request: Request, reply: ReplyWriter): void {
  const samples = node.latency.events.get(request.text(2))?.samples ?? [];
  reply.array(samples.length);
  for (const { unixSeconds, ms } of samples) {
    reply.array(2);
    reply.integer(unixSeconds);
    reply.integer(ms);
  }
}

function reset({ node }: CommandContext, request: Request, reply: ReplyWriter): void {
  const names: string[] = [];
  for (let index = 2; index < request.argc; index++) names.push(request.text(index));
  reply.integer(node.latency.reset(names));
}

/** A column per sample, as high as it took long. */
function graphLines(name: string, { samples, maxMs }: LatencyEvent): string[] {
  const shown = samples.slice(-GRAPH_COLUMNS);
  const low = Math.min(...shown.map(({ ms }) => ms));
  const high = Math.max(...shown.map(({ ms }) => ms));
  const level = ({ ms }: LatencySample): number =>
    high === low ? 0 : Math.floor(((ms - low) / (high - low)) * (GRAPH_BLOCKS.length - 1));
  return [
    `${name} - high ${high} ms, low ${low} ms (all time high ${maxMs} ms)`,
    '-'.repeat(GRAPH_COLUMNS),
    shown.map((sample) => GRAPH_BLOCKS[level(sample)]).join(''),
  ];
}

function graph({ node }: CommandContext, request: Request, reply: ReplyWriter): void {
  const name = request.text(2);
  const event = node.latency.events.get(name);
  if (event === undefined) reply.error(`ERR No samples available for event '${name}'`);
  else reply.verbatim('txt', `${graphLines(name, event).join('\n')}\n`);
}

function doctor({ node }: CommandContext, _request: Request, reply: ReplyWriter): void {
  const { thresholdMs, events } = node.latency;
  if (thresholdMs === 0 && events.size === 0) {
    reply.verbatim(
      'txt',
      'Latency monitoring is off. CONFIG SET latency-monitor-threshold <milliseconds> turns it on.\n',
    );
    return;
  }
  const lines = [...events].map(([name, { samples, maxMs }]) => {
    const mean = samples.reduce((sum, { ms }) => sum + ms, 0) / samples.length;
    return `${name}: ${samples.length} times over the threshold, ${Math.round(mean)} ms on average, ${maxMs} ms at the most`;
  });
  const summary = lines.length === 0 ? [`Nothing took ${thresholdMs} ms or longer.`] : lines;
  const advice = events.has('command') ? ['SLOWLOG GET shows which commands were slow.'] : [];
  reply.verbatim('txt', `${[...summary, ...advice].join('\n')}\n`);
}

/** A container stands for its subcommands. */
function* measured({ node }: CommandContext, request: Request): Iterable<Command> {
  if (request.argc === 2) {
    for (const command of node.commands.all()) yield* [command, ...command.subcommands];
    return;
  }
  for (let index = 2; index < request.argc; index++) {
    const command = node.commands.find(request.text(index).split('|'));
    if (command !== undefined) yield* [command, ...command.subcommands];
  }
}

function histogram(context: CommandContext, request: Request, reply: ReplyWriter): void {
  const { commandTimes } = context.node;
  const called = [...new Set(measured(context, request))].filter(({ id }) => commandTimes.calls[id] > 0);
  reply.map(called.length);
  for (const { wireName, id } of called) {
    const rows = commandTimes.cumulative(id);
    reply.bulkText(wireName);
    reply.map(2);
    reply.bulkText('calls');
    reply.integer(commandTimes.calls[id]);
    reply.bulkText('histogram_usec');
    reply.map(rows.length);
    for (const [micros, calls] of rows) {
      reply.integer(Math.ceil(micros));
      reply.integer(calls);
    }
  }
}

function subcommand(name: string, summary: string, handler: Handler, rest: Partial<CommandDeclaration> = {}) {
  return {
    name,
    summary,
    since: '2.8.13',
    group: 'server',
    complexity: 'O(1)',
    flags: ['admin', 'noscript', 'loading', 'stale'],
    handler,
    ...rest,
  } satisfies CommandDeclaration;
}

export const latencyCommands: readonly CommandDeclaration[] = [
  {
    name: 'LATENCY',
    summary: 'A container for latency diagnostics commands.',
    since: '2.8.13',
    group: 'server',
    flags: [],
    subcommands: [
      subcommand('LATEST', 'Returns the latest latency samples for all events.', latest, {
        requestPolicy: 'all_nodes',
        responsePolicy: 'special',
      }),
      subcommand('HISTORY', 'Returns timestamp-latency samples for an event.', history, {
        arguments: [string('event')],
        requestPolicy: 'all_nodes',
        responsePolicy: 'special',
      }),
      subcommand('RESET', 'Resets the latency data for one or more events.', reset, {
        arguments: [optional(many(string('event')))],
        requestPolicy: 'all_nodes',
        responsePolicy: 'agg_sum',
      }),
      subcommand('GRAPH', 'Returns a latency graph for an event.', graph, {
        arguments: [string('event')],
        requestPolicy: 'all_nodes',
        responsePolicy: 'special',
      }),
      subcommand('DOCTOR', 'Returns a human-readable latency analysis report.', doctor, {
        requestPolicy: 'all_nodes',
        responsePolicy: 'special',
      }),
      subcommand(
        'HISTOGRAM',
        'Returns the cumulative distribution of latencies of a subset or all commands.',
        histogram,
        {
          since: '7.0.0',
          arguments: [optional(many(string('command')))],
          requestPolicy: 'all_nodes',
          responsePolicy: 'special',
        },
      ),
    ],
  },
];
