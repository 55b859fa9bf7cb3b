/** Replies as text: by type, as redis-cli prints them on a terminal, or as bare values for programs. */
import type { ChalkInstance } from 'chalk';
import type { Reply } from '../resp/reply.js';
import { displayWidth, padToWidth } from './display-width.js';
import { quote, withoutControls } from './quoting.js';

/** Node names stand in a column of their own, but not further right than this. */
const NODE_COLUMN_MAX = 60;
const NODE_COLUMN_GAP = 6;

type Aggregate = Extract<Reply, { type: 'array' | 'set' | 'push' | 'map' }>;

const EMPTY: Readonly<Record<Aggregate['type'], string>> = {
  array: '(empty array)',
  map: '(empty hash)',
  set: '(empty set)',
  push: '(empty push)',
};

const INDEX_MARK: Readonly<Record<Aggregate['type'], string>> = { array: ')', push: ')', map: '#', set: '~' };

export interface RenderOptions {
  readonly chalk: ChalkInstance;
  /** The node that answered each item of a list (a split read): shown beside the items, dimmed. */
  readonly itemNodes?: readonly string[] | undefined;
  /** Bulk strings are shown as they are: for INFO and its like, whose text has lines of its own. */
  readonly isRaw?: boolean | undefined;
}

/** A reply as redis-cli formats it on a terminal, without a line end behind the last line. */
export function renderReply(reply: Reply, options: RenderOptions): string {
  if (options.isRaw === true && (reply.type === 'bulk' || reply.type === 'verbatim')) return rawText(reply.value);
  if (reply.type === 'array' && reply.items.length > 0 && options.itemNodes?.length === reply.items.length) {
    return withItemNodes(reply.items, options.itemNodes, options.chalk);
  }
  return format(reply, '', options.chalk);
}

function format(reply: Reply, prefix: string, chalk: ChalkInstance): string {
  switch (reply.type) {
    case 'array':
    case 'set':
    case 'push':
    case 'map':
      return formatAggregate(reply, prefix, chalk);
    default:
      return formatScalar(reply, chalk);
  }
}

function formatScalar(reply: Exclude<Reply, Aggregate>, chalk: ChalkInstance): string {
  switch (reply.type) {
    case 'simple':
      return withoutControls(reply.value);
    case 'error':
      return chalk.red(`(error) ${withoutControls(reply.value)}`);
    case 'integer':
      return `(integer) ${String(reply.value)}`;
    case 'bignumber':
      return `(big number) ${String(reply.value)}`;
    case 'bulk':
      return quote(reply.value);
    case 'null':
      return chalk.dim('(nil)');
    case 'double':
      return `(double) ${doubleText(reply.value)}`;
    case 'boolean':
      return reply.value ? '(true)' : '(false)';
    case 'verbatim':
      return rawText(reply.value);
  }
}

/** The first item follows its parent's index on the same line; the others are indented by what stands before it. */
function formatAggregate(reply: Aggregate, prefix: string, chalk: ChalkInstance): string {
  const count = reply.type === 'map' ? reply.entries.length : reply.items.length;
  if (count === 0) return EMPTY[reply.type];
  const indexWidth = String(count).length;
  const inner = prefix + ' '.repeat(indexWidth + 2);
  const lines: string[] = [];
  for (let index = 0; index < count; index++) {
    const label = `${String(index + 1).padStart(indexWidth)}${INDEX_MARK[reply.type]} `;
    const body =
      reply.type === 'map' ? formatEntry(reply.entries[index], inner, chalk) : format(reply.items[index], inner, chalk);
    lines.push((index === 0 ? '' : prefix) + label + body);
  }
  return lines.join('\n');
}

/** `key => value`; a value of several lines begins on a line of its own. */
function formatEntry([key, value]: readonly [Reply, Reply], prefix: string, chalk: ChalkInstance): string {
  const own = format(value, prefix, chalk);
  const text = value.type === 'verbatim' ? own.replaceAll('\n', `\n${prefix}`) : own;
  return `${format(key, prefix, chalk)} => ${text.includes('\n') ? `\n${prefix}` : ''}${text}`;
}

function withItemNodes(items: readonly Reply[], nodes: readonly string[], chalk: ChalkInstance): string {
  const text = format({ type: 'array', items }, '', chalk);
  const lines = text.split('\n');
  if (lines.length !== items.length) return text;
  const column = Math.min(NODE_COLUMN_MAX, Math.max(...lines.map(displayWidth)));
  return lines
    .map((line, index) => `${padToWidth(line, column + NODE_COLUMN_GAP)}${chalk.dim(nodes[index])}`)
    .join('\n');
}

/** A double as redis-cli with RESP3 writes it: `inf`, `-inf`, `nan`, otherwise the shortest text that reads back the same. */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return String(value);
}

function rawText(value: Buffer): string {
  return withoutControls(value.toString('utf8').replaceAll('\r\n', '\n')).replace(/\n$/, '');
}
