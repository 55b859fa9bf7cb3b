/** LCS: the longest common subsequence of two values, by the table of Wagner and Fischer as in Redis's t_string.c. */
import { parseInt64 } from '../resp/integer.js';
import type { ReplyWriter } from '../resp/reply-writer.js';
import type { Request } from '../resp/request.js';
import { integer, key, option, optional, token } from './arguments.js';
import type { CommandDeclaration } from './command.js';
import type { CommandContext } from './context.js';
import { NOT_AN_INTEGER, SYNTAX_ERROR } from './replies.js';
import { MAX_STRING_BYTES } from './string-ranges.js';

const CELL_BYTES = 4;

interface Options {
  wantsLength: boolean;
  wantsIndexes: boolean;
  withMatchLength: boolean;
  minMatchLength: number;
}

/** Undefined after an error reply. */
function parseOptions(request: Request, reply: ReplyWriter): Options | undefined {
  const options: Options = { wantsLength: false, wantsIndexes: false, withMatchLength: false, minMatchLength: 0 };
  for (let index = 3; index < request.argc; index++) {
    if (request.is(index, 'IDX')) options.wantsIndexes = true;
    else if (request.is(index, 'LEN')) options.wantsLength = true;
    else if (request.is(index, 'WITHMATCHLEN')) options.withMatchLength = true;
    else if (request.is(index, 'MINMATCHLEN') && index + 1 < request.argc) {
      const length = parseInt64(request.buffer, request.offsets[index + 1], request.lengths[index + 1]);
      if (length === undefined) {
        reply.error(NOT_AN_INTEGER);
        return undefined;
      }
      options.minMatchLength = Math.max(0, Number(length));
      index++;
    } else {
      reply.error(SYNTAX_ERROR);
      return undefined;
    }
  }
  if (!options.wantsIndexes || !options.wantsLength) return options;
  reply.error('ERR If you want both the length and indexes, please just use IDX.');
  return undefined;
}

/** Inclusive ranges of one match in both values. */
type Match = readonly [startA: number, endA: number, startB: number, endB: number];

/** Cell (i, j), at i * (|b| + 1) + j, is the length for the first i bytes of `a` and the first j of `b`. */
function lengthTable(a: Uint8Array, b: Uint8Array): Uint32Array {
  const width = b.length + 1;
  const table = new Uint32Array((a.length + 1) * width);
  for (let i = 1; i <= a.length; i++) {
    const byte = a[i - 1];
    const row = i * width;
    for (let j = 1; j <= b.length; j++) {
      const at = row + j;
      if (byte === b[j - 1]) table[at] = table[at - width - 1] + 1;
      else table[at] = Math.max(table[at - width], table[at - 1]);
    }
  }
  return table;
}

/** Walks back through the table: the common bytes, and where they lie together, the last first. */
function traceBack(a: Uint8Array, b: Uint8Array, table: Uint32Array): { common: Buffer; matches: Match[] } {
  const width = b.length + 1;
  let i = a.length;
  let j = b.length;
  let left = table[i * width + j];
  const common = Buffer.alloc(left);
  const matches: Match[] = [];
  let end: readonly [number, number] | undefined;
  const close = (): void => {
    if (end !== undefined) matches.push([i, end[0], j, end[1]]);
    end = undefined;
  };
  while (i > 0 && j > 0) {
    if (a[i - 1] === b[j - 1]) {
      common[--left] = a[i - 1];
      i--;
      j--;
      end ??= [i, j];
      if (i === 0 || j === 0) close();
      continue;
    }
    close();
    if (table[(i - 1) * width + j] > table[i * width + j - 1]) i--;
    else j--;
  }
  return { common, matches };
}

function writeMatches(matches: readonly Match[], length: number, options: Options, reply: ReplyWriter): void {
  const shown = matches.filter(([start, end]) => end - start + 1 >= options.minMatchLength);
  reply.map(2);
  reply.bulkText('matches');
  reply.array(shown.length);
  for (const [startA, endA, startB, endB] of shown) {
    reply.array(options.withMatchLength ? 3 : 2);
    reply.array(2);
    reply.integer(startA);
    reply.integer(endA);
    reply.array(2);
    reply.integer(startB);
    reply.integer(endB);
    if (options.withMatchLength) reply.integer(endA - startA + 1);
  }
  reply.bulkText('len');
  reply.integer(length);
}

function valueOf({ keyspace }: CommandContext, request: Request, index: number): Uint8Array {
  const ref = keyspace.find(request.buffer, request.offsets[index], request.lengths[index]);
  return ref === 0 ? new Uint8Array(0) : keyspace.value(ref);
}

function longestCommonSubsequence(context: CommandContext, request: Request, reply: ReplyWriter): void {
  const a = valueOf(context, request, 1);
  const b = valueOf(context, request, 2);
  const options = parseOptions(request, reply);
  if (options === undefined) return;
  if ((a.length + 1) * (b.length + 1) * CELL_BYTES > MAX_STRING_BYTES) {
    reply.error('ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len');
    return;
  }
  const table = lengthTable(a, b);
  const length = table[table.length - 1];
  if (options.wantsLength) {
    reply.integer(length);
    return;
  }
  const { common, matches } = traceBack(a, b, table);
  if (options.wantsIndexes) writeMatches(matches, length, options, reply);
  else reply.bulk(common, 0, common.length);
}

export const lcsCommands: readonly CommandDeclaration[] = [
  {
    name: 'LCS',
    summary: 'Finds the longest common substring.',
    since: '7.0.0',
    group: 'string',
    complexity: 'O(N*M) where N and M are the lengths of the two values',
    flags: ['readonly'],
    arguments: [
      key('key1'),
      key('key2'),
      optional(token('LEN')),
      optional(token('IDX')),
      optional(option('MINMATCHLEN', integer('min-match-len'))),
      optional(token('WITHMATCHLEN')),
    ],
    handler: longestCommonSubsequence,
  },
];
