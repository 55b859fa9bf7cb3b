/**
 * The longest stalls: while 10 million keys are inserted, and while a million keys expire in the same second. Measured twice: on a keyspace in
 * this process, and on a server that another process sends a PING to every millisecond.
 * A stall of this process is also given in processor time: what the machine does besides counts in the one and not in the other.
 * Run: npm run build && npx tsx bench/stalls.ts [millions to insert, default 10] [millions to expire, default 1]
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Store } from '../src/keyspace/store.js';
import { startServer } from './compare/servers.js';

const TO_REACH_MS = 10;
const MILLION = 1e6;
const KEYS_PER_SAMPLE = 256;
const KEYS_PER_WRITE = 64;
const PING_EVERY_MS = 1;
const EXPIRY_SLICE_MS = 1;
const VALUE = 'v'.repeat(16);
const PROBE_ARGUMENT = 'probe';
const POLL_MS = 50;
/** Longer than freeing takes. */
const FREEING_MS = 3000;
/** Time for the keys to be set before they expire: they all have the same deadline. */
const LOAD_MS_PER_MILLION = 30_000;

interface Stall {
  wallMs: number;
  cpuMs: number;
}

function keyOf(number: number): string {
  return `key:${String(number).padStart(12, '0')}`;
}

/** Runs `work` until it returns false; the longest single run. */
function longest(work: () => boolean): Stall {
  const stall: Stall = { wallMs: 0, cpuMs: 0 };
  for (let isMore = true; isMore;) {
    const cpuBefore = process.cpuUsage();
    const startedAt = performance.now();
    isMore = work();
    stall.wallMs = Math.max(stall.wallMs, performance.now() - startedAt);
    const { user, system } = process.cpuUsage(cpuBefore);
    stall.cpuMs = Math.max(stall.cpuMs, (user + system) / 1000);
  }
  return stall;
}

function inProcess(inserts: number, expiring: number): void {
  const store = new Store();
  store.nowMs = Date.now();
  const keyspace = store.keyspace(0);
  const value = Buffer.from(VALUE);
  const key = Buffer.from(keyOf(0));
  const set = (number: number): number => {
    key.write(String(number).padStart(12, '0'), 4, 'latin1');
    return keyspace.setString(key, 0, key.length, value, 0, value.length, false);
  };
  let next = 0;
  const inserting = longest(() => {
    for (let i = 0; i < KEYS_PER_SAMPLE; i++) set(next++);
    return next < inserts;
  });
  report(`${KEYS_PER_SAMPLE} inserts of ${inserts} in process`, inserting);
  keyspace.clear();
  report(
    'a slice of freeing them',
    longest(() => store.freeSome(EXPIRY_SLICE_MS)),
  );
  const deadline = store.nowMs + 1000;
  for (let i = 0; i < expiring; i++) keyspace.setDeadline(key, 0, key.length, set(i), deadline + (i % 1000));
  const slice = longest(() => {
    store.expireDue(deadline + 1000, EXPIRY_SLICE_MS, () => undefined);
    return keyspace.size > 0;
  });
  report(`a slice of expiring ${expiring} keys in process`, slice);
}

function report(what: string, { wallMs, cpuMs }: Stall): void {
  console.log(`${what}, processor time: ${cpuMs.toFixed(1)} ms`);
  goal(what, wallMs);
}

function goal(what: string, ms: number): void {
  const verdict = ms <= TO_REACH_MS ? 'ok' : 'short';
  console.log(`${what}: ${ms.toFixed(1)} ms   to reach <= ${TO_REACH_MS} ms   ${verdict}`);
}

interface Probed {
  readonly longestMs: number;
  /** How late the probe itself was at the most: then it was the machine that had no time, at least for the probe. */
  readonly latestMs: number;
}

/** In a process of its own: sends a PING every millisecond; told `stop`, it tells the longest wait for a reply. */
async function probe(port: number): Promise<void> {
  const socket = connect({ port, noDelay: true });
  await once(socket, 'connect');
  const sentAt: number[] = [];
  let longestMs = 0;
  let latestMs = 0;
  let dueAt = performance.now() + PING_EVERY_MS;
  socket.on('data', (bytes: Buffer) => {
    const now = performance.now();
    for (let replies = bytes.length / '+PONG\r\n'.length; replies > 0; replies--) {
      longestMs = Math.max(longestMs, now - (sentAt.shift() ?? now));
    }
  });
  const timer = setInterval(() => {
    const now = performance.now();
    latestMs = Math.max(latestMs, now - dueAt);
    dueAt = now + PING_EVERY_MS;
    sentAt.push(now);
    socket.write('PING\r\n');
  }, PING_EVERY_MS);
  process.once('message', () => {
    clearInterval(timer);
    process.send?.({ longestMs, latestMs } satisfies Probed);
    socket.destroy();
    process.disconnect();
  });
}

async function longestPing(what: string, port: number, work: () => Promise<void>): Promise<void> {
  const child: ChildProcess = fork(fileURLToPath(import.meta.url), [PROBE_ARGUMENT, String(port)], {
    execArgv: ['--import=tsx'],
  });
  await delay(1000);
  await work();
  child.send('stop');
  const [{ longestMs, latestMs }] = (await once(child, 'message')) as [Probed];
  console.log(`${what}, lateness of the probe itself: ${latestMs.toFixed(1)} ms`);
  goal(what, longestMs);
}

async function sendSets(socket: Socket, count: number, options: string): Promise<void> {
  for (let sent = 0; sent < count; sent += KEYS_PER_WRITE) {
    const words = Array.from(
      { length: KEYS_PER_WRITE },
      (_, index) => `SET ${keyOf(sent + index)} ${VALUE}${options}\r\n`,
    );
    socket.write(words.join(''));
    for (let answered = 0; answered < KEYS_PER_WRITE * '+OK\r\n'.length;) {
      answered += ((await once(socket, 'data')) as [Buffer])[0].length;
    }
  }
}

async function sizeOf(socket: Socket): Promise<number> {
  socket.write('DBSIZE\r\n');
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  return Number(bytes.toString().slice(1));
}

async function withServer(inserts: number, expiring: number): Promise<void> {
  await using server = await startServer('rednode', AbortSignal.timeout(20 * 60_000));
  const socket = connect({ port: server.port, noDelay: true });
  await once(socket, 'connect');
  await longestPing(`PING while ${inserts} keys are inserted`, server.port, () => sendSets(socket, inserts, ''));
  await longestPing('PING after FLUSHALL, while they are freed', server.port, async () => {
    socket.write('FLUSHALL\r\n');
    await once(socket, 'data');
    await delay(FREEING_MS);
  });
  const deadline = Date.now() + (expiring / MILLION) * LOAD_MS_PER_MILLION;
  await sendSets(socket, expiring, ` PXAT ${deadline}`);
  await longestPing(`PING while ${expiring} keys expire in the same millisecond`, server.port, async () => {
    while ((await sizeOf(socket)) > 0) await delay(POLL_MS);
  });
  socket.destroy();
}

if (process.argv[2] === PROBE_ARGUMENT) {
  await probe(Number(process.argv[3]));
} else {
  const inserts = Math.round(Number(process.argv[2] ?? '10') * MILLION);
  const expiring = Math.round(Number(process.argv[3] ?? '1') * MILLION);
  inProcess(inserts, expiring);
  await withServer(inserts, expiring);
}
