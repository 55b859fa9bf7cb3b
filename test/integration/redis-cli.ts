/** Runs the real redis-cli against a server, as a person would. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const TIMEOUT_MS = 10_000;

/** Standard output of one run, without the line end. Replies are printed raw, since the output is no terminal. */
export async function redisCli(port: number, words: readonly string[]): Promise<string> {
  const run = promisify(execFile)('redis-cli', ['-p', String(port), ...words], { timeout: TIMEOUT_MS });
  const { stdout } = await run;
  return withoutLineEnd(stdout);
}

/** The same with `text` on standard input: a command per line. */
export async function redisCliReading(port: number, text: string, options: readonly string[] = []): Promise<string[]> {
  const run = promisify(execFile)('redis-cli', ['-p', String(port), ...options], { timeout: TIMEOUT_MS });
  run.child.stdin?.end(text);
  const { stdout } = await run;
  return withoutLineEnd(stdout).split('\n');
}

/** Replies may end in spaces that belong to them. */
function withoutLineEnd(text: string): string {
  return text.replace(/\n$/, '');
}
