/** Replies as JSON values. */
import type { Reply } from '../resp/reply.js';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * A reply as a JSON value. Bulk strings become strings, or `{"base64": "..."}` when their bytes are not UTF-8; integers
 * beyond 2^53 become strings of digits; maps become objects, or lists of pairs when a key is not text.
 */
export function replyJson(reply: Reply): unknown {
  switch (reply.type) {
    case 'null':
      return null;
    case 'error':
      return { error: reply.value };
    case 'bulk':
    case 'verbatim':
      return bytesJson(reply.value);
    case 'integer':
    case 'bignumber':
      return integerJson(reply.value);
    case 'double':
      return Number.isFinite(reply.value) ? reply.value : String(reply.value);
    case 'array':
    case 'set':
    case 'push':
      return reply.items.map(replyJson);
    case 'map':
      return mapJson(reply.entries);
    case 'simple':
    case 'boolean':
      return reply.value;
  }
}

/** Text where the bytes are UTF-8, `{"base64": "..."}` where not. */
export function bytesJson(bytes: Uint8Array): string | { base64: string } {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return { base64: Buffer.from(bytes).toString('base64') };
    throw error;
  }
}

function integerJson(value: number | bigint): number | string {
  if (typeof value === 'number') return value;
  const isSafe = value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
  return isSafe ? Number(value) : String(value);
}

function mapJson(entries: readonly (readonly [Reply, Reply])[]): unknown {
  const pairs = entries.map(([key, value]) => [replyJson(key), replyJson(value)] as const);
  const isPlain = pairs.every(([key]) => typeof key === 'string' || typeof key === 'number');
  return isPlain ? Object.fromEntries(pairs.map(([key, value]) => [String(key), value])) : pairs;
}

/** The text of a string reply; other scalars as they print. Throws TypeError for a list or map. */
export function replyText(reply: Reply): string {
  switch (reply.type) {
    case 'bulk':
    case 'verbatim':
      return reply.value.toString('utf8');
    case 'null':
      return '';
    case 'array':
    case 'set':
    case 'push':
    case 'map':
      throw new TypeError(`expected a string reply, got ${reply.type}`);
    default:
      return String(reply.value);
  }
}
