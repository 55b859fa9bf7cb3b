/** One round: the items go out over their connections in random pieces, and everything that comes back is judged. */
import { connect, type Socket } from 'node:net';
import type { SeededRandom } from '../support/random-source.js';
import { markerText, type Item } from './requests.js';
import { NotRespError, wellFormedReplies } from './resp-check.js';
import type { Target } from './target.js';

const ROUND_TIMEOUT_MS = 20_000;
const RESIDENT_BYTES_MAX = 1.5 * 1024 ** 3;
const MARKER_BYTES_MAX = 40;
const SHOWN_BYTES_MAX = 300;
/** Connection 0 sends nothing but valid requests. */
const STRICT = 0;

/** What came back on one connection. */
interface Received {
  readonly bytes: Buffer;
  readonly replies: readonly Buffer[];
}

/** What is wrong with how the server took these items, or undefined. */
export async function faultOf(
  target: Target,
  items: readonly Item[],
  random: SeededRandom,
): Promise<string | undefined> {
  const numbers = [...new Set(items.map(({ connection }) => connection))];
  try {
    await target.ask('FLUSHALL');
    const faults = await Promise.all(numbers.map((number) => faultOfConnection(target, items, number, random)));
    const fault = faults.find((found) => found !== undefined);
    if (fault !== undefined) return target.isAlive ? fault : `the server died: ${target.lastWords}`;
    await target.ask('PING');
  } catch (error) {
    return target.isAlive ? `the server does not answer: ${String(error)}` : `the server died: ${target.lastWords}`;
  }
  const resident = target.residentBytes;
  return resident > RESIDENT_BYTES_MAX ? `the server holds ${Math.round(resident / 1024 ** 2)} MiB` : undefined;
}

async function faultOfConnection(
  target: Target,
  items: readonly Item[],
  number: number,
  random: SeededRandom,
): Promise<string | undefined> {
  const own = items.filter(({ connection }) => connection === number);
  const bytes = await exchange(target.port, own, random, number === STRICT);
  let received: Received;
  try {
    received = { bytes, replies: wellFormedReplies(bytes) };
  } catch (error) {
    if (error instanceof NotRespError) return `connection ${number}: ${error.message} in ${show(bytes)}`;
    throw error;
  }
  const fault = number === STRICT ? strictFault(received, own) : looseFault(received);
  return fault === undefined ? undefined : `connection ${number}: ${fault}`;
}

/** Sends all in pieces, says that there is no more (a strict one only when all has been answered), and waits for the end. */
async function exchange(port: number, own: readonly Item[], random: SeededRandom, isStrict: boolean): Promise<Buffer> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  const chunks: Buffer[] = [];
  const lastMarker = own.findLast(({ marker }) => marker !== undefined)?.marker;
  const awaited = isStrict && lastMarker !== undefined ? markerText(lastMarker) : undefined;
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    if (awaited === undefined) return;
    if (Buffer.concat(chunks.slice(-2)).includes(awaited)) socket.end();
  });
  // A server that closes early resets what is still being sent: what it said before is judged all the same.
  socket.on('error', () => undefined);
  const closed = closeOf(socket);
  socket.on('end', () => socket.end());
  try {
    await sendInPieces(socket, Buffer.concat(own.map(({ bytes }) => bytes)), random);
    if (awaited === undefined) socket.end();
    await closed;
  } catch (error) {
    socket.destroy();
    throw new Error(
      `connection not answered to its end; it had sent ${show(Buffer.concat(chunks).subarray(-SHOWN_BYTES_MAX))}`,
      {
        cause: error,
      },
    );
  }
  return Buffer.concat(chunks);
}

/** An error is no failure here, as `events.once` would have it; that nothing happens at all is. */
function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`no end within ${ROUND_TIMEOUT_MS} ms`));
    }, ROUND_TIMEOUT_MS);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

async function sendInPieces(socket: Socket, bytes: Buffer, random: SeededRandom): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const size = random.chance(0.3) ? random.int(1, 5) : random.int(1, random.chance(0.5) ? 200 : 20_000);
    if (!socket.writable) return;
    socket.write(bytes.subarray(at, at + size));
    at += size;
    if (random.chance(0.5)) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Each request has one reply, in order: those of the markers stand where the markers stood. */
function strictFault({ bytes, replies }: Received, own: readonly Item[]): string | undefined {
  const internal = internalError(replies);
  if (internal !== undefined) return internal;
  if (replies.length !== own.length)
    return `${replies.length} replies to ${own.length} requests, the last ${lastOf(bytes)}`;
  const wrong = own.findIndex(
    ({ marker }, index) => marker !== undefined && !replies[index].includes(markerText(marker)),
  );
  return wrong === -1 ? undefined : `reply ${wrong} is ${show(replies[wrong])}, not that of its marker`;
}

/** Markers come back in order, as many as were understood; nothing that is not RESP stands at the end. */
function looseFault({ bytes, replies }: Received): string | undefined {
  const internal = internalError(replies);
  if (internal !== undefined) return internal;
  const end = replies.reduce((sum, reply) => sum + reply.length, 0);
  if (end !== bytes.length) return `the last reply is cut off: ${lastOf(bytes)}`;
  let latest = -1;
  for (const reply of replies) {
    const found = /^\$\d+\r\nmarker-(\d+)-\r\n$/.exec(reply.toString('latin1', 0, MARKER_BYTES_MAX))?.[1];
    if (found === undefined) continue;
    if (Number(found) < latest) return `marker ${found} was answered after ${latest}`;
    latest = Number(found);
  }
  return undefined;
}

function internalError(replies: readonly Buffer[]): string | undefined {
  const reply = replies.find((candidate) => candidate.toString('latin1', 0, 40).includes('ERR internal error'));
  return reply === undefined ? undefined : `answered ${show(reply)}`;
}

const lastOf = (bytes: Buffer): string => show(bytes.subarray(-SHOWN_BYTES_MAX));

function show(bytes: Buffer): string {
  return JSON.stringify(bytes.toString('latin1', 0, Math.min(bytes.length, SHOWN_BYTES_MAX)));
}
