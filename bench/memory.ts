/**
 * Whether the memory figures are true, and what a key costs: what the store says that it uses, beside what the process has
 * grown by. The process that it is compared with has run as many commands, on one key: code that V8 has compiled meanwhile is no key's.
 * Run: npm run build && npx tsx bench/memory.ts [keys in millions, default 1]
 */
import { connect } from 'node:net';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { startServer } from './compare/servers.js';

const VALUE = 'v'.repeat(16);
const KEY_DIGITS = 12;
const WARM_UP_COMMANDS = 300_000;
const COMMANDS_PER_WRITE = 256;
const SETTLE_MS = 2000;
const TO_REACH_BYTES = 70;

const count = Math.round(Number(process.argv[2] ?? '1') * 1e6);

function setCommand(number: number): string {
  const key = `key:${String(number).padStart(KEY_DIGITS, '0')}`;
  return `*3\r\n$3\r\nSET\r\n$${key.length}\r\n${key}\r\n$${VALUE.length}\r\n${VALUE}\r\n`;
}

/** Sends commands in pipelines, each when the one before it is answered. */
async function send(port: number, total: number, commandAt: (index: number) => string): Promise<void> {
  const socket = connect({ port, noDelay: true });
  await once(socket, 'connect');
  for (let sent = 0; sent < total;) {
    const size = Math.min(COMMANDS_PER_WRITE, total - sent);
    socket.write(Array.from({ length: size }, (_, index) => commandAt(sent + index)).join(''));
    sent += size;
    for (let answered = 0; answered < size * '+OK\r\n'.length;) {
      const [bytes] = (await once(socket, 'data')) as [Buffer];
      if (bytes.includes('-')) throw new Error(`a SET was refused: ${bytes.toString()}`);
      answered += bytes.length;
    }
  }
  socket.destroy();
}

async function infoField(port: number, field: string): Promise<number> {
  const socket = connect({ port });
  socket.write('INFO memory\r\n');
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return Number(new RegExp(`^${field}:(\\d+)`, 'm').exec(bytes.toString())?.[1]);
}

const controller = new AbortController();
process.once('SIGINT', () => {
  controller.abort();
});
await using server = await startServer('rednode', controller.signal);
await delay(SETTLE_MS);
const coldBytes = server.residentBytes();
await send(server.port, WARM_UP_COMMANDS, () => setCommand(0));
await delay(SETTLE_MS);
const warmBytes = server.residentBytes();
await send(server.port, count, setCommand);
await delay(SETTLE_MS);
const filledBytes = server.residentBytes();
const accounted = await infoField(server.port, 'used_memory_dataset');

const perKey = (bytes: number): string => (bytes / count).toFixed(1);
const reached = (filledBytes - coldBytes) / count <= TO_REACH_BYTES ? 'ok' : 'short';
console.log(`keys of 16 bytes with values of 16 bytes: ${count}`);
console.log(`bytes per key that the store accounts for: ${perKey(accounted)} bytes`);
console.log(`resident bytes per key beyond the warm process: ${perKey(filledBytes - warmBytes)} bytes`);
console.log(
  `resident bytes per key beyond the empty process: ${perKey(filledBytes - coldBytes)} bytes   to reach <= ${TO_REACH_BYTES}   ${reached}`,
);
console.log(`resident growth to accounted bytes: ${((filledBytes - warmBytes) / accounted).toFixed(3)}`);
