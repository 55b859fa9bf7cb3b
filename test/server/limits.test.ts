/** What a node refuses, closes and bounds: clients that are too many, too silent, too slow or too large. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { once } from 'node:events';
import { defaultOutputLimits } from '../../src/config/output-limits.js';
import { OutputGuard } from '../../src/server/output-limit.js';
import { isLoopback } from '../../src/server/protected-mode.js';
import { startServer, type RunningServer, type StartOptions } from '../../src/server/server.js';
import { frameOf } from '../support/command-words.js';
import { eventually } from '../support/eventually.js';
import { RawConnection } from '../support/raw-connection.js';

const MIB = 1024 * 1024;
const adminPasswordHash = createHash('sha256').update('secret').digest('hex');

/** A clock that the test turns. */
class TestClock {
  private aheadMs = 0;

  now(): number {
    return Date.now() + this.aheadMs;
  }

  advance(ms: number): void {
    this.aheadMs += ms;
  }
}

let server: RunningServer | undefined;

async function start(options: StartOptions = {}): Promise<RunningServer> {
  server = await startServer({ port: 0, ...options });
  return server;
}

/** The one client's view of INFO. */
async function infoField(port: number, field: string, password?: string): Promise<string | undefined> {
  await using connection = await RawConnection.open(port);
  if (password !== undefined) {
    connection.send(`AUTH ${password}\r\n`);
    await connection.reply();
  }
  connection.send('INFO\r\n');
  const text = (await connection.reply()).toString();
  return new RegExp(`^${field}:(.*)\\r$`, 'm').exec(text)?.[1];
}

/** A client that sends and never reads. */
function mute(port: number): Socket {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.pause();
  socket.on('error', () => undefined);
  return socket;
}

