/** The real redis-server, for comparing with: started in a folder of its own on a free port, stopped at the end. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';
import { RawConnection } from './raw-connection.js';
import { temporaryFolder } from './temporary-folder.js';

const START_TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 5_000;

export interface RedisServer {
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  /** `7.0.15`. */
  readonly version: string;
  /** The folder it works in: dump files are written here. */
  readonly folder: string;
  stop(): Promise<void>;
}

/** Version of the installed redis-server, or undefined where there is none. */
function installedVersion(): string | undefined {
  try {
    const text = execFileSync('redis-server', ['--version'], { encoding: 'utf8', timeout: 5_000 });
    return /v=(\S+)/.exec(text)?.[1];
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

const version = installedVersion();

/**
 * Whether redis-server is installed. Where CI is set its absence is a failure, so that a comparison is never left out
 * silently; elsewhere tests skip themselves.
 */
export function redisAvailable(): boolean {
  if (version === undefined && process.env.CI !== undefined) {
    throw new Error('redis-server is not installed: CI compares with it, see .ci/run');
  }
  return version !== undefined;
}

/** Starts redis-server without persistence; `settings` are further `--name value` words of its command line. */
export async function startRedis(settings: readonly string[] = []): Promise<RedisServer> {
  if (version === undefined) throw new Error('redis-server is not installed');
  const folder = await temporaryFolder('redis');
  const port = await freePort();
  const words = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder.path,
    '--save',
    '',
    '--appendonly',
    'no',
  ];
  const child = spawn('redis-server', [...words, ...settings], { stdio: ['ignore', 'pipe', 'pipe'] });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  try {
    await once(child, 'spawn');
    await eventually(() => answersPing(port, child), { timeoutMs: START_TIMEOUT_MS });
  } catch (error) {
    await stop(child);
    await folder.remove();
    throw new Error(`redis-server did not start: ${output.join('').slice(-2000)}`, { cause: error });
  }
  return {
    host: '127.0.0.1',
    port,
    pid: child.pid ?? 0,
    version,
    folder: folder.path,
    stop: async () => {
      await stop(child);
      await folder.remove();
    },
  };
}

async function answersPing(port: number, child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) throw new Error(`redis-server exited with ${child.exitCode}`);
  await using connection = await RawConnection.open(port);
  connection.send('PING\r\n');
  const reply = (await connection.reply()).toString();
  // A server with a password answers NOAUTH: it is up all the same.
  if (!reply.startsWith('+PONG') && !reply.startsWith('-NOAUTH')) throw new Error(`redis-server answered ${reply}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
}
