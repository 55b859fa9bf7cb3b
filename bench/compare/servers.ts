/** The two servers that are compared: started quietly on free ports, and never left behind. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { messageOf } from '../../src/errors.js';

export const PROGRAM = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 5_000;
const POLL_MS = 20;
/** USER_HZ: in which /proc/PID/stat counts time. It is 100 on every Linux that Node.js runs on. */
const TICKS_PER_SECOND = 100;
const MICROSECONDS_PER_TICK = 1e6 / TICKS_PER_SECOND;
const BYTES_PER_KIB = 1024;

export type ServerName = 'redis' | 'rednode';

export interface BenchedServer extends AsyncDisposable {
  readonly name: ServerName;
  readonly port: number;
  /** Processor time of all its threads so far. */
  cpuMicroseconds(): number;
  /** Resident memory. */
  residentBytes(): number;
}

/** Starts one of them with nothing in it; use it with `await using`. It is killed, too, when `signal` is aborted or this process ends. */
export async function startServer(name: ServerName, signal: AbortSignal): Promise<BenchedServer> {
  const port = await freePort();
  const folder = await mkdtemp(path.join(tmpdir(), `rednode-bench-${name}-`));
  const child = spawnServer(name, port, folder, signal);
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await child;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await untilAnswered(name, port, child);
  } catch (error) {
    await stop();
    throw error;
  }
  const pid = child.pid ?? 0;
  return {
    name,
    port,
    cpuMicroseconds: () => cpuMicrosecondsOf(pid),
    residentBytes: () => residentBytesOf(pid),
    [Symbol.asyncDispose]: stop,
  };
}

function spawnServer(name: ServerName, port: number, folder: string, signal: AbortSignal) {
  const [file, words] = commandOf(name, port);
  return execa(file, words, {
    cwd: folder,
    stdin: 'ignore',
    stdout: 'ignore',
    cancelSignal: signal,
    forceKillAfterDelay: STOP_TIMEOUT_MS,
    reject: false,
  });
}

function commandOf(name: ServerName, port: number): [file: string, words: string[]] {
  return name === 'redis'
    ? ['redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']]
    : [process.execPath, [PROGRAM, 'server', '--port', String(port), '--log-level', 'error']];
}

async function untilAnswered(name: ServerName, port: number, child: ReturnType<typeof spawnServer>): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  let failure: unknown;
  while (performance.now() < deadline && child.exitCode === null) {
    try {
      await ping(port);
      return;
    } catch (error) {
      failure = error;
      await delay(POLL_MS);
    }
  }
  child.kill('SIGKILL');
  const { stderr } = await child;
  throw new Error(`${name} did not start: ${messageOf(failure)}\n${stderr}`);
}

async function ping(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  try {
    socket.write('PING\r\n');
    await once(socket, 'data', { signal: AbortSignal.timeout(1000) });
  } finally {
    socket.destroy();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

/** Fields 14 and 15 of proc(5)'s stat; the name before them may hold blanks and brackets. */
function cpuMicrosecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MICROSECONDS_PER_TICK;
}

function residentBytesOf(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kib === undefined) throw new Error(`no resident memory of process ${pid}`);
  return Number(kib) * BYTES_PER_KIB;
}
