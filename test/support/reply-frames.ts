/** Finds where a RESP reply ends. It stands apart from src/resp on purpose: a test must not trust what it tests. */

const CR = 0x0d;
const AGGREGATES = '*~>%|';

/** Offset after the reply that begins at `start`, or undefined while it is incomplete. Throws on what is not RESP. */
export function replyEnd(bytes: Buffer, start: number): number | undefined {
  const lineEnd = bytes.indexOf(CR, start);
  if (lineEnd === -1 || lineEnd + 2 > bytes.length) return undefined;
  const type = String.fromCharCode(bytes[start]);
  const header = bytes.toString('latin1', start + 1, lineEnd);
  const next = lineEnd + 2;
  if ('+-:_,#('.includes(type)) return next;
  const count = Number(header);
  if (!Number.isInteger(count)) throw new Error(`not a reply: ${JSON.stringify(type + header)}`);
  if ('$=!'.includes(type)) return bulkEnd(bytes, next, count);
  if (AGGREGATES.includes(type)) return itemsEnd(bytes, next, itemCount(type, count));
  throw new Error(`not a reply: ${JSON.stringify(type + header)}`);
}

function bulkEnd(bytes: Buffer, start: number, length: number): number | undefined {
  if (length < 0) return start;
  const end = start + length + 2;
  return end <= bytes.length ? end : undefined;
}

/** An attribute (`|`) is followed by the reply that it describes. */
function itemCount(type: string, count: number): number {
  if (type === '%') return count * 2;
  return type === '|' ? count * 2 + 1 : count;
}

function itemsEnd(bytes: Buffer, start: number, count: number): number | undefined {
  let position = start;
  for (let index = 0; index < count; index++) {
    const end = replyEnd(bytes, position);
    if (end === undefined) return undefined;
    position = end;
  }
  return position;
}

/** The header line of an aggregate and the bytes of each item of it; undefined for any other reply. Nulls have no items. */
export function splitAggregate(frame: Buffer): { header: string; items: Buffer[] } | undefined {
  const type = String.fromCharCode(frame[0]);
  const lineEnd = frame.indexOf(CR);
  if (!AGGREGATES.includes(type) || lineEnd === -1) return undefined;
  const count = itemCount(type, Number(frame.toString('latin1', 1, lineEnd)));
  const items: Buffer[] = [];
  let position = lineEnd + 2;
  for (let index = 0; index < count; index++) {
    const end = replyEnd(frame, position);
    if (end === undefined) throw new Error(`an incomplete reply: ${JSON.stringify(frame.toString('latin1'))}`);
    items.push(frame.subarray(position, end));
    position = end;
  }
  return { header: frame.toString('latin1', 0, lineEnd + 2), items };
}
