/** TLS: who is let in, what is said of bad files, and unmodified clients. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import path from 'node:path';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import type { TlsConfig } from '../../src/config/tls-config.js';
import { RedNodeError } from '../../src/errors.js';
import { startServer, type RunningServer, type StartOptions } from '../../src/server/server.js';
import { makeCertificates, type Certificates } from '../support/certificates.js';
import { frameOf } from '../support/command-words.js';
import { eventually } from '../support/eventually.js';
import { redisAvailable } from '../support/redis-server.js';

const run = promisify(execFile);
const MIB = 1024 * 1024;

describe('a node with TLS', function () {
  this.timeout(30_000);
  let files: Certificates;
  let server: RunningServer | undefined;

  before(async () => {
    files = await makeCertificates();
  });

  after(() => files[Symbol.asyncDispose]());

  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });

  function tls(changes: Partial<TlsConfig> = {}): TlsConfig {
    const { certFile, keyFile } = files.server;
    return { port: 0, certFile, keyFile, caFile: files.caFile, authClients: 'no', isOnly: false, ...changes };
  }

  async function start(changes: Partial<TlsConfig> = {}, options: StartOptions = {}): Promise<RunningServer> {
    server = await startServer({ port: 0, tls: tls(changes), ...options });
    return server;
  }

  /** Resolves to the reply to PING; rejects when the handshake, or the connection behind it, is refused. */
  async function ping(port: number, options: ConnectionOptions = {}): Promise<string> {
    const socket = connect({ port, host: '127.0.0.1', ca: files.ca, ...options });
    try {
      socket.write('PING\r\n');
      return await firstChunk(socket);
    } finally {
      socket.destroy();
    }
  }

  async function firstChunk(socket: TLSSocket): Promise<string> {
    const closed = once(socket, 'close').then(() => Promise.reject(new Error('closed')));
    const [chunk] = (await Promise.race([once(socket, 'data'), closed])) as [Buffer];
    return chunk.toString();
  }

  it('answers on both ports, and only by TLS on its own', async () => {
    const { port, tlsPort } = await start();
    assert.equal(await ping(tlsPort), '+PONG\r\n');
    const plain = connectTcp({ port, host: '127.0.0.1' });
    plain.write('PING\r\n');
    const [chunk] = (await once(plain, 'data')) as [Buffer];
    assert.equal(chunk.toString(), '+PONG\r\n');
    plain.destroy();
    const wrong = connectTcp({ port: tlsPort, host: '127.0.0.1' });
    wrong.on('error', () => undefined);
    wrong.write('PING\r\nPING\r\n');
    await once(wrong, 'close');
  });

  it('has no other port when it is to have TLS only', async () => {
    const { port, tlsPort } = await start({ isOnly: true });
    assert.equal(port, 0);
    assert.equal(await ping(tlsPort), '+PONG\r\n');
  });

  it('asks for a client certificate of its CA when it is to', async () => {
    const { tlsPort } = await start({ authClients: 'yes' });
    await assert.rejects(ping(tlsPort));
    const { cert, key } = files.client;
    assert.equal(await ping(tlsPort, { cert, key }), '+PONG\r\n');
    await assert.rejects(ping(tlsPort, { cert: files.stranger.cert, key: files.stranger.key }));
  });

  it('takes clients without a certificate where it is optional, but none with a bad one', async () => {
    const { tlsPort, instance } = await start({ authClients: 'optional' });
    assert.equal(await ping(tlsPort), '+PONG\r\n');
    const { cert, key } = files.client;
    assert.equal(await ping(tlsPort, { cert, key }), '+PONG\r\n');
    await assert.rejects(ping(tlsPort, { cert: files.stranger.cert, key: files.stranger.key }));
    assert.equal(instance.statistics.tlsHandshakeFailures, 1);
  });

  it('carries large values both ways, and many requests at once', async () => {
    const { tlsPort } = await start();
    const socket = connect({ port: tlsPort, host: '127.0.0.1', ca: files.ca });
    let receivedBytes = 0;
    socket.on('data', (chunk: Buffer) => (receivedBytes += chunk.length));
    socket.write(frameOf(['SET', 'large', Buffer.alloc(4 * MIB, 'x')]));
    for (let count = 0; count < 10; count++) socket.write(frameOf(['GET', 'large']));
    for (let count = 0; count < 1000; count++) socket.write('PING\r\n');
    const expectedBytes = 5 + 10 * (4 * MIB + `$${4 * MIB}\r\n\r\n`.length) + 1000 * 7;
    await eventually(() => receivedBytes === expectedBytes, { timeoutMs: 15_000 });
    socket.destroy();
  });

  it('a handshake that does not come to its end takes a place among the clients', async () => {
    const { tlsPort } = await start({}, { maxClients: 1, authenticationTimeoutMs: 60_000 });
    const idle = connectTcp({ port: tlsPort, host: '127.0.0.1' });
    await once(idle, 'connect');
    await assert.rejects(ping(tlsPort));
    const gone = once(idle, 'close');
    idle.destroy();
    await gone;
    await eventually(async () => (await ping(tlsPort)) === '+PONG\r\n');
  });

  it('ends a handshake that takes too long', async () => {
    const { tlsPort, instance } = await start({}, { authenticationTimeoutMs: 100 });
    const idle = connectTcp({ port: tlsPort, host: '127.0.0.1' });
    idle.on('error', () => undefined);
    await once(idle.resume(), 'close');
    assert.equal(instance.sessions.size, 0);
  });

  it('serves ioredis and node-redis', async () => {
    const { tlsPort } = await start();
    const one = new Redis({ port: tlsPort, tls: { ca: files.ca } });
    await one.set('k', 'v');
    one.disconnect();
    const other = createClient({ url: `rediss://127.0.0.1:${tlsPort}`, socket: { tls: true, ca: files.ca } });
    await other.connect();
    assert.equal(await other.get('k'), 'v');
    await other.close();
  });

  it('serves redis-cli --tls', async function () {
    if (!redisAvailable()) this.skip();
    const { tlsPort } = await start({ authClients: 'yes' });
    const { certFile, keyFile } = files.client;
    const words = ['-p', String(tlsPort), '--tls', '--cacert', files.caFile, '--cert', certFile, '--key', keyFile];
    const { stdout } = await run('redis-cli', [...words, 'ECHO', 'hello'], { timeout: 10_000 });
    assert.equal(stdout, 'hello\n');
  });

  it('tells its settings by CONFIG GET', async () => {
    const { tlsPort } = await start();
    const client = new Redis({ port: tlsPort, tls: { ca: files.ca } });
    const settings = await client.config('GET', 'tls-*');
    client.disconnect();
    const values = new Map(settings.flatMap((name, index) => (index % 2 === 0 ? [[name, settings[index + 1]]] : [])));
    assert.equal(values.get('tls-port'), String(tlsPort));
    assert.equal(values.get('tls-cert-file'), files.server.certFile);
    assert.equal(values.get('tls-auth-clients'), 'no');
  });

  async function failure(changes: Partial<TlsConfig>): Promise<RedNodeError> {
    try {
      await start(changes);
    } catch (error) {
      if (error instanceof RedNodeError) return error;
      throw error;
    }
    throw new Error('it started');
  }

  it('names the file and the reason when a file cannot be used', async () => {
    const missing = path.join(files.folder, 'missing.pem');
    const absent = await failure({ certFile: missing });
    assert.equal(absent.code, 'TLS_FILE_UNREADABLE');
    assert.equal(absent.message, `cannot read the TLS certificate ${missing}: there is no such file`);
    const nonsense = path.join(files.folder, 'nonsense.pem');
    await writeFile(nonsense, 'no certificate');
    for (const changes of [{ certFile: nonsense }, { keyFile: nonsense }, { caFile: nonsense }]) {
      const error = await failure(changes);
      assert.equal(error.code, 'TLS_BAD_CERTIFICATE');
      assert.ok(error.message.includes(nonsense), error.message);
    }
    const other = await failure({ keyFile: files.client.keyFile });
    assert.ok(other.message.includes('is not that of the certificate'), other.message);
    assert.equal((await failure({ caFile: undefined, authClients: 'yes' })).code, 'TLS_NO_CA');
  });
});
