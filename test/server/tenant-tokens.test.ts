import assert from 'node:assert/strict';
import { ManualClock } from '../../src/clock.js';
import { startServer, type RunningServer } from '../../src/server/server.js';
import { hashSecret } from '../../src/tenancy/tokens.js';
import { eventually } from '../support/eventually.js';
import { RawConnection } from '../support/raw-connection.js';

describe('the tokens of a tenant', () => {
  let server: RunningServer;
  let clock: ManualClock;
  let admin: RawConnection;
  const connections: RawConnection[] = [];

  const ask = async (connection: RawConnection, ...commands: string[]): Promise<string[]> => {
    connection.send(commands.map((command) => `${command}\r\n`).join(''));
    return (await connection.replies(commands.length)).map((reply) => reply.toString().trimEnd());
  };
  const connect = async (): Promise<RawConnection> => {
    const connection = await RawConnection.open(server.port);
    connections.push(connection);
    return connection;
  };
  const addToken = async (options: string): Promise<{ id: string; secret: string }> => {
    const words = (await ask(admin, `TENANT TOKEN ADD acme ${options}`))[0].split('\r\n');
    return { id: words[4], secret: words[8] };
  };
  const enterWith = async (secret: string): Promise<RawConnection> => {
    const connection = await connect();
    assert.deepEqual(await ask(connection, `AUTH acme ${secret}`), ['+OK']);
    return connection;
  };

  beforeEach(async () => {
    clock = new ManualClock(Date.UTC(2030, 0));
    server = await startServer({ port: 0, clock, adminPasswordHash: hashSecret('s3cret') });
    admin = await connect();
    await ask(admin, 'AUTH s3cret', 'TENANT CREATE acme');
  });
  afterEach(async () => {
    for (const connection of connections.splice(0)) await connection[Symbol.asyncDispose]();
    await server.stop();
  });

  it('several let in at once, and revoking one closes its connections alone', async () => {
    const [first, second] = [await addToken(''), await addToken('')];
    const [old, fresh] = [await enterWith(first.secret), await enterWith(second.secret)];
    await ask(old, 'SET k 1');
    assert.deepEqual(await ask(admin, `TENANT TOKEN REVOKE acme ${first.id}`), ['+OK']);
    await eventually(() => old.isClosed);
    assert.deepEqual(await ask(fresh, 'GET k'), ['$1\r\n1']);
    assert.match((await ask(await connect(), `AUTH acme ${first.secret}`))[0], /^-WRONGPASS/);
    assert.match((await ask(admin, `TENANT TOKEN REVOKE acme ${first.id}`))[0], /has no token/);
  });

  it('are listed by their ids, never with the secret', async () => {
    const { id, secret } = await addToken('EXPIRES 60 READONLY COMMANDS @read +keys KEYS user:* order:*');
    await enterWith(secret);
    const [list] = await ask(admin, 'TENANT TOKEN LIST acme');
    const at = clock.now();
    assert.ok(!list.includes(secret) && !list.includes(hashSecret(secret)));
    assert.ok(list.startsWith('*2\r\n'));
    const words = list
      .slice(list.indexOf(id))
      .split('\r\n')
      .filter((word) => !/^[$]/.test(word));
    assert.deepEqual(words, [
      ...[id, 'created-at-ms', `:${at}`, 'expires-at-ms', `:${at + 60_000}`, 'last-used-at-ms', `:${at}`],
      ...['connections', ':1', 'readonly', ':1', 'commands', '*2', '@read', 'keys', 'keys', '*2', 'user:*', 'order:*'],
    ]);
  });

  it('past its end, a token lets nobody in, and who is in is sent away', async () => {
    const { secret } = await addToken('EXPIRES 60');
    const [connection, other] = [await enterWith(secret), await enterWith((await addToken('')).secret)];
    clock.advance(59_999);
    assert.deepEqual(await ask(connection, 'PING'), ['+PONG']);
    clock.advance(1);
    await eventually(() => connection.isClosed);
    assert.match((await ask(await connect(), `AUTH acme ${secret}`))[0], /^-WRONGPASS/);
    assert.deepEqual(await ask(other, 'PING'), ['+PONG']);
  });

  it('a read-only token reads, and neither writes nor is felt by others', async () => {
    const connection = await enterWith((await addToken('READONLY')).secret);
    const replies = await ask(
      connection,
      'GET k',
      'SCAN 0',
      'SET k 1',
      'FLUSHALL',
      'PUBLISH c m',
      'PING',
      'INFO server',
    );
    assert.deepEqual(replies.slice(2, 6), [
      "-NOPERM this user has no permissions to run the 'set' command",
      "-NOPERM this user has no permissions to run the 'flushall' command",
      "-NOPERM this user has no permissions to run the 'publish' command",
      '+PONG',
    ]);
    assert.equal(replies[0], '$-1');
    assert.match(replies[6], /redis_version/);
  });

  it('a token for some commands runs those, and what a client needs to get along', async () => {
    const connection = await enterWith((await addToken('COMMANDS get @write')).secret);
    assert.deepEqual(await ask(connection, 'SET k 1', 'GET k', 'MGET k', 'KEYS *', 'CLIENT SETNAME me', 'HELLO x'), [
      '+OK',
      '$1\r\n1',
      "-NOPERM this user has no permissions to run the 'mget' command",
      "-NOPERM this user has no permissions to run the 'keys' command",
      '+OK',
      '-ERR Protocol version is not an integer or out of range',
    ]);
    assert.match((await ask(connection, 'CONFIG GET *'))[0], /^-NOPERM .*'config\|get' command$/);
  });

  it('a token for some keys sees no others, by whatever command, and no other channels', async () => {
    const connection = await enterWith((await addToken('KEYS user:* tmp')).secret);
    const noKey = '-NOPERM this user has no permissions to access one of the keys used as arguments';
    const noChannel = '-NOPERM this user has no permissions to access one of the channels used as arguments';
    assert.deepEqual(await ask(connection, 'MSET user:1 a tmp b', 'MGET user:1 x', 'RENAME tmp x', 'DEL user:1 tmp'), [
      '+OK',
      noKey,
      noKey,
      ':2',
    ]);
    for (const command of ['KEYS *', 'SCAN 0', 'RANDOMKEY', 'FLUSHALL', 'FLUSHDB']) {
      assert.deepEqual(await ask(connection, command), [noKey], command);
    }
    const channels = [
      'PUBLISH user:1 m',
      'PUBLISH other m',
      'PSUBSCRIBE use*',
      'SUBSCRIBE other',
      'SUBSCRIBE user:1 x',
    ];
    assert.deepEqual(await ask(connection, ...channels), [':0', noChannel, noChannel, noChannel, noChannel]);
    assert.match((await ask(connection, 'PSUBSCRIBE user:*'))[0], /^\*3\r\n\$10\r\npsubscribe/);
  });

  it('a rename keeps the connections, the keys and the tokens', async () => {
    const { secret } = await addToken('');
    const connection = await enterWith(secret);
    await ask(connection, 'SET k 1');
    assert.deepEqual(await ask(admin, 'TENANT RENAME acme beta', 'TENANT LIST'), [
      '+OK',
      '*2\r\n$7\r\ndefault\r\n$4\r\nbeta',
    ]);
    assert.deepEqual(await ask(connection, 'GET k', 'TENANT LIST', 'TENANT USE beta', 'TENANT INFO acme'), [
      '$1\r\n1',
      '*1\r\n$4\r\nbeta',
      '+OK',
      "-ERR no such tenant 'acme'",
    ]);
    const again = await connect();
    assert.deepEqual(await ask(again, `AUTH beta ${secret}`, 'GET k'), ['+OK', '$1\r\n1']);
    assert.match((await ask(await connect(), `AUTH acme ${secret}`))[0], /^-WRONGPASS/);
  });

  it('a flush removes the keys and leaves all else', async () => {
    const { secret } = await addToken('');
    const connection = await enterWith(secret);
    await ask(connection, 'SET k 1');
    assert.deepEqual(await ask(admin, 'SET k 2', 'TENANT FLUSH acme', 'GET k'), ['+OK', '+OK', '$1\r\n2']);
    assert.deepEqual(await ask(connection, 'DBSIZE', 'SET k 3'), [':0', '+OK']);
    assert.deepEqual(await ask(admin, 'TENANT FLUSH default', 'DBSIZE'), ['+OK', ':0']);
    assert.deepEqual(await ask(connection, 'GET k'), ['$1\r\n3']);
  });

  it('a tenant runs none of the commands for tenants but those about itself', async () => {
    const connection = await enterWith((await addToken('')).secret);
    const denied = ['CREATE x', 'LIMIT acme MAXKEYS 0', 'TOKEN LIST acme', 'RENAME acme x', 'FLUSH acme', 'DROP acme'];
    for (const command of denied) assert.match((await ask(connection, `TENANT ${command}`))[0], /^-NOPERM /, command);
    assert.match((await ask(connection, 'TENANT STATS'))[0], /acme/);
    assert.deepEqual(await ask(connection, 'TENANT STATS default'), ["-ERR no such tenant 'default'"]);
    assert.ok((await ask(connection, 'TENANT LIST WITHSTATS'))[0].startsWith('*1\r\n*50\r\n'));
  });
});
