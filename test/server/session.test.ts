import assert from 'node:assert/strict';
import { startServer, type RunningServer, type StartOptions } from '../../src/server/server.js';
import { hashSecret } from '../../src/tenancy/tokens.js';
import { eventually } from '../support/eventually.js';
import { RawConnection } from '../support/raw-connection.js';

/** Sends inline commands and returns their replies as text. */
async function ask(connection: RawConnection, ...commands: string[]): Promise<string[]> {
  connection.send(commands.map((command) => `${command}\r\n`).join(''));
  return (await connection.replies(commands.length)).map((reply) => reply.toString().trimEnd());
}

describe('a server', () => {
  let server: RunningServer;
  const connections: RawConnection[] = [];

  const start = async (options: StartOptions = {}): Promise<void> => {
    server = await startServer({ port: 0, ...options });
  };
  const connect = async (): Promise<RawConnection> => {
    const connection = await RawConnection.open(server.port);
    connections.push(connection);
    return connection;
  };

  afterEach(async () => {
    for (const connection of connections.splice(0)) await connection[Symbol.asyncDispose]();
    await server.stop();
  });

  it('answers pipelined commands in order', async () => {
    await start();
    const connection = await connect();
    assert.deepEqual(await ask(connection, 'SET a 1', 'INCR a', 'GET a', 'NOSUCH', 'PING'), [
      '+OK',
      ':2',
      '$1\r\n2',
      "-ERR unknown command 'NOSUCH', with args beginning with:",
      '+PONG',
    ]);
  });

  it('keeps the keys, channels and connections of tenants apart', async () => {
    await start();
    const admin = await connect();
    const [token] = await ask(admin, 'TENANT CREATE acme');
    await ask(admin, 'SET k admin');
    const tenant = await connect();
    const secret = token.split('\r\n')[1];
    assert.deepEqual(await ask(tenant, `AUTH acme ${secret}`, 'GET k', 'SET k acme', 'DBSIZE', 'KEYS *'), [
      '+OK',
      '$-1',
      '+OK',
      ':1',
      '*1\r\n$1\r\nk',
    ]);
    assert.deepEqual(await ask(admin, 'GET k', 'DBSIZE'), ['$5\r\nadmin', ':1']);
    tenant.send('SUBSCRIBE news\r\n');
    await tenant.replies(1);
    assert.deepEqual(await ask(admin, 'PUBLISH news x', 'PUBSUB CHANNELS'), [':0', '*0']);
    assert.deepEqual(await ask(admin, 'FLUSHALL', 'TENANT USE acme', 'GET k', 'PUBLISH news x'), [
      '+OK',
      '+OK',
      '$4\r\nacme',
      ':1',
    ]);
  });

  it('a tenant may run no admin command, enter no other tenant and see no other connection', async () => {
    await start();
    const admin = await connect();
    const [token] = await ask(admin, 'TENANT CREATE acme');
    await ask(admin, 'TENANT CREATE globex');
    const tenant = await connect();
    const replies = await ask(
      tenant,
      `AUTH acme ${token.split('\r\n')[1]}`,
      'CONFIG GET *',
      'SHUTDOWN',
      'TENANT CREATE evil',
      'TENANT USE globex',
      'TENANT USE default',
      'TENANT INFO globex',
      'TENANT LIST',
      'TENANT USE acme',
    );
    assert.deepEqual(replies, [
      '+OK',
      "-NOPERM this user has no permissions to run the 'config|get' command",
      "-NOPERM this user has no permissions to run the 'shutdown' command",
      "-NOPERM this user has no permissions to run the 'tenant|create' command",
      "-NOPERM this user has no permissions to enter tenant 'globex'",
      "-NOPERM this user has no permissions to enter tenant 'default'",
      "-ERR no such tenant 'globex'",
      '*1\r\n$4\r\nacme',
      '+OK',
    ]);
    const [clients] = await ask(tenant, 'CLIENT LIST');
    assert.equal(clients.match(/\bid=/g)?.length, 1);
    const [info] = await ask(tenant, 'INFO');
    assert.doesNotMatch(info, /process_id|total_commands_processed|# Replication/);
  });

  it('dropping a tenant removes its keys and ends its connections', async () => {
    await start();
    const admin = await connect();
    const [token] = await ask(admin, 'TENANT CREATE acme');
    const tenant = await connect();
    await ask(tenant, `AUTH acme ${token.split('\r\n')[1]}`, 'SET k 1');
    assert.deepEqual(await ask(admin, 'TENANT DROP acme', 'TENANT DROP acme'), ['+OK', "-ERR no such tenant 'acme'"]);
    await eventually(() => tenant.isClosed);
    assert.deepEqual((await ask(admin, 'TENANT CREATE acme', 'TENANT USE acme', 'DBSIZE')).slice(1), ['+OK', ':0']);
  });

  it('lets nobody do anything before the admin password is given', async () => {
    await start({ adminPasswordHash: hashSecret('s3cret') });
    const connection = await connect();
    assert.deepEqual(await ask(connection, 'GET k', 'AUTH wrong', 'AUTH s3cret', 'SET k 1', 'RESET', 'GET k'), [
      '-NOAUTH Authentication required.',
      '-WRONGPASS invalid username-password pair or user is disabled.',
      '+OK',
      '+OK',
      '+RESET',
      '-NOAUTH Authentication required.',
    ]);
  });

  it('commands behind one that waits are answered after it', async () => {
    await start();
    const connection = await connect();
    const replies = await ask(connection, 'TENANT CREATE acme', 'PING', 'TENANT CREATE acme', 'ECHO x');
    assert.match(replies[0], /rn_acme_/);
    assert.deepEqual(replies.slice(1), ['+PONG', "-ERR tenant 'acme' exists already", '$1\r\nx']);
  });

  it('refuses writes over its memory limit and goes on reading and deleting', async () => {
    await start({ maxMemoryBytes: 400_000 });
    const connection = await connect();
    const value = 'x'.repeat(10_000);
    const sets = Array.from({ length: 60 }, (_, index) => `SET k${index} ${value}`);
    const replies = await ask(connection, ...sets);
    assert.equal(replies[0], '+OK');
    assert.equal(replies[59], "-OOM command not allowed when used memory > 'maxmemory'.");
    assert.deepEqual(await ask(connection, 'DEL k0', 'STRLEN k1'), [':1', ':10000']);
  });

  it('turns away connections over its limit', async () => {
    await start({ maxClients: 1 });
    const first = await connect();
    await ask(first, 'PING');
    const second = await connect();
    assert.equal((await second.replies(1))[0].toString(), '-ERR max number of clients reached\r\n');
    await eventually(() => second.isClosed);
    assert.deepEqual(await ask(first, 'PING'), ['+PONG']);
  });

  it('answers a client that asks for far more than it reads, once it reads', async () => {
    await start();
    const connection = await connect();
    await ask(connection, `SET big ${'x'.repeat(60_000)}`);
    const count = 500;
    connection.send('GET big\r\n'.repeat(count));
    const replies = await connection.replies(count);
    assert.ok(replies.every((reply) => reply.length === 60_000 + 10));
  });

  it('an expired key is gone for readers at once, and from memory soon after', async () => {
    await start();
    const connection = await connect();
    await ask(connection, 'SET k v PX 1', 'SET stays v');
    await eventually(() => server.instance.store.keyspace(0).size === 1);
    assert.deepEqual(await ask(connection, 'GET k', 'DBSIZE'), ['$-1', ':1']);
  });

  it('SHUTDOWN stops it, after the replies under way', async () => {
    await start();
    const connection = await connect();
    connection.send('SET a 1\r\nSHUTDOWN\r\n');
    assert.equal((await connection.replies(1))[0].toString(), '+OK\r\n');
    await server.stopped;
    await eventually(() => connection.isClosed);
  });
});
