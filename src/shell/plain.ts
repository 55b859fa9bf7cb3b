/** Replies as bare bytes for programs, as redis-cli writes them to a pipe: one value a line, nothing quoted. */
import type { Reply } from '../resp/reply.js';
import { doubleText } from './render.js';

const NEWLINE = Buffer.from('\n');
const BLANK = Buffer.from(' ');

/** The bytes of a reply, line end included. A null is an empty line; a map is `key value` a line. Binary values stay as they are. */
export function plainReply(reply: Reply): Buffer {
  const parts: Uint8Array[] = [];
  append(reply, parts);
  parts.push(NEWLINE);
  return Buffer.concat(parts);
}

function append(reply: Reply, parts: Uint8Array[]): void {
  switch (reply.type) {
    case 'bulk':
    case 'verbatim':
      parts.push(reply.value);
      break;
    case 'null':
      break;
    case 'array':
    case 'set':
    case 'push':
      reply.items.forEach((item, index) => {
        if (index > 0) parts.push(NEWLINE);
        append(item, parts);
      });
      break;
    case 'map':
      reply.entries.forEach(([key, value], index) => {
        if (index > 0) parts.push(NEWLINE);
        append(key, parts);
        parts.push(BLANK);
        append(value, parts);
      });
      break;
    case 'double':
      parts.push(Buffer.from(doubleText(reply.value)));
      break;
    case 'boolean':
      parts.push(Buffer.from(reply.value ? '(true)' : '(false)'));
      break;
    default:
      parts.push(Buffer.from(String(reply.value)));
  }
}