describe('limits on clients', function () {
  this.timeout(30_000);

  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });

  it('one more than maxclients is told so and closed', async () => {
    const { port } = await start({ maxClients: 2 });
    await using first = await RawConnection.open(port);
    await using second = await RawConnection.open(port);
    for (const connection of [first, second]) {
      connection.send('PING\r\n');
      await connection.reply();
    }
    await using third = await RawConnection.open(port);
    assert.equal((await third.untilClosed()).toString(), '-ERR max number of clients reached\r\n');
    first.send('PING\r\n');
    assert.equal((await first.reply()).toString(), '+PONG\r\n');
  });

  it('a refused client that never closes its end does not stay', async () => {
    const { port, instance } = await start({ maxClients: 0 });
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await once(socket.resume(), 'end');
    // Its own end stays open: the server must be the one that lets go, so that what is sent is refused by the system.
    const lost = once(socket, 'error');
    const sender = setInterval(() => socket.write('x'), 50);
    await lost;
    clearInterval(sender);
    assert.equal(instance.sessions.size, 0);
  });

  it('a connection that the server has ended does not wait for the client to end it too', async () => {
    const clock = new TestClock();
    const { port, instance } = await start({ clock });
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.write('QUIT\r\n');
    await once(socket.resume(), 'end');
    clock.advance(5_000);
    await eventually(() => instance.sessions.size === 0);
    socket.destroy();
  });

  it('a silent client is closed after the timeout, a subscriber is not', async () => {
    const clock = new TestClock();
    const { port, instance } = await start({ idleTimeoutMs: 10_000, clock });
    await using silent = await RawConnection.open(port);
    await using subscriber = await RawConnection.open(port);
    silent.send('PING\r\n');
    subscriber.send('SUBSCRIBE news\r\n');
    await Promise.all([silent.reply(), subscriber.reply()]);
    clock.advance(9_000);
    await using active = await RawConnection.open(port);
    active.send('PING\r\n');
    await active.reply();
    assert.equal(instance.sessions.size, 3);
    clock.advance(1_500);
    await silent.untilClosed();
    active.send('PING\r\n');
    assert.equal((await active.reply()).toString(), '+PONG\r\n');
    assert.ok(!subscriber.isClosed);
  });

  it('a client that watches others is not closed for its silence', async () => {
    const clock = new TestClock();
    const { port, instance } = await start({ idleTimeoutMs: 10_000, clock });
    await using silent = await RawConnection.open(port);
    await using monitor = await RawConnection.open(port);
    silent.send('PING\r\n');
    await silent.reply();
    monitor.send('MONITOR\r\n');
    await monitor.reply();
    clock.advance(20_000);
    await silent.untilClosed();
    await using active = await RawConnection.open(port);
    active.send('PING\r\n');
    await active.reply();
    assert.match((await monitor.reply()).toString(), /"PING"/);
    assert.ok([...instance.sessions].some((session) => session.isMonitor));
  });

  it('a connection that does not authenticate in time is closed, however busy it keeps', async () => {
    const clock = new TestClock();
    const { port } = await start({ adminPasswordHash, authenticationTimeoutMs: 5_000, clock });
    await using stranger = await RawConnection.open(port);
    await using admin = await RawConnection.open(port);
    stranger.send('PING\r\n');
    assert.match((await stranger.reply()).toString(), /^-NOAUTH/);
    admin.send('AUTH secret\r\n');
    await admin.reply();
    clock.advance(4_000);
    stranger.send('PING\r\n*3\r\n$3\r\nSE');
    await stranger.reply();
    clock.advance(1_500);
    await stranger.untilClosed();
    admin.send('PING\r\n');
    assert.equal((await admin.reply()).toString(), '+PONG\r\n');
  });

  it('who is right after wrong passwords waits no longer than the penalty; others do not wait', async () => {
    const { port } = await start({ adminPasswordHash, authDelayMs: 1000, authDelayMaxMs: 1000 });
    await using guesser = await RawConnection.open(port);
    await using other = await RawConnection.open(port);
    const startedMs = performance.now();
    guesser.send('AUTH wrong\r\nAUTH secret\r\nPING\r\n');
    other.send('PING\r\n');
    assert.match((await other.reply()).toString(), /^-NOAUTH/);
    assert.equal(guesser.pending.length, 0, 'the answer to the wrong password waits');
    const replies = (await guesser.replies(3)).map(String);
    assert.match(replies[0], /^-WRONGPASS/);
    assert.deepEqual(replies.slice(1), ['+OK\r\n', '+PONG\r\n']);
    assert.ok(performance.now() - startedMs > 900, `${performance.now() - startedMs} ms`);
    assert.equal(await infoField(port, 'acl_access_denied_auth', 'secret'), '1');
  });

  it('replies that nobody reads do not gather: requests wait until they are read', async () => {
    const { port, instance } = await start();
    await using writer = await RawConnection.open(port);
    writer.send(frameOf(['SET', 'large', Buffer.alloc(MIB, 'x')]));
    await writer.reply();
    const before = process.memoryUsage().rss;
    const greedy = mute(port);
    greedy.write('GET large\r\n'.repeat(100_000));
    await eventually(() => [...instance.sessions].some((session) => session.memoryBytes > MIB));
    writer.send('PING\r\n'.repeat(100));
    await writer.replies(100);
    const largest = Math.max(...[...instance.sessions].map((session) => session.memoryBytes));
    assert.ok(largest < 16 * MIB, `${largest} bytes`);
    const grownBytes = process.memoryUsage().rss - before;
    assert.ok(grownBytes < 300 * MIB, `${grownBytes} bytes`);
    greedy.destroy();
  });

  it('a normal client over its hard output limit is closed, and counted', async () => {
    const normal = { hardBytes: 4 * MIB, softBytes: 0, softMs: 0 };
    const { port, instance } = await start({ outputLimits: { ...defaultOutputLimits, normal } });
    await using writer = await RawConnection.open(port);
    writer.send(frameOf(['SET', 'large', Buffer.alloc(8 * MIB, 'x')]));
    await writer.reply();
    const greedy = mute(port);
    greedy.write('MGET large large large\r\n');
    await eventually(() => instance.sessions.size === 1);
    assert.equal(await infoField(port, 'client_output_buffer_limit_disconnections'), '1');
    greedy.destroy();
  });

  it('a subscriber that does not read is closed at its soft limit when the time is over', async () => {
    const clock = new TestClock();
    const pubsub = { hardBytes: 64 * MIB, softBytes: MIB, softMs: 10_000 };
    const { port, instance } = await start({ clock, outputLimits: { ...defaultOutputLimits, pubsub } });
    const slow = mute(port);
    slow.write('SUBSCRIBE news\r\n');
    await using publisher = await RawConnection.open(port);
    await eventually(async () => {
      publisher.send(frameOf(['PUBLISH', 'news', Buffer.alloc(MIB)]));
      return (await publisher.reply()).toString() === ':1\r\n';
    });
    for (let count = 0; count < 16; count++) publisher.send(frameOf(['PUBLISH', 'news', Buffer.alloc(MIB)]));
    await publisher.replies(16);
    clock.advance(9_000);
    publisher.send('PING\r\n');
    await publisher.reply();
    assert.equal(instance.sessions.size, 2);
    clock.advance(2_000);
    await eventually(() => instance.sessions.size === 1);
    slow.destroy();
  });

  it('when clients hold too much together, the largest are closed', async () => {
    const { port, instance } = await start({ clientsMemoryBytes: 8 * MIB });
    await using small = await RawConnection.open(port);
    small.send('PING\r\n');
    await small.reply();
    const large = mute(port);
    large.write(`*2\r\n$4\r\nECHO\r\n$${64 * MIB}\r\n`);
    large.write(Buffer.alloc(16 * MIB));
    await eventually(() => instance.statistics.evictedClients === 1);
    small.send('PING\r\n');
    assert.equal((await small.reply()).toString(), '+PONG\r\n');
    assert.equal(await infoField(port, 'evicted_clients'), '1');
    large.destroy();
  });

  it('a request that is announced as large takes the memory of what has arrived of it', async () => {
    const { port, instance } = await start();
    const clients = Array.from({ length: 500 }, () => mute(port));
    for (const client of clients) client.write(`*2\r\n$4\r\nECHO\r\n$${512 * MIB}\r\nhello`);
    await eventually(() => [...instance.sessions].filter(({ decoder }) => decoder.bufferedBytes > 0).length === 500);
    const heldBytes = [...instance.sessions].reduce((sum, session) => sum + session.memoryBytes, 0);
    assert.ok(heldBytes < 500 * 8 * 1024, `${heldBytes} bytes for 500 connections`);
    for (const client of clients) client.destroy();
  });

  it('the memory of a receive buffer is given back when the client falls silent', async () => {
    const clock = new TestClock();
    const { port, instance } = await start({ clock });
    await using connection = await RawConnection.open(port);
    const frame = frameOf(['ECHO', Buffer.alloc(100_000, 'x')]);
    connection.send(frame.subarray(0, 80_000));
    await eventually(() => [...instance.sessions][0].decoder.bufferedBytes === 80_000);
    connection.send(frame.subarray(80_000));
    await connection.reply();
    const [session] = instance.sessions;
    assert.ok(session.decoder.heldBytes > 80_000);
    clock.advance(3_000);
    await eventually(() => session.decoder.heldBytes < 10_000);
    connection.send('PING\r\n');
    assert.equal((await connection.reply()).toString(), '+PONG\r\n');
  });
});

