/** Whether bytes are well-formed RESP, type by type and digit by digit; test/support/reply-frames.ts only looks for the end. */

export class NotRespError extends Error {}

const NULLABLE = new Set(['$', '*']);
const LINES = new Map<string, RegExp>([
  ['+', /^[^\r\n]*$/],
  ['-', /^[A-Z][^\r\n]*$/s],
  [':', /^-?(?:0|[1-9]\d*)$/],
  ['_', /^$/],
  [',', /^(?:-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|-?inf|nan)$/],
  ['#', /^[tf]$/],
  ['(', /^-?\d+$/],
]);
const ITEMS_PER_COUNT = new Map([
  ['*', 1],
  ['~', 1],
  ['>', 1],
  ['%', 2],
]);
const DEPTH_MAX = 16;

/**
 * Where the reply that begins at `start` ends, or undefined while it is incomplete.
 * @throws NotRespError
 */
function wellFormedEnd(bytes: Buffer, start: number, depth = 0): number | undefined {
  if (depth > DEPTH_MAX) throw new NotRespError('nested too deeply');
  const lineEnd = bytes.indexOf('\r\n', start, 'latin1');
  if (lineEnd === -1) return undefined;
  const type = String.fromCharCode(bytes[start]);
  const line = bytes.toString('latin1', start + 1, lineEnd);
  const next = lineEnd + 2;
  const rule = LINES.get(type);
  if (rule !== undefined) {
    if (!rule.test(line)) throw new NotRespError(`bad line ${JSON.stringify(type + line)}`);
    return next;
  }
  const isNull = line === '-1' && NULLABLE.has(type);
  if (!isNull && !/^(?:0|[1-9]\d*)$/.test(line))
    throw new NotRespError(`bad header ${JSON.stringify(type + line).slice(0, 80)}`);
  if (isNull) return next;
  if (type === '$' || type === '=') return payloadEnd(bytes, next, Number(line));
  const perCount = ITEMS_PER_COUNT.get(type);
  if (perCount === undefined) throw new NotRespError(`unknown type ${JSON.stringify(type)}`);
  let position: number | undefined = next;
  for (let left = Number(line) * perCount; left > 0 && position !== undefined; left--) {
    position = wellFormedEnd(bytes, position, depth + 1);
  }
  return position;
}

function payloadEnd(bytes: Buffer, start: number, length: number): number | undefined {
  const end = start + length + 2;
  if (end > bytes.length) return undefined;
  if (bytes.toString('latin1', end - 2, end) !== '\r\n') throw new NotRespError('a bulk string does not end in CR LF');
  return end;
}

/** All replies in a stream; the last one may be cut off. */
export function wellFormedReplies(bytes: Buffer): Buffer[] {
  const replies: Buffer[] = [];
  let position = 0;
  while (position < bytes.length) {
    const end = wellFormedEnd(bytes, position);
    if (end === undefined) break;
    replies.push(bytes.subarray(position, end));
    position = end;
  }
  return replies;
}
