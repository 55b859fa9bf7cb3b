/** Takes secrets out of a line before it is kept: passwords, tokens, URLs that carry them. */
import type { CommandSource } from './command-source.js';
import { quoteIfNeeded } from './quoting.js';
import { findShellWord } from './shell-words.js';
import { scan } from './tokenizer.js';

const REDACTED = '(redacted)';

/** `scheme://user:password@`: the password is what stands between the colon and the last `@` of the word. */
const URL_PASSWORD = /([a-z][a-z0-9+.-]*:\/\/[^\s:@/]*:)[^\s]*@/i;
/** Tenant tokens as `TENANT CREATE` prints them. */
const TENANT_TOKEN = /rn_\S+_[A-Za-z0-9_-]{16,}/;
const SECRET_SETTING = /^(requirepass|masterauth|admin-password|tls-key-file-pass|tls-client-key-file-pass)$/i;
/** Words in front of a secret, in any command. */
const SECRET_OPTION = /^(auth2?|token|password|admin-password)$/i;
/** Commands whose arguments can hold secrets in forms that are not looked into: kept out as a whole. */
const OPAQUE_COMMANDS: ReadonlySet<string> = new Set(['ACL', 'MIGRATE']);

/** The line with its secrets replaced by `(redacted)`; unchanged, to the byte, when it has none. */
export function redact(line: string, table: CommandSource): string {
  const words = scan(line).tokens.map((token) => token.bytes);
  const secretIndex = firstSecret(
    words.map((word) => word.toString()),
    table,
  );
  if (secretIndex === undefined && !words.some(holdsSecret)) return line;
  const kept = secretIndex === undefined ? words : words.slice(0, secretIndex);
  const shown = kept.map((word) => (holdsSecret(word) ? redactWord(word) : quoteIfNeeded(word)));
  return [...shown, ...(secretIndex === undefined ? [] : [REDACTED])].join(' ');
}

/** Index of the first word that is a secret by its place; everything from there on is left out. */
function firstSecret(words: readonly string[], table: CommandSource): number | undefined {
  const offset = findShellWord(words[0] ?? '')?.takes === 'command' ? 1 : 0;
  const call = words.slice(offset);
  const index = secretInCommand(call, table);
  return index === undefined || index >= call.length ? undefined : index + offset;
}

function secretInCommand(call: readonly string[], table: CommandSource): number | undefined {
  const name = (call[0] ?? '').toUpperCase();
  if (OPAQUE_COMMANDS.has(name)) return 1;
  const places = [table.find(call)?.secretFrom, name === 'AUTH' ? 1 : undefined, afterSecretWord(call, name)];
  const known = places.filter((place) => place !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** Data commands may have a key called `token`; only the commands that take such options are searched for them. */
function afterSecretWord(call: readonly string[], name: string): number | undefined {
  const pattern = name === 'CONFIG' ? SECRET_SETTING : SECRET_OPTION;
  if (name !== 'CONFIG' && name !== 'HELLO' && name !== 'TENANT') return undefined;
  const index = call.findIndex((word, position) => position > 0 && pattern.test(word));
  return index < 0 ? undefined : index + 1;
}

function holdsSecret(word: Buffer): boolean {
  const text = word.toString();
  return URL_PASSWORD.test(text) || TENANT_TOKEN.test(text);
}

function redactWord(word: Buffer): string {
  return word.toString().replace(URL_PASSWORD, `$1${REDACTED}@`).replace(TENANT_TOKEN, REDACTED);
}
