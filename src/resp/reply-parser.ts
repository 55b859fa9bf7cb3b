/** The client's side of the protocol: chunks of a byte stream in, replies out. Reads RESP2 and RESP3 alike. */
import { parseInt64 } from './integer.js';
import { ReceiveBuffer } from './receive-buffer.js';
import type { Reply } from './reply.js';
import { parseBigNumber, parseBoolean, parseDouble, parseInteger, protocolError } from './reply-values.js';

const MAX_DEPTH = 128;
/** Longest line; far above any error text or number that a server sends. */
const MAX_LINE_BYTES = 1024 * 1024;
/** Longest bulk string, as in Redis's proto-max-bulk-len. */
const MAX_BULK_BYTES = 512 * 1024 * 1024;
/** Most elements of an aggregate. */
const MAX_ELEMENTS = 0x7fff_ffff;
/** `txt:` in front of verbatim text. */
const VERBATIM_PREFIX_BYTES = 4;

const CR = 0x0d;
const LF = 0x0a;
const COLON = 0x3a;
const NULL_LENGTH = -1;

type AggregateKind = 'array' | 'set' | 'push' | 'map' | 'attribute';
type BulkKind = 'bulk' | 'error' | 'verbatim';

/** By the first byte of their header. */
const aggregateKinds = kindsByMarker<AggregateKind>({
  '*': 'array',
  '~': 'set',
  '>': 'push',
  '%': 'map',
  '|': 'attribute',
});
const bulkKinds = kindsByMarker<BulkKind>({ $: 'bulk', '!': 'error', '=': 'verbatim' });

/** An aggregate whose elements are still arriving; those of a map and of attributes are keys and values in turn. */
interface OpenAggregate {
  readonly kind: AggregateKind;
  readonly items: Reply[];
  missing: number;
}

interface PendingBulk {
  readonly kind: BulkKind;
  readonly length: number;
}

/**
 * Parses what a server sends. A reply may arrive in any number of pieces: parsing resumes where it stopped, in any
 * depth. Values are copies, and what is left of a chunk is copied out once `next` has answered undefined.
 */
export class ReplyParser {
  /** Its window begins with the line or bulk that comes next. */
  private readonly input = new ReceiveBuffer();
  /** Bytes of the window that are known to hold no end of line. */
  private searchedBytes = 0;
  private bulk: PendingBulk | undefined;
  private readonly open: OpenAggregate[] = [];
  private failure: Error | undefined;

  /** Takes the next chunk of the stream. */
  feed(chunk: Buffer): void {
    this.input.append(chunk, this.bulk === undefined ? 0 : this.bulk.length + 2);
  }

