/** MEMORY: what keys and the node as a whole take. */
import { parseInt64 } from '../resp/integer.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { integer, key, option, optional } from './arguments.js';
import type { CommandDeclaration } from './command.js';
import type { CommandContext } from './context.js';
import { NOT_AN_INTEGER, SYNTAX_ERROR } from './replies.js';

const MIB = 1024 * 1024;
/** Below this much data, shares and ratios say nothing. */
const SMALL_BYTES = 5 * MIB;
const HIGH_FRAGMENTATION = 1.5;

/** Whether the options are acceptable; they change nothing, since a string is measured whole. */
function acceptsSamples(request: Request, reply: ReplyWriter): boolean {
  if (request.argc === 3) return true;
  if (request.argc !== 5 || !request.is(3, 'SAMPLES')) {
    reply.error(SYNTAX_ERROR);
    return false;
  }
  const samples = parseInt64(request.buffer, request.offsets[4], request.lengths[4]);
  if (samples !== undefined && samples >= 0) return true;
  reply.error(samples === undefined ? NOT_AN_INTEGER : SYNTAX_ERROR);
  return false;
}

function usage({ keyspace }: CommandContext, request: Request, reply: ReplyWriter): void {
  if (!acceptsSamples(request, reply)) return;
  const ref = keyspace.findForWrite(request.buffer, request.offsets[2], request.lengths[2]);
  if (ref === 0) reply.nullBulk();
  else reply.integer(keyspace.memoryUsage(ref));
}

function stats({ node }: CommandContext, _request: Request, reply: ReplyWriter): void {
  const figures = node.memory();
  const rows: readonly (readonly [string, number])[] = [
    ['peak.allocated', figures.peakBytes],
    ['total.allocated', figures.usedBytes],
    ['startup.allocated', figures.startupBytes],
    ['replication.backlog', figures.backlogBytes],
    ['clients.normal', figures.clientBytes],
    ['overhead.total', figures.usedBytes - figures.dataBytes],
    ['keys.count', figures.keys],
    ['keys.bytes-per-key', figures.keys === 0 ? 0 : Math.round(figures.dataBytes / figures.keys)],
    ['dataset.bytes', figures.dataBytes],
  ];
  const ratios: readonly (readonly [string, number])[] = [
    ['dataset.percentage', (figures.dataBytes * 100) / figures.usedBytes],
    ['peak.percentage', (figures.usedBytes * 100) / figures.peakBytes],
    ['fragmentation', figures.residentBytes / figures.usedBytes],
  ];
  reply.map(rows.length + ratios.length + 1);
  for (const [name, value] of rows) {
    reply.bulkText(name);
    reply.integer(value);
  }
  for (const [name, value] of ratios) {
    reply.bulkText(name);
    reply.double(value);
  }
  reply.bulkText('fragmentation.bytes');
  reply.integer(figures.residentBytes - figures.usedBytes);
}

function doctor({ node }: CommandContext, _request: Request, reply: ReplyWriter): void {
  const { usedBytes, dataBytes, residentBytes, peakBytes } = node.memory();
  if (dataBytes < SMALL_BYTES) {
    reply.verbatim('txt', 'There is too little data (less than 5 MiB) to say anything about its memory.\n');
    return;
  }
  const findings: string[] = [];
  const ratio = residentBytes / usedBytes;
  if (ratio > HIGH_FRAGMENTATION) {
    findings.push(
      `The process holds ${ratio.toFixed(2)} times what is in use: pages are free, or were in use at the peak.`,
    );
  }
  if (peakBytes > usedBytes * HIGH_FRAGMENTATION) {
    findings.push(`Memory in use was ${(peakBytes / usedBytes).toFixed(2)} times as much at its peak.`);
  }
  reply.verbatim('txt', `${(findings.length === 0 ? ['Nothing is unusual.'] : findings).join('\n')}\n`);
}

function mallocStats({ node }: CommandContext, _request: Request, reply: ReplyWriter): void {
  const { dataBytes, heapBytes, bufferBytes, residentBytes } = node.memory();
  const lines = [
    `data in the arena and its tables: ${dataBytes} bytes`,
    `heap of the runtime: ${heapBytes} bytes`,
    `array buffers, those of the data included: ${bufferBytes} bytes`,
    `resident: ${residentBytes} bytes`,
  ];
  reply.verbatim('txt', `${lines.join('\n')}\n`);
}

export const memoryCommands: readonly CommandDeclaration[] = [
  {
    name: 'MEMORY',
    summary: 'A container for memory diagnostics commands.',
    since: '4.0.0',
    group: 'server',
    flags: [],
    subcommands: [
      {
        name: 'USAGE',
        summary: 'Estimates the memory usage of a key.',
        since: '4.0.0',
        group: 'server',
        complexity: 'O(1)',
        flags: ['readonly'],
        arguments: [key(), optional(option('SAMPLES', integer('count')))],
        handler: usage,
      },
      {
        name: 'STATS',
        summary: 'Returns details about memory usage.',
        since: '4.0.0',
        group: 'server',
        complexity: 'O(1)',
        flags: ['admin'],
        requestPolicy: 'all_nodes',
        responsePolicy: 'special',
        handler: stats,
      },
      {
        name: 'DOCTOR',
        summary: 'Outputs a memory problems report.',
        since: '4.0.0',
        group: 'server',
        complexity: 'O(1)',
        flags: ['admin'],
        requestPolicy: 'all_nodes',
        responsePolicy: 'special',
        handler: doctor,
      },
      {
        name: 'MALLOC-STATS',
        summary: 'Returns where the memory of the process is.',
        since: '4.0.0',
        group: 'server',
        complexity: 'O(1)',
        flags: ['admin'],
        requestPolicy: 'all_nodes',
        responsePolicy: 'special',
        handler: mallocStats,
      },
      {
        name: 'PURGE',
        summary: 'Accepted for compatibility: free chunks are given back by themselves.',
        since: '4.0.0',
        group: 'server',
        complexity: 'O(1)',
        flags: ['admin'],
        requestPolicy: 'all_nodes',
        responsePolicy: 'all_succeeded',
        handler: (_context, _request, reply) => {
          reply.ok();
        },
      },
    ],
  },
];
