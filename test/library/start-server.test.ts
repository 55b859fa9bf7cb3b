/** The library's server: what a test suite relies on. */
import assert from 'node:assert/strict';
import { Redis } from 'ioredis';
import {
  RedNodeError,
  startServer,
  type RunningServer,
  type ServerOptions,
  type TenantLimits,
} from '../../src/library/index.js';
import { freePort } from '../support/free-port.js';
import { runScript } from './script.js';

describe('startServer', () => {
  let server: RunningServer | undefined;
  let clients: Redis[] = [];

  function connect(url: string): Redis {
    const client = new Redis(url, { retryStrategy: null });
    client.on('error', () => undefined);
    clients.push(client);
    return client;
  }

  afterEach(async () => {
    for (const client of clients) client.disconnect();
    clients = [];
    await server?.stop();
    server = undefined;
  });

  it('gives a URL that any client can use, on a free port', async () => {
    server = await startServer();
    await using other = await startServer();
    await connect(server.url).set('k', 'v');
    assert.equal(await connect(server.url).get('k'), 'v');
    assert.equal(await connect(other.url).get('k'), null);
    assert.equal(server.url, `redis://${server.host}:${server.port}`);
  });

  it('listens on the port that it is given, and says so when that is taken', async () => {
    const port = await freePort();
    server = await startServer({ port });
    assert.equal(server.port, port);
    await assert.rejects(startServer({ port }), (error) => {
      assert.ok(error instanceof RedNodeError);
      assert.equal(error.code, 'PORT_IN_USE');
      assert.match(error.message, new RegExp(`^port ${port} is in use by pid ${process.pid}`));
      assert.match(error.hint ?? '', /leave `port` out/);
      return true;
    });
  });

  it('asks for its password, which the URL carries whatever characters it has', async () => {
    server = await startServer({ password: 'p@ss: word/é' });
    assert.equal(await connect(server.url).ping(), 'PONG');
    await assert.rejects(connect(`redis://${server.host}:${server.port}`).get('k'), /NOAUTH/);
  });

  it('keeps tenants apart: those that were asked for, and those that are created later', async () => {
    const withTenant = await startServer({ password: 'secret', tenants: ['acme'] });
    server = withTenant;
    const globex = await withTenant.createTenant('globex');
    await connect(withTenant.tenants.acme.url).set('k', 'of acme');
    await connect(globex.url).set('k', 'of globex');
    assert.equal(await connect(withTenant.tenants.acme.url).get('k'), 'of acme');
    assert.equal(await connect(globex.url).get('k'), 'of globex');
    assert.equal(await connect(withTenant.url).get('k'), null);
    const { username, password } = new URL(globex.url);
    assert.deepEqual([username, password], ['globex', globex.token]);
  });

  it('refuses a tenant that exists, in the words of the server', async () => {
    server = await startServer({ tenants: ['acme'] });
    await assert.rejects(server.createTenant('acme'), {
      code: 'TENANT_REFUSED',
      message: "cannot create tenant acme: tenant 'acme' exists already",
    });
  });

  it('holds tenants to their limits', async () => {
    server = await startServer();
    const { url } = await server.createTenant('small', { maxKeys: 1, defaultTtlSeconds: 100 });
    const client = connect(url);
    await client.set('a', '1');
    assert.ok((await client.ttl('a')) > 90);
    await assert.rejects(client.set('b', '2'), /max-?keys/i);
    await assert.rejects(server.createTenant('other', { keys: 1 } as TenantLimits), {
      code: 'BAD_OPTION',
      message: 'createTenant cannot be called so: there is no option keys',
    });
  });

  it('makes room by its eviction policy', async () => {
    server = await startServer({ maxMemoryBytes: 4 * 1024 * 1024, evictionPolicy: 'allkeys-lru' });
    const client = connect(server.url);
    for (let index = 0; index < 200; index++) await client.set(`k:${index}`, 'x'.repeat(64 * 1024));
    assert.equal(await client.get('k:0'), null);
    assert.equal((await client.get('k:199'))?.length, 64 * 1024);
  });

  it('leaves nothing behind when a tenant cannot be created at the start', async () => {
    const port = await freePort();
    await assert.rejects(startServer({ port, tenants: ['not a name'] }), { code: 'TENANT_REFUSED' });
    server = await startServer({ port });
    assert.equal(server.port, port);
  });

  it('holds no more than maxMemoryBytes', async () => {
    server = await startServer({ maxMemoryBytes: 1024 * 1024 });
    const client = connect(server.url);
    await assert.rejects(async () => {
      for (let index = 0; index < 64; index++) await client.set(`k:${index}`, 'x'.repeat(64 * 1024));
    }, /OOM command not allowed/);
  });

  it('stops with clients connected, frees its port, and may be stopped again', async () => {
    server = await startServer();
    const { port } = server;
    const client = connect(server.url);
    await client.ping();
    const closed = new Promise((resolve) => client.once('close', resolve));
    await server.stop();
    await server.stop();
    await closed;
    await assert.rejects(server.createTenant('late'), { code: 'STOPPED' });
    server = await startServer({ port });
  });

  const wrong: readonly (readonly [ServerOptions, string])[] = [
    [{ port: -1 }, 'port is less than 0'],
    [{ port: 6379.5 }, 'port is not a whole number from 0 to 65535'],
    [{ password: '' }, 'password is empty'],
    [{ logLevel: 'loud' as 'info' }, 'logLevel is none of debug, info, warn, error, silent'],
    [{ maxmemory: 1 } as ServerOptions, 'there is no option maxmemory'],
    [{ tenants: 'acme' as unknown as [] }, 'tenants is not a list of names'],
    [null as unknown as ServerOptions, 'the options are no object'],
  ];
  for (const [options, reason] of wrong) {
    it(`is told of a mistake in its options: ${reason}`, async () => {
      await assert.rejects(startServer(options), {
        code: 'BAD_OPTION',
        message: `startServer cannot be called so: ${reason}`,
      });
    });
  }

  describe('in a process of its own', function () {
    this.timeout(20_000);

    it('is quiet, and does not keep the process alive when nobody stops it', async () => {
      const { exitCode, stdout, stderr } = await runScript(
        `import { startServer } from 'LIBRARY';
         const server = await startServer();
         await server.createTenant('acme');
         process.stdout.write('done');`,
      );
      assert.deepEqual({ exitCode, stdout, stderr }, { exitCode: 0, stdout: 'done', stderr: '' });
    });

    it('logs to standard error when it is asked to', async () => {
      const { stdout, stderr } = await runScript(
        `import { connect } from 'node:net';
         import { once } from 'node:events';
         import { startServer } from 'LIBRARY';
         const server = await startServer({ logLevel: 'debug' });
         const socket = connect(server.port, server.host);
         await once(socket, 'connect');
         socket.resetAndDestroy();
         await once(socket, 'close');
         await server.stop();`,
      );
      assert.equal(stdout, '');
      const [line] = stderr.split('\n');
      assert.equal((JSON.parse(line) as { msg: string }).msg, 'connection error');
    });
  });
});