describe('protected mode', () => {
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });

  it('tells loopback addresses from others', () => {
    for (const own of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) assert.ok(isLoopback(own), own);
    for (const other of ['10.0.0.1', '::ffff:10.0.0.1', 'fe80::1', '0.0.0.0', '', undefined])
      assert.ok(!isLoopback(other), String(other));
  });

  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address;

  async function greeting(host: string, options: StartOptions): Promise<string> {
    const { port } = await start({ host: '0.0.0.0', ...options });
    await using connection = await RawConnection.open(port, host);
    connection.send('PING\r\n');
    return (await connection.reply()).toString();
  }

  it('lets clients of its own machine in', async () => {
    assert.equal(await greeting('127.0.0.1', {}), '+PONG\r\n');
  });

  it('refuses clients of other machines, in the words of Redis, unless it is off or there is a password', async function () {
    if (outside === undefined) this.skip();
    assert.match(
      await greeting(outside, {}),
      /^-DENIED Redis is running in protected mode because protected mode is enabled/,
    );
    await server?.stop();
    assert.equal(await greeting(outside, { isProtected: false }), '+PONG\r\n');
    await server?.stop();
    assert.match(await greeting(outside, { adminPasswordHash }), /^-NOAUTH/);
  });
});

describe('an output limit', () => {
  const limit = { hardBytes: 1000, softBytes: 100, softMs: 5_000 };

  it('is exceeded at once above the hard bound', () => {
    const guard = new OutputGuard();
    assert.ok(!guard.isExceeded({ ...limit, softBytes: 0 }, 1000, 0));
    assert.ok(guard.isExceeded(limit, 1001, 0));
  });

  it('is exceeded above the soft bound after its time without a break', () => {
    const guard = new OutputGuard();
    assert.ok(!guard.isExceeded(limit, 500, 0));
    assert.ok(!guard.isExceeded(limit, 500, 4_000));
    assert.ok(!guard.isExceeded(limit, 100, 5_000));
    assert.ok(!guard.isExceeded(limit, 500, 6_000));
    assert.ok(!guard.isExceeded(limit, 500, 11_000));
    assert.ok(guard.isExceeded(limit, 500, 11_001));
  });

  it('of zero is none', () => {
    assert.ok(!new OutputGuard().isExceeded({ hardBytes: 0, softBytes: 0, softMs: 0 }, 2 ** 40, 0));
  });
});
