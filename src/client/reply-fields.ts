/** Reads values out of replies whose shape is known, and says so when a server answers with another one. */
import { ExitCode, RedNodeError } from '../errors.js';
import type { Reply } from '../resp/reply.js';

/** A reply that is not of the shape the command promises. */
export function unexpectedReply(expected: string, reply: Reply | undefined): RedNodeError {
  const found = reply === undefined ? 'nothing' : reply.type;
  const text = reply?.type === 'error' ? ` (${reply.value})` : '';
  return new RedNodeError(
    'UNEXPECTED_REPLY',
    `expected ${expected}, the server sent ${found}${text}`,
    ExitCode.serverError,
  );
}

/** Items of an array, set or push. Throws UNEXPECTED_REPLY. */
export function readItems(reply: Reply | undefined): readonly Reply[] {
  if (reply?.type === 'array' || reply?.type === 'set' || reply?.type === 'push') return reply.items;
  throw unexpectedReply('an array', reply);
}

/** A map by its text keys: RESP3's map, or RESP2's flat array of keys and values. Throws UNEXPECTED_REPLY. */
export function readFields(reply: Reply | undefined): ReadonlyMap<string, Reply> {
  if (reply?.type === 'map') return new Map(reply.entries.map(([key, value]) => [readText(key), value]));
  const items = readItems(reply);
  const fields = new Map<string, Reply>();
  for (let i = 0; i + 1 < items.length; i += 2) fields.set(readText(items[i]), items[i + 1]);
  return fields;
}

/** Text of a bulk, simple or verbatim string. Throws UNEXPECTED_REPLY. */
export function readText(reply: Reply | undefined): string {
  if (reply?.type === 'simple') return reply.value;
  if (reply?.type === 'bulk' || reply?.type === 'verbatim') return reply.value.toString();
  throw unexpectedReply('a string', reply);
}

/** An integer, as a number. Throws UNEXPECTED_REPLY. */
export function readInteger(reply: Reply | undefined): number {
  if (reply?.type === 'integer') return Number(reply.value);
  throw unexpectedReply('an integer', reply);
}
