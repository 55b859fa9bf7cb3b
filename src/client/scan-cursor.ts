/**
 * SCAN over a whole cluster: one decimal cursor that says which shard is being scanned, and where in it.
 *
 *   cluster cursor = node cursor * 16384 + shard index
 *
 * The shard index counts the masters by their lowest slot (there cannot be more masters than slots), so that a replica
 * that takes over its master's slots takes over its place. "0" begins the first shard at its beginning, and comes back
 * when the last one is done; a shard that is done hands over to the next as (node cursor 0, index + 1), which is not 0.
 * The cursor may exceed 64 bits: it is for this client only and is never sent to a server.
 */
import type { Reply } from '../resp/reply.js';
import { SLOT_COUNT } from '../topology/topology.js';
import { readItems, readText } from './reply-fields.js';

const SHARD_FACTOR = BigInt(SLOT_COUNT);

export interface ScanPosition {
  readonly shardIndex: number;
  /** The shard's own cursor, decimal. */
  readonly nodeCursor: string;
}

/** Undefined for what is not a cursor of this scheme over so many shards. */
export function parseScanCursor(text: string, shardCount: number): ScanPosition | undefined {
  if (!/^\d{1,30}$/.test(text)) return undefined;
  const cursor = BigInt(text);
  const shardIndex = Number(cursor % SHARD_FACTOR);
  return shardIndex < shardCount ? { shardIndex, nodeCursor: (cursor / SHARD_FACTOR).toString() } : undefined;
}

/** The cursor of the next page, after the shard at `shardIndex` answered with `nodeCursor`. */
export function nextScanCursor(shardIndex: number, nodeCursor: string, shardCount: number): string {
  const own = BigInt(nodeCursor);
  if (own !== 0n) return (own * SHARD_FACTOR + BigInt(shardIndex)).toString();
  return shardIndex + 1 < shardCount ? String(shardIndex + 1) : '0';
}

/** A shard's reply to SCAN with the cluster's cursor in place of its own. Throws UNEXPECTED_REPLY. */
export function withClusterCursor(reply: Reply, shardIndex: number, shardCount: number): Reply {
  if (reply.type === 'error') return reply;
  const [cursor, keys] = readItems(reply);
  const value = Buffer.from(nextScanCursor(shardIndex, readText(cursor), shardCount));
  return { type: 'array', items: [{ type: 'bulk', value }, keys] };
}
