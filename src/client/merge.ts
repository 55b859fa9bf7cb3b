/** Makes one reply of those to the parts of a command, by the response policies of Redis's command tips. */
import type { ResponsePolicy } from '../command-table/command.js';
import type { Reply } from '../resp/reply.js';
import { readItems, unexpectedReply } from './reply-fields.js';
import type { ClientNode } from './types.js';

/** What one node answered. */
export interface NodeReply {
  readonly reply: Reply;
  readonly node: ClientNode;
}

/** What one node answered for some of the keys of a command; `ranks` as in SplitPart. */
export interface PartReply extends NodeReply {
  readonly ranks: readonly number[];
}

/** A merged reply and the names of the nodes behind it: of the one that failed, when it is an error. */
export interface MergedReply {
  readonly reply: Reply;
  readonly nodes: readonly string[];
  readonly itemNodes?: readonly string[];
}

/** Replies of whole nodes; of a `special` policy, what each node answered by its name. Throws UNEXPECTED_REPLY where they cannot be merged. */
export function mergeNodeReplies(policy: ResponsePolicy | undefined, parts: readonly NodeReply[]): MergedReply {
  return mergeBy(policy, parts, policy === 'special' ? byNode : concatenate);
}

/** Replies for the keys of one command; without a policy, a list with an item for each key. Throws as above. */
export function mergePartReplies(policy: ResponsePolicy | undefined, parts: readonly PartReply[]): MergedReply {
  if (policy !== undefined) return mergeBy(policy, parts, concatenate);
  const failed = firstError(parts);
  if (failed !== undefined) return failed;
  const { items, itemNodes } = orderByKey(parts);
  return { reply: { type: 'array', items }, nodes: nodeNames(parts), itemNodes };
}

function mergeBy(
  policy: ResponsePolicy | undefined,
  parts: readonly NodeReply[],
  otherwise: (parts: readonly NodeReply[]) => Reply,
): MergedReply {
  const answered = policy === 'one_succeeded' ? parts.filter(({ reply }) => reply.type !== 'error') : parts;
  const failed = answered.length === 0 ? firstError(parts) : firstError(answered);
  if (failed !== undefined) return failed;
  const reply = aggregated(policy, parts) ?? (isOneForAll(policy) ? answered[0].reply : otherwise(parts));
  return { reply, nodes: nodeNames(answered) };
}

function isOneForAll(policy: ResponsePolicy | undefined): boolean {
  return policy === 'all_succeeded' || policy === 'one_succeeded';
}

/** The parts are not one transaction: the error says which node it is from, since the others did their share. */
function firstError(parts: readonly NodeReply[]): MergedReply | undefined {
  const part = parts.find(({ reply }) => reply.type === 'error');
  if (part?.reply.type !== 'error') return undefined;
  const isShared = new Set(nodeNames(parts)).size > 1;
  const value = isShared ? `${part.reply.value} (from node ${part.node.name})` : part.reply.value;
  return { reply: { type: 'error', value }, nodes: [part.node.name] };
}

/** Names without repetition, in the order of the parts. */
function nodeNames(parts: readonly NodeReply[]): string[] {
  return [...new Set(parts.map(({ node }) => node.name))];
}

function orderByKey(parts: readonly PartReply[]): { items: Reply[]; itemNodes: string[] } {
  const items: Reply[] = [];
  const itemNodes: string[] = [];
  for (const { reply, ranks, node } of parts) {
    const partItems = readItems(reply);
    if (partItems.length !== ranks.length) throw unexpectedReply(`an array of ${ranks.length}`, reply);
    ranks.forEach((rank, index) => {
      items[rank] = partItems[index];
      itemNodes[rank] = node.name;
    });
  }
  return { items, itemNodes };
}

function concatenate(parts: readonly NodeReply[]): Reply {
  const isSet = parts.every(({ reply }) => reply.type === 'set');
  return { type: isSet ? 'set' : 'array', items: parts.flatMap(({ reply }) => readItems(reply)) };
}

/** What is true of one node at a time cannot be added up. */
function byNode(parts: readonly NodeReply[]): Reply {
  return {
    type: 'map',
    entries: parts.map(({ reply, node }) => [{ type: 'bulk', value: Buffer.from(node.name) }, reply]),
  };
}

/** The sum or the least of integers. */
function aggregated(policy: ResponsePolicy | undefined, parts: readonly NodeReply[]): Reply | undefined {
  if (policy !== 'agg_sum' && policy !== 'agg_min') return undefined;
  const values = parts.map(({ reply }) => {
    if (reply.type !== 'integer') throw unexpectedReply('an integer', reply);
    return BigInt(reply.value);
  });
  const isSum = policy === 'agg_sum';
  const total = values.reduce((left, right) => (isSum ? left + right : right < left ? right : left));
  const asNumber = Number(total);
  return { type: 'integer', value: Number.isSafeInteger(asNumber) ? asNumber : total };
}