  /**
   * The next reply, or undefined until more is fed. Attributes are left out.
   * Throws RedNodeError PROTOCOL_ERROR when the stream is not RESP, from then on each time.
   */
  next(): Reply | undefined {
    if (this.failure !== undefined) throw this.failure;
    try {
      return this.parseReply();
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error));
      this.input.clear();
      throw error;
    }
  }

  private parseReply(): Reply | undefined {
    for (;;) {
      const element = this.bulk === undefined ? this.readLine() : this.readBulk(this.bulk);
      if (element === 'incomplete') {
        this.input.detach();
        return undefined;
      }
      const reply = element === 'opened' ? undefined : this.place(element);
      if (reply !== undefined) return reply;
    }
  }

  /** Puts an element into the aggregate that it belongs to; returns the whole reply once it is complete. */
  private place(element: Reply): Reply | undefined {
    let value = element;
    for (;;) {
      const parent = this.open.at(-1);
      if (parent === undefined) return value;
      parent.items.push(value);
      parent.missing--;
      if (parent.missing > 0) return undefined;
      this.open.pop();
      if (parent.kind === 'attribute') return undefined;
      value = aggregate(parent.kind, parent.items);
    }
  }

  /** Reads one line: a scalar, or the header of something longer, which is opened. */
  private readLine(): Reply | 'opened' | 'incomplete' {
    const end = this.findLineEnd();
    if (end === undefined) return 'incomplete';
    const { input } = this;
    const { bytes, start } = input;
    input.start = end + 2;
    const bulkKind = bulkKinds[bytes[start]];
    if (bulkKind !== undefined) return this.openBulk(bulkKind, parseCount(bytes, start + 1, end, MAX_BULK_BYTES));
    const kind = aggregateKinds[bytes[start]];
    if (kind !== undefined) return this.openAggregate(kind, parseCount(bytes, start + 1, end, MAX_ELEMENTS));
    return scalar(String.fromCharCode(bytes[start]), bytes.toString('utf8', start + 1, end));
  }

  private openBulk(kind: BulkKind, length: number): Reply | 'opened' {
    if (length === NULL_LENGTH) return { type: 'null' };
    this.bulk = { kind, length };
    return 'opened';
  }

  private openAggregate(kind: AggregateKind, count: number): Reply | 'opened' {
    if (count === NULL_LENGTH) return { type: 'null' };
    if (this.open.length >= MAX_DEPTH) throw protocolError(`aggregates nested deeper than ${String(MAX_DEPTH)}`);
    if (count === 0) return kind === 'attribute' ? 'opened' : aggregate(kind, []);
    const isPaired = kind === 'map' || kind === 'attribute';
    this.open.push({ kind, items: [], missing: isPaired ? count * 2 : count });
    return 'opened';
  }

  private readBulk({ kind, length }: PendingBulk): Reply | 'incomplete' {
    const { input } = this;
    const { bytes, start } = input;
    const end = start + length;
    if (end + 2 > input.end) return 'incomplete';
    if (bytes[end] !== CR || bytes[end + 1] !== LF) throw protocolError('no CR LF behind a bulk string');
    input.start = end + 2;
    this.bulk = undefined;
    if (kind === 'error') return { type: 'error', value: bytes.toString('utf8', start, end) };
    if (kind === 'bulk') return { type: 'bulk', value: Buffer.from(bytes.subarray(start, end)) };
    const textStart = start + VERBATIM_PREFIX_BYTES;
    if (textStart > end || bytes[textStart - 1] !== COLON) throw protocolError('verbatim text without a format');
    const format = bytes.toString('latin1', start, textStart - 1);
    return { type: 'verbatim', format, value: Buffer.from(bytes.subarray(textStart, end)) };
  }

  /** Position of the CR that ends the line at the start of the window, or undefined when it has not arrived. */
  private findLineEnd(): number | undefined {
    const { bytes, start, end } = this.input;
    let at = start + this.searchedBytes;
    while (at < end && bytes[at] !== CR) at++;
    this.searchedBytes = at - start;
    if (this.searchedBytes > MAX_LINE_BYTES) {
      throw protocolError('a line without an end', bytes.toString('latin1', start, start + MAX_LINE_BYTES));
    }
    if (at + 1 >= end) return undefined;
    if (bytes[at + 1] !== LF) throw protocolError('CR without LF', bytes.toString('latin1', start, at));
    this.searchedBytes = 0;
    return at;
  }
}

function scalar(marker: string, text: string): Reply {
  switch (marker) {
    case '+':
      return { type: 'simple', value: text };
    case '-':
      return { type: 'error', value: text };
    case ':':
      return { type: 'integer', value: parseInteger(text) };
    case ',':
      return { type: 'double', value: parseDouble(text) };
    case '#':
      return { type: 'boolean', value: parseBoolean(text) };
    case '(':
      return { type: 'bignumber', value: parseBigNumber(text) };
    case '_':
      if (text !== '') throw protocolError('a null with content', text);
      return { type: 'null' };
    default:
      throw protocolError('unknown type', marker + text);
  }
}

function aggregate(kind: Exclude<AggregateKind, 'attribute'>, items: readonly Reply[]): Reply {
  if (kind !== 'map') return { type: kind, items };
  const entries: (readonly [Reply, Reply])[] = [];
  for (let index = 0; index < items.length; index += 2) entries.push([items[index], items[index + 1]]);
  return { type: 'map', entries };
}

/** The length or number of elements in `[start, end)`: 0 to `most`, or NULL_LENGTH for RESP2's nulls. */
function parseCount(bytes: Buffer, start: number, end: number, most: number): number {
  const count = parseInt64(bytes, start, end - start);
  if (typeof count === 'number' && count >= NULL_LENGTH && count <= most) return count;
  throw protocolError('invalid length', bytes.toString('latin1', start, end));
}

function kindsByMarker<Kind>(markers: Readonly<Record<string, Kind>>): readonly (Kind | undefined)[] {
  const kinds = new Array<Kind | undefined>(256).fill(undefined);
  for (const [marker, kind] of Object.entries(markers)) kinds[marker.charCodeAt(0)] = kind;
  return kinds;
}
