/** Replies of hundreds of megabytes: they arrive whole, and their memory comes back whether they are read or not. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startServer, type RunningServer } from '../../src/server/server.js';
import { frameOf } from '../support/command-words.js';
import { eventually } from '../support/eventually.js';
import { RawConnection } from '../support/raw-connection.js';

const MIB = 1024 * 1024;
const VALUE_BYTES = 8 * MIB;
const VALUE_COUNT = 100;
const KEY_COUNT = 200_000;
/** What may be left: buffers that are kept for the next time. */
const KEPT_BYTES = 16 * MIB;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heldBytes(): number {
  collectGarbage();
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}

describe('one huge reply', function () {
  this.timeout(60_000);
  let server: RunningServer;
  let writer: RawConnection;

  beforeEach(async () => {
    server = await startServer({ port: 0 });
    writer = await RawConnection.open(server.port);
  });

  afterEach(async () => {
    await writer[Symbol.asyncDispose]();
    await server.stop();
  });

  const mget = `MGET${' large'.repeat(VALUE_COUNT)}\r\n`;

  async function setLarge(): Promise<void> {
    writer.send(frameOf(['SET', 'large', Buffer.alloc(VALUE_BYTES, 'x')]));
    await writer.reply();
  }

  async function setKeys(): Promise<void> {
    const batch = 1000;
    for (let first = 0; first < KEY_COUNT; first += batch) {
      const pairs = Array.from({ length: batch }, (_, index) => [`${'key:'.repeat(20)}${first + index}`, '']);
      writer.send(frameOf(['MSET', ...pairs.flat()]));
    }
    await writer.replies(KEY_COUNT / batch);
  }

  /** A client that asks and does not read; resolves when the answer waits for it. */
  async function askMutely(request: string, leastBytes: number): Promise<Socket> {
    const socket = connect({ port: server.port, host: '127.0.0.1' });
    socket.pause();
    socket.on('error', () => undefined);
    socket.write(request);
    await eventually(() => [...server.instance.sessions].some((session) => session.outputBytes > leastBytes), {
      timeoutMs: 20_000,
    });
    return socket;
  }

  /** Closes the client that does not read, and waits for what it held. */
  async function expectMemoryBack(socket: Socket, before: number): Promise<void> {
    writer.send('PING\r\n');
    assert.equal((await writer.reply()).toString(), '+PONG\r\n', 'others are served meanwhile');
    socket.destroy();
    await eventually(() => server.instance.sessions.size === 1);
    await eventually(() => heldBytes() < before + KEPT_BYTES, { timeoutMs: 10_000 });
  }

  it('of MGET that nobody reads gives its memory back when the client is gone', async () => {
    await setLarge();
    const before = heldBytes();
    const socket = await askMutely(mget, (VALUE_COUNT - 5) * VALUE_BYTES);
    assert.ok(heldBytes() > before + (VALUE_COUNT - 5) * VALUE_BYTES, 'the reply waits in memory');
    await expectMemoryBack(socket, before);
  });

  it('of KEYS that nobody reads gives its memory back when the client is gone', async () => {
    await setKeys();
    const before = heldBytes();
    const socket = await askMutely('KEYS *\r\n', 8 * MIB);
    await expectMemoryBack(socket, before);
  });

  it('of a client that is killed gives its memory back too', async () => {
    await setLarge();
    const before = heldBytes();
    const socket = await askMutely(mget, (VALUE_COUNT - 5) * VALUE_BYTES);
    writer.send('CLIENT KILL TYPE normal SKIPME yes\r\n');
    assert.equal((await writer.reply()).toString(), ':1\r\n');
    await expectMemoryBack(socket, before);
  });

  it('arrives whole where it is read, and leaves nothing behind', async () => {
    await setLarge();
    const before = heldBytes();
    const header = Buffer.byteLength(`$${VALUE_BYTES}\r\n\r\n`);
    const expectedBytes = Buffer.byteLength(`*${VALUE_COUNT}\r\n`) + VALUE_COUNT * (VALUE_BYTES + header);
    const socket = connect({ port: server.port, host: '127.0.0.1' });
    await once(socket, 'connect');
    let receivedBytes = 0;
    socket.on('data', (chunk: Buffer) => (receivedBytes += chunk.length));
    socket.write(mget);
    await eventually(() => receivedBytes >= expectedBytes, { timeoutMs: 30_000 });
    assert.equal(receivedBytes, expectedBytes);
    await eventually(() => heldBytes() < before + KEPT_BYTES, { timeoutMs: 10_000 });
    socket.destroy();
  });
});
