/** What `get`, `set`, `del` and `ttl` do once their command line has been read. */
import { jsonText, writeOut } from './output.js';
import { replyJson } from './reply-json.js';
import { askOnce, integerOf, printReply, readKey } from './send-command.js';
import type { TargetFlags } from './target.js';
import { createTheme } from './theme.js';

export interface KeyFlags extends TargetFlags {
  readonly json: boolean;
}

const NO_KEY = -2;
const NO_EXPIRY = -1;

export async function getKey(key: string, flags: KeyFlags): Promise<void> {
  const reply = await readKey(flags, ['GET', key]);
  if (flags.json) await writeOut(`${jsonText(replyJson(reply))}\n`);
  else if (reply.type === 'bulk') await writeOut(Buffer.concat([reply.value, Buffer.from('\n')]));
  else await writeOut(`${dimOnTerminal('(nil)')}\n`);
}

/** `ttlMs`: undefined keeps it until it is removed. */
export async function setKey(key: string, value: string, flags: KeyFlags, ttlMs?: number): Promise<void> {
  const expiry = ttlMs === undefined ? [] : ['PX', String(ttlMs)];
  await printReply(flags.json, await askOnce(flags, ['SET', key, value, ...expiry]));
}

export async function deleteKeys(keys: readonly string[], flags: KeyFlags): Promise<void> {
  const { reply } = await askOnce(flags, ['DEL', ...keys]);
  // A number is its own JSON.
  await writeOut(`${integerOf(reply)}\n`);
}

export async function ttlOfKey(key: string, flags: KeyFlags): Promise<void> {
  const reply = await readKey(flags, ['TTL', key]);
  const seconds = integerOf(reply);
  await writeOut(`${seconds}${flags.json ? '' : dimOnTerminal(meaningOf(seconds))}\n`);
}

function meaningOf(seconds: number): string {
  if (seconds === NO_KEY) return '  no such key';
  return seconds === NO_EXPIRY ? '  does not expire' : '';
}

/** For people only: nothing where a program reads. */
function dimOnTerminal(text: string): string {
  return process.stdout.isTTY && text !== '' ? createTheme(process.stdout).dim(text) : '';
}
