/** Compares what two servers answered to the same script. */
import { splitAggregate } from '../support/reply-frames.js';
import type { Exchange } from './player.js';
import type { Comparison, Step } from './script.js';

export interface Difference {
  readonly line: number;
  readonly text: string;
  readonly expected: string;
  readonly actual: string;
}

const SHOWN_BYTES_MAX = 300;

/** Both lists come from the same script, step by step. */
export function differences(expected: readonly Exchange[], actual: readonly Exchange[]): Difference[] {
  const found: Difference[] = [];
  expected.forEach(({ step, replies }, index) => {
    const other = actual[index].replies;
    if (!same(comparisonOf(step), replies, other)) {
      found.push({ line: step.line, text: step.text, expected: show(replies), actual: show(other) });
    }
  });
  return found;
}

export function describeDifferences(script: string, found: readonly Difference[]): string {
  const lines = found.map(
    ({ line, text, expected, actual }) =>
      `${script}:${line}  ${text}\n    redis    ${expected}\n    rednode  ${actual}`,
  );
  return `${found.length} replies differ\n${lines.join('\n')}`;
}

function comparisonOf(step: Step): Comparison {
  return step.kind === 'command' || step.kind === 'receive' ? step.comparison : { kind: 'exact' };
}

function same(comparison: Comparison, expected: readonly Buffer[], actual: readonly Buffer[]): boolean {
  if (expected.length !== actual.length) return false;
  return expected.every((reply, index) => {
    const other = actual[index];
    return comparison.kind === 'within'
      ? areWithin(comparison.tolerance, reply, other)
      : comparable(comparison, reply) === comparable(comparison, other);
  });
}

function areWithin(tolerance: number, expected: Buffer, actual: Buffer): boolean {
  const numbers = [expected, actual].map((reply) => /^:(-?\d+)\r\n$/.exec(reply.toString('latin1'))?.[1]);
  if (numbers.includes(undefined)) return expected.equals(actual);
  const [left, right] = numbers.map(Number);
  // -1 and -2 mean "no deadline" and "no key", which are not near to any number of seconds.
  return left < 0 || right < 0 ? left === right : Math.abs(left - right) <= tolerance;
}

/** The part of a reply that has to be the same, as text. */
function comparable(comparison: Exclude<Comparison, { kind: 'within' }>, reply: Buffer): string {
  switch (comparison.kind) {
    case 'exact':
      return reply.toString('latin1');
    case 'unordered':
      return sorted(reply);
    case 'shape':
      return shape(reply);
    case 'fields':
      return fields(reply, comparison.names);
  }
}

/** Sorts lists that hold no lists: the keys in a SCAN's answer, not its cursor and its keys. */
function sorted(reply: Buffer): string {
  const aggregate = splitAggregate(reply);
  if (aggregate === undefined) return reply.toString('latin1');
  const items = aggregate.items.map(sorted);
  const isFlat = aggregate.items.every((item) => splitAggregate(item) === undefined);
  return aggregate.header + (isFlat ? items.sort() : items).join('');
}

function shape(reply: Buffer): string {
  const aggregate = splitAggregate(reply);
  if (aggregate !== undefined) return aggregate.header + aggregate.items.map(shape).join('');
  const type = reply.toString('latin1', 0, 1);
  if (type !== '$' && type !== '=') return reply.toString('latin1').replace(/\d+/g, '0');
  const body = reply.toString('latin1').replace(/^[^\n]*\n/, '');
  const open = body.replace(/=[^ \r\n]*/g, '=').replace(/\d+/g, '0');
  // CLIENT LIST has a line per connection, and how many there are is not the script's business.
  return type + [...new Set(open.split('\n'))].join('\n');
}

function fields(reply: Buffer, names: readonly string[]): string {
  const aggregate = splitAggregate(reply);
  if (aggregate === undefined) return reply.toString('latin1');
  const { header, items } = aggregate;
  const chosen: string[] = [];
  for (let index = 0; index + 1 < items.length; index += 2) {
    const name = items[index].toString('latin1').split('\r\n')[1];
    // Redis and RedNode each have their own name.
    if (names.includes(name)) chosen.push(`${name}=${name === 'server' ? '' : items[index + 1].toString('latin1')}`);
  }
  return header.slice(0, 1) + chosen.join();
}

function show(replies: readonly Buffer[]): string {
  return replies
    .map((reply) => JSON.stringify(reply.toString('latin1')))
    .map((text) => (text.length > SHOWN_BYTES_MAX ? `${text.slice(0, SHOWN_BYTES_MAX)}... (${text.length})` : text))
    .join(' ');
}
