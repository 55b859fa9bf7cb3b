/** What the figures were measured on, and with. */
import { readFile } from 'node:fs/promises';
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os';
import { execa } from 'execa';

const BYTES_PER_GIB = 1024 ** 3;

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memory: string;
  readonly system: string;
  /** Mean number of processes that ran or waited in the last minute, before anything was measured. */
  readonly loadBefore: number;
  readonly node: string;
  readonly redis: string;
  readonly rednode: string;
  readonly commit: string;
}

export async function describeMachine(): Promise<Machine> {
  const processors = cpus();
  const description = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return {
    cpu: processors[0].model.trim(),
    cores: processors.length,
    memory: `${(totalmem() / BYTES_PER_GIB).toFixed(1)} GiB`,
    system: `${type()} ${release()} ${arch()}`,
    loadBefore: loadavg()[0],
    node: process.version,
    redis: await redisVersion(),
    rednode: description.version,
    commit: await commit(),
  };
}

/** Throws when redis-server is not installed: there is nothing to compare with. */
async function redisVersion(): Promise<string> {
  const { stdout } = await execa('redis-server', ['--version']);
  return /v=(\S+)/.exec(stdout)?.[1] ?? stdout;
}

/** The commit, and whether the files differ from it; `unknown` outside a repository. */
async function commit(): Promise<string> {
  const head = await execa('git', ['rev-parse', '--short', 'HEAD'], { reject: false });
  if (head.failed) return 'unknown';
  const changes = await execa('git', ['status', '--porcelain', '--untracked-files=no'], { reject: false });
  return changes.stdout.trim() === '' ? head.stdout : `${head.stdout} with changes`;
}
