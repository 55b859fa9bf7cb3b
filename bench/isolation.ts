/**
 * What a tenant far over its MAXOPS costs another one: latency of the quiet tenant's GET alone, and beside a tenant that
 * pipelines without end. Server, noisy and quiet client are processes of their own; rounds alternate.
 * Run: npm run build && npx tsx bench/isolation.ts [rounds, default 5] [seconds per round, default 4]
 */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

const PORT = 27_650;
const MAX_OPS = 1000;
/** GETs of the quiet tenant per second. */
const QUIET_RATE = 2000;
const TO_REACH = 1.3;
const WARM_UP_MS = 500;
const NOISY_PIPELINE = 1000;

interface QuietResult {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly count: number;
}

const self = fileURLToPath(import.meta.url);
const program = fileURLToPath(new URL('../bin/run.js', import.meta.url));

async function open(words: string): Promise<Socket> {
  const socket = connect({ port: PORT, noDelay: true });
  await once(socket, 'connect');
  if (words !== '') await ask(socket, words);
  return socket;
}

async function ask(socket: Socket, command: string): Promise<string> {
  socket.write(`${command}\r\n`);
  const [reply] = (await once(socket, 'data')) as [Buffer];
  return reply.toString();
}

/** Sends GETs at a steady rate, each at its time whether the one before is answered or not, and measures from that time on. */
async function beQuiet(login: string, durationMs: number): Promise<QuietResult> {
  const socket = await open(login);
  const sentAt: number[] = [];
  const latencies: number[] = [];
  let answered = 0;
  let pending = '';
  socket.on('data', (bytes: Buffer) => {
    const now = performance.now();
    pending += bytes.toString('latin1');
    for (let end = pending.indexOf('\r\nv\r\n'); end >= 0; end = pending.indexOf('\r\nv\r\n')) {
      pending = pending.slice(end + 5);
      latencies.push(now - sentAt[answered++]);
    }
  });
  const startedMs = performance.now();
  let next = 0;
  while (performance.now() - startedMs < durationMs) {
    const dueMs = startedMs + (next * 1000) / QUIET_RATE;
    while (performance.now() < dueMs) await new Promise(setImmediate);
    sentAt.push(performance.now());
    next++;
    socket.write('*2\r\n$3\r\nGET\r\n$1\r\nk\r\n');
  }
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
  socket.destroy();
  const sorted = latencies.slice(QUIET_RATE / 2).sort((left, right) => left - right);
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)];
  return { p50Ms: at(0.5), p99Ms: at(0.99), count: sorted.length };
}

/** Writes pipelines as fast as the socket takes them, for ever. */
async function beNoisy(login: string): Promise<void> {
  const socket = await open(login);
  const pipeline = Buffer.from('*2\r\n$3\r\nGET\r\n$1\r\nk\r\n'.repeat(NOISY_PIPELINE));
  socket.on('data', () => undefined);
  for (;;) if (!socket.write(pipeline)) await once(socket, 'drain');
}

function startSelf(role: string, ...words: string[]): ChildProcess {
  return fork(self, [role, ...words], { execArgv: process.execArgv });
}

async function measureQuiet(login: string, seconds: number): Promise<QuietResult> {
  const child = startSelf('quiet', login, String(seconds * 1000));
  const [result] = (await once(child, 'message')) as [QuietResult];
  return result;
}

const median = (values: readonly number[]): number =>
  values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)];

async function startNode(): Promise<ChildProcess> {
  const server = spawn(process.execPath, [program, 'server', '--port', String(PORT)], { stdio: 'ignore' });
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      (await open('')).destroy();
      return server;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  server.kill('SIGKILL');
  throw new Error(`no server on port ${PORT}`);
}

async function createTenant(admin: Socket, name: string, limits: string): Promise<string> {
  const token = (await ask(admin, `TENANT CREATE ${name} ${limits}`)).split('\r\n')[1];
  await ask(admin, `TENANT USE ${name}`);
  await ask(admin, 'SET k v');
  return `AUTH ${name} ${token}`;
}

async function main(rounds: number, seconds: number): Promise<void> {
  const server = await startNode();
  try {
    const admin = await open('');
    const quiet = await createTenant(admin, 'quiet', '');
    const noisy = await createTenant(admin, 'noisy', `MAXOPS ${MAX_OPS}`);
    const alone: QuietResult[] = [];
    const beside: QuietResult[] = [];
    await measureQuiet(quiet, 1);
    for (let round = 0; round < rounds; round++) {
      alone.push(await measureQuiet(quiet, seconds));
      const neighbour = startSelf('noisy', noisy);
      await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
      beside.push(await measureQuiet(quiet, seconds));
      neighbour.kill('SIGKILL');
      await once(neighbour, 'exit');
    }
    const stats = (await ask(admin, 'TENANT STATS noisy')).split('\r\n');
    report(alone, beside, stats[stats.indexOf('throttled-ms') + 1].slice(1));
    admin.destroy();
  } finally {
    server.kill('SIGTERM');
  }
}

function report(alone: readonly QuietResult[], beside: readonly QuietResult[], throttledMs: string): void {
  const p99 = (results: readonly QuietResult[]): number => median(results.map((result) => result.p99Ms));
  const p50 = (results: readonly QuietResult[]): number => median(results.map((result) => result.p50Ms));
  const line = (name: string, results: readonly QuietResult[]): string =>
    `${name.padEnd(26)} p50 ${p50(results).toFixed(3)} ms   p99 ${p99(results).toFixed(3)} ms`;
  const ratio = p99(beside) / p99(alone);
  const isReached = ratio <= TO_REACH ? 'ok' : 'short';
  console.log(`GET of a quiet tenant, ${QUIET_RATE} per second, medians of ${alone.length} rounds`);
  console.log(line('alone', alone));
  console.log(line(`beside one at MAXOPS ${MAX_OPS}`, beside));
  console.log(`ratio of p99 ${ratio.toFixed(2)}   to reach <= ${TO_REACH}   ${isReached}`);
  console.log(`the noisy tenant was held back for ${throttledMs} ms`);
}

const [role = '', ...words] = process.argv.slice(2);
if (role === 'quiet') process.send?.(await beQuiet(words[0], Number(words[1])), () => process.exit(0));
else if (role === 'noisy') await beNoisy(words[0]);
else await main(Number(process.argv[2] ?? '5'), Number(process.argv[3] ?? '4'));
