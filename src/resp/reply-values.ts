/** The text of RESP's scalar replies as values, and the error for text that is none. */
import { ExitCode, RedNodeError } from '../errors.js';

const MOST_SHOWN_CHARACTERS = 40;

/** What a server sent that is not RESP. */
export function protocolError(problem: string, found?: string): RedNodeError {
  const context = found === undefined ? {} : { received: JSON.stringify(found.slice(0, MOST_SHOWN_CHARACTERS)) };
  return new RedNodeError('PROTOCOL_ERROR', `the reply is not valid RESP: ${problem}`, ExitCode.unreachable, {
    hint: 'check that host and port are those of a RedNode or Redis server',
    context,
  });
}

/** A 64-bit integer: a number where that is exact, else a bigint. */
export function parseInteger(text: string): number | bigint {
  if (!/^[+-]?[0-9]+$/.test(text)) throw protocolError('not an integer', text);
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
  const exact = BigInt(unsigned(text));
  if (BigInt.asIntN(64, exact) !== exact) throw protocolError('an integer of more than 64 bits', text);
  return exact;
}

export function parseBigNumber(text: string): bigint {
  if (!/^[+-]?[0-9]+$/.test(text)) throw protocolError('not a big number', text);
  return BigInt(unsigned(text));
}

export function parseDouble(text: string): number {
  if (/^[+-]?inf$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (/^[+-]?nan$/i.test(text)) return NaN;
  if (!/^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?$/i.test(text)) throw protocolError('not a double', text);
  return Number(text);
}

export function parseBoolean(text: string): boolean {
  if (text !== 't' && text !== 'f') throw protocolError('not a boolean', text);
  return text === 't';
}

/** BigInt reads a minus sign but no plus sign. */
function unsigned(text: string): string {
  return text.startsWith('+') ? text.slice(1) : text;
}
