/** Which process listens on a port, as far as the system tells. */
import { readFile } from 'node:fs/promises';

const LOOKUP_TIMEOUT_MS = 2_000;

/** ` by pid 812 (redis-server)`, or as much of it as can be found out; an empty text when nothing can. */
export async function describePortHolder(port: number, host: string): Promise<string> {
  const pid = await pidOfPort(port, host);
  if (pid === undefined) return '';
  const name = await nameOfProcess(pid);
  return name === undefined ? ` by pid ${pid}` : ` by pid ${pid} (${name})`;
}

async function pidOfPort(port: number, host: string): Promise<number | undefined> {
  // Loaded only when something is wrong: it runs `ss`, `lsof` or `netstat`.
  const { portToPid } = await import('pid-port');
  const onHost = await firstAnswer(() => portToPid({ port, host }));
  return onHost ?? (await firstAnswer(() => portToPid({ port, host: '*' })));
}

async function nameOfProcess(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    return firstAnswer(async () => (await readFile(`/proc/${pid}/comm`, 'utf8')).trim());
  }
  if (process.platform === 'win32') return undefined;
  const { execa } = await import('execa');
  return firstAnswer(async () => {
    const { stdout } = await execa('ps', ['-p', String(pid), '-o', 'comm='], { timeout: LOOKUP_TIMEOUT_MS });
    return stdout.split('/').at(-1);
  });
}

/**
 * What is asked, or undefined when it fails or takes too long. The holder is a courtesy in an error that is
 * reported anyway: the tools that know it may be missing, and other users' processes are hidden.
 */
async function firstAnswer<T>(ask: () => Promise<T | undefined>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      resolve(undefined);
    }, LOOKUP_TIMEOUT_MS);
  });
  try {
    return await Promise.race([ask().catch(() => undefined), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
