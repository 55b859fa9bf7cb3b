/** A command as MONITOR shows it: quoted as Redis does, its secrets left out. */
import { isSecretArgument } from '../command-table/secrets.js';
import type { Command } from '../command-table/command.js';
import type { Request } from '../resp/request.js';

const REDACTED = '"(redacted)"';
const ESCAPED: Readonly<Record<number, string>> = {
  0x07: '\\a',
  0x08: '\\b',
  0x09: '\\t',
  0x0a: '\\n',
  0x0d: '\\r',
  0x22: '\\"',
  0x5c: '\\\\',
};
const FIRST_PRINTABLE = 0x20;
const LAST_PRINTABLE = 0x7e;

/** `1339518083.107412 [0 127.0.0.1:60866] "keys" "*"`. Times have milliseconds. */
export function monitorLine(timeMs: number, source: string, command: Command, request: Request): string {
  let line = `${(timeMs / 1000).toFixed(6)} [${source}]`;
  for (let index = 0; index < request.argc; index++) {
    line += ` ${isSecretArgument(command, request, index) ? REDACTED : quoted(request, index)}`;
  }
  return line;
}

function quoted({ buffer, offsets, lengths }: Request, index: number): string {
  const end = offsets[index] + lengths[index];
  let text = '"';
  for (let at = offsets[index]; at < end; at++) text += shown(buffer[at]);
  return `${text}"`;
}

function shown(byte: number): string {
  const escaped = ESCAPED[byte] as string | undefined;
  if (escaped !== undefined) return escaped;
  if (byte >= FIRST_PRINTABLE && byte <= LAST_PRINTABLE) return String.fromCharCode(byte);
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}
