/**
 * What 10,000 tenants cost: the time to make them through a pipeline, memory of each when empty, when used and when holding a key, and how long
 * TENANT LIST WITHSTATS takes. On a lone node that keeps them in a file, then in a cluster.
 * Run: npm run build && npx tsx bench/tenants.ts [tenants, default 10000]
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_PORT = 27_660;
const CLUSTER_PORT = 27_670;
const KIB = 1024;
const TO_REACH_KIB = 8;
const TO_REACH_SECONDS = 60;

const program = fileURLToPath(new URL('../bin/run.js', import.meta.url));
const count = Number(process.argv[2] ?? '10000');
const home = mkdtempSync(join(tmpdir(), 'rednode-bench-'));

async function open(port: number): Promise<Socket> {
  for (let attempt = 0; ; attempt++) {
    const socket = connect({ port, noDelay: true });
    try {
      await once(socket, 'connect');
      return socket;
    } catch (error) {
      if (attempt === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Sends a pipeline and resolves when as many replies have come as `mark` counts in what was received. */
function pipeline(socket: Socket, commands: readonly string[], mark: RegExp): Promise<number> {
  const startedMs = performance.now();
  let seen = 0;
  let rest = '';
  return new Promise((resolve, reject) => {
    const onData = (bytes: Buffer): void => {
      const text = rest + bytes.toString('latin1');
      const end = text.lastIndexOf('\n') + 1;
      rest = text.slice(end);
      const lines = text.slice(0, end);
      const failure = /^-.*/m.exec(lines);
      if (failure !== null) reject(new Error(failure[0]));
      seen += lines.match(mark)?.length ?? 0;
      if (seen < commands.length) return;
      socket.removeListener('data', onData);
      resolve(performance.now() - startedMs);
    };
    socket.on('data', onData);
    socket.write(commands.map((command) => `${command}\r\n`).join(''));
  });
}

async function askLong(socket: Socket, command: string, end: RegExp): Promise<{ bytes: number; ms: number }> {
  const startedMs = performance.now();
  let text = '';
  socket.write(`${command}\r\n`);
  while (!end.test(text.slice(-200))) {
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    text += bytes.toString('latin1');
  }
  return { bytes: text.length, ms: performance.now() - startedMs };
}

function rssKib(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0');
}

const names = Array.from({ length: count }, (_, index) => `t${String(index).padStart(6, '0')}`);

async function makeAll(socket: Socket): Promise<number> {
  return pipeline(
    socket,
    names.map((name) => `TENANT CREATE ${name}`),
    /\$\d+\r\n/g,
  );
}

/** Growth of the resident set per tenant: garbage of the work itself included. */
async function perTenant(pid: number, work: () => Promise<unknown>): Promise<string> {
  const before = rssKib(pid);
  await work();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return ((rssKib(pid) - before) / count).toFixed(2);
}

async function onNode(): Promise<void> {
  const server = spawn(
    process.execPath,
    [program, 'server', '--port', String(NODE_PORT), '--dir', join(home, 'node')],
    {
      stdio: 'ignore',
    },
  );
  const pid = server.pid ?? 0;
  try {
    const socket = await open(NODE_PORT);
    await askLong(socket, 'PING', /PONG/);
    let madeMs = 0;
    const empty = await perTenant(pid, async () => (madeMs = await makeAll(socket)));
    console.log(
      `lone node: ${count} tenants made in ${(madeMs / 1000).toFixed(1)} s (to reach < ${TO_REACH_SECONDS} s)`,
    );
    console.log(`  made      ${empty} KiB each (to reach < ${TO_REACH_KIB} KiB)`);
    const uses = names.map((name) => `TENANT USE ${name}`);
    console.log(`  entered   ${await perTenant(pid, () => pipeline(socket, uses, /\+OK/g))} KiB more each`);
    const sets = names.flatMap((name) => [`TENANT USE ${name}`, 'SET k v']);
    console.log(`  with a key ${await perTenant(pid, () => pipeline(socket, sets, /\+OK/g))} KiB more each`);
    const { bytes, ms } = await askLong(socket, 'TENANT LIST WITHSTATS', /output-bytes\r\n:\d+\r\n$/);
    console.log(`  TENANT LIST WITHSTATS: ${(bytes / KIB).toFixed(0)} KiB in ${ms.toFixed(0)} ms`);
    socket.destroy();
  } finally {
    server.kill('SIGTERM');
    await once(server, 'exit');
  }
}

async function inCluster(): Promise<void> {
  const env = { ...process.env, REDNODE_HOME: home };
  const run = (...words: string[]): string =>
    execFileSync(process.execPath, [program, ...words], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  run('cluster', 'up', 'bench', '--detach', '--port', String(CLUSTER_PORT));
  try {
    const socket = await open(CLUSTER_PORT);
    const madeMs = await makeAll(socket);
    console.log(
      `cluster of 3 + 3: ${count} tenants made in ${(madeMs / 1000).toFixed(1)} s (to reach < ${TO_REACH_SECONDS} s)`,
    );
    socket.destroy();
    const startedMs = performance.now();
    run('tenant', 'ls', '--cluster', 'bench');
    console.log(`  rednode tenant ls: ${((performance.now() - startedMs) / 1000).toFixed(2)} s`);
  } finally {
    run('cluster', 'down', 'bench', '--purge', '--yes');
  }
}

try {
  await onNode();
  await inCluster();
} finally {
  rmSync(home, { recursive: true, force: true });
}
