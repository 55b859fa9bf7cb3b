/** Commands over the whole cluster that need more than one reply of each shard: SCAN and RANDOMKEY. */
import type { Reply } from '../resp/reply.js';
import type { CommandRunner } from './command-runner.js';
import type { MergedReply, NodeReply } from './merge.js';
import { readInteger } from './reply-fields.js';
import { parseScanCursor, withClusterCursor } from './scan-cursor.js';
import type { ClientNode, CommandWords } from './types.js';
import { textOf } from './words.js';

/** Sends a command to the master of a shard, whoever that is by then. */
export function runOnShard(
  runner: CommandRunner,
  words: CommandWords,
  shard: ClientNode,
  isRepeatable: boolean,
): Promise<NodeReply> {
  return runner.run(words, { slot: shard.slots[0].start, isRepeatable });
}

/** One page of a SCAN over all shards; the cursor is the one of scan-cursor.ts. */
export async function scanCluster(
  runner: CommandRunner,
  words: CommandWords,
  shards: readonly ClientNode[],
): Promise<MergedReply> {
  const position = parseScanCursor(textOf(words[1]), shards.length);
  if (position === undefined) return refusedCursor;
  const { shardIndex, nodeCursor } = position;
  const nodeWords = [words[0], nodeCursor, ...words.slice(2)];
  const { reply, node } = await runOnShard(runner, nodeWords, shards[shardIndex], true);
  return { reply: withClusterCursor(reply, shardIndex, shards.length), nodes: [node.name] };
}

/** Redis's words; a cursor of a cluster that had more shards then is as unusable as one that is no number. */
const refusedCursor: MergedReply = { reply: { type: 'error', value: 'ERR invalid cursor' }, nodes: [] };

/** A key of any shard, each as likely as it has keys; `random` is uniform in [0, 1). */
export async function randomKey(
  runner: CommandRunner,
  words: CommandWords,
  shards: readonly ClientNode[],
  random: () => number,
): Promise<MergedReply> {
  const sizes = await Promise.all(shards.map((shard) => runOnShard(runner, ['DBSIZE'], shard, true)));
  const failed = sizes.find(({ reply }) => reply.type === 'error');
  if (failed !== undefined) return { reply: failed.reply, nodes: [failed.node.name] };
  const counts = sizes.map(({ reply }) => readInteger(reply));
  for (;;) {
    const index = drawIndex(counts, random());
    if (index === undefined) return { reply: nullReply, nodes: sizes.map(({ node }) => node.name) };
    const { reply, node } = await runOnShard(runner, words, shards[index], true);
    if (reply.type !== 'null') return { reply, nodes: [node.name] };
    // Its last key went away meanwhile.
    counts[index] = 0;
  }
}

const nullReply: Reply = { type: 'null' };

/** An index with probability proportional to its count; undefined when all are 0. */
export function drawIndex(counts: readonly number[], fraction: number): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  let rest = Math.floor(fraction * total);
  return counts.findIndex((count) => (rest -= count) < 0);
}
