/** Runs a script that uses the library in a process of its own, as a test runner would be one. */
import { spawn, type ChildProcess } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';

const TIMEOUT_MS = 40_000;
const library = new URL('../../src/library/index.ts', import.meta.url).href;

export interface ScriptResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `LIBRARY` in the source stands for the library, from source. */
export function startScript(source: string, env: Readonly<Record<string, string>> = {}): ChildProcess {
  const code = source.replaceAll('LIBRARY', library);
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', code], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
}

/** To its end. */
export async function runScript(source: string, env: Readonly<Record<string, string>> = {}): Promise<ScriptResult> {
  const child = startScript(source, env);
  const exited = once(child, 'exit') as Promise<[number | null]>;
  if (child.stdout === null || child.stderr === null) throw new Error('the script has no output');
  const [stdout, stderr, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { exitCode, stdout, stderr };
}
