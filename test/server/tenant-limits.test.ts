import assert from 'node:assert/strict';
import { startServer, type RunningServer } from '../../src/server/server.js';
import { eventually } from '../support/eventually.js';
import { RawConnection } from '../support/raw-connection.js';

const MS_PER_SECOND = 1000;
const REPLY_TIMEOUT_MS = 15_000;

describe('the limits of a tenant', () => {
  let server: RunningServer;
  let admin: RawConnection;
  let secret: string;
  const connections: RawConnection[] = [];

  /** Sends inline commands and returns their replies as text. */
  const ask = async (connection: RawConnection, ...commands: string[]): Promise<string[]> => {
    connection.send(commands.map((command) => `${command}\r\n`).join(''));
    return (await connection.replies(commands.length)).map((reply) => reply.toString().trimEnd());
  };
  const connect = async (): Promise<RawConnection> => {
    const connection = await RawConnection.open(server.port);
    connections.push(connection);
    return connection;
  };
  /** A connection of tenant acme, which is made with these limits. */
  const enter = async (limits: string): Promise<RawConnection> => {
    const [reply] = await ask(admin, `TENANT CREATE acme ${limits}`);
    secret = reply.split('\r\n')[1];
    const tenant = await connect();
    assert.deepEqual(await ask(tenant, `AUTH acme ${secret}`), ['+OK']);
    return tenant;
  };
  const statsOf = async (name: string): Promise<Map<string, string>> => {
    const words = (await ask(admin, `TENANT STATS ${name}`))[0].split('\r\n').filter((line) => !/^[*$]/.test(line));
    const pairs = new Map<string, string>();
    for (let index = 0; index < words.length; index += 2) pairs.set(words[index], words[index + 1].replace(/^:/, ''));
    return pairs;
  };

  beforeEach(async () => {
    server = await startServer({ port: 0 });
    admin = await connect();
  });
  afterEach(async () => {
    for (const connection of connections.splice(0)) await connection[Symbol.asyncDispose]();
    await server.stop();
  });

  it('MAXKEYS is never passed, and what replaces, reads or deletes goes on', async () => {
    const tenant = await enter('MAXKEYS 3');
    const full = "-OOM tenant 'acme' is at its MAXKEYS of 3: delete keys, or have the limit raised";
    assert.deepEqual(await ask(tenant, 'MSET a 1 b 2 b 3', 'MSET c 1 d 1', 'DBSIZE', 'MSET c 1 c 2', 'SET d 1'), [
      '+OK',
      full,
      ':2',
      '+OK',
      full,
    ]);
    assert.deepEqual(await ask(tenant, 'SET a 9', 'INCR b', 'GET a', 'DEL a', 'SET d 1', 'DBSIZE'), [
      '+OK',
      ':4',
      '$1\r\n9',
      ':1',
      '+OK',
      ':3',
    ]);
    assert.deepEqual(await ask(tenant, 'BITOP NOT x nosuch', 'COPY nosuch a', 'RENAME d e', 'DBSIZE'), [
      full,
      full,
      '+OK',
      ':3',
    ]);
    assert.deepEqual(await ask(tenant, 'BITOP OR b nosuch c', 'COPY nosuch c'), [':1', ':0']);
    assert.equal((await statsOf('acme')).get('rejected-keys'), '4');
  });

  it('MAXMEMORY names itself, also where a short command would make a long value', async () => {
    const tenant = await enter('MAXMEMORY 64kb');
    const full = "-OOM tenant 'acme' is at its MAXMEMORY of 64kb: delete keys, or have the limit raised";
    assert.deepEqual(await ask(tenant, `SET a ${'x'.repeat(40_000)}`, `SET b ${'x'.repeat(40_000)}`, 'STRLEN a'), [
      '+OK',
      full,
      ':40000',
    ]);
    assert.deepEqual(await ask(tenant, 'SETRANGE c 30000 x', 'SETBIT c 400000 1', 'SETRANGE a 70000 x', 'EXISTS c'), [
      full,
      full,
      full,
      ':0',
    ]);
    assert.deepEqual(await ask(tenant, 'DEL a', `SET b ${'x'.repeat(40_000)}`, 'APPEND b y'), [':1', '+OK', ':40001']);
    assert.equal((await statsOf('acme')).get('rejected-memory'), '4');
  });

  it('with a policy, its own oldest keys make room, and those of others stay', async () => {
    await ask(admin, 'MSET a 1 b 2 c 3');
    const tenant = await enter('MAXKEYS 50 EVICT allkeys-random');
    for (let number = 0; number < 200; number++) {
      assert.deepEqual(await ask(tenant, `MSET k${number} 1 l${number} 2`), ['+OK']);
    }
    assert.deepEqual(await ask(tenant, 'DBSIZE'), [':50']);
    assert.equal((await statsOf('acme')).get('evicted'), '350');
    assert.deepEqual(await ask(admin, 'DBSIZE'), [':3']);
    assert.match((await ask(tenant, `MSET ${Array.from({ length: 51 }, (_, n) => `m${n} 1`).join(' ')}`))[0], /^-OOM/);
  });

  it('DEFAULTTTL gives a time to live to what is written without one, and takes no key’s own', async () => {
    const tenant = await enter('DEFAULTTTL 1000');
    await ask(
      tenant,
      'SET a 1',
      'SET b 1 EX 50',
      'MSET c 1 d 2',
      'APPEND e x',
      'SET b 2 KEEPTTL',
      'SET p 1',
      'PERSIST p',
    );
    assert.deepEqual(await ask(tenant, 'TTL a', 'TTL b', 'TTL c', 'TTL d', 'TTL e', 'TTL p'), [
      ':1000',
      ':50',
      ':1000',
      ':1000',
      ':1000',
      ':-1',
    ]);
    assert.deepEqual(await ask(tenant, 'SET b 3', 'TTL b', 'SET p 2', 'TTL p', 'SETNX a 5', 'TTL a'), [
      '+OK',
      ':1000',
      '+OK',
      ':-1',
      ':0',
      ':1000',
    ]);
  });

  it('MAXCONNECTIONS is counted when a token is given, and a closed connection makes room', async () => {
    const tenant = await enter('MAXCONNECTIONS 1');
    const second = await connect();
    const refusal = "-ERR max number of clients reached: tenant 'acme' is at its MAXCONNECTIONS of 1 on this node";
    assert.deepEqual(await ask(second, `AUTH acme ${secret}`), [refusal]);
    assert.deepEqual(await ask(tenant, `AUTH acme ${secret}`), ['+OK']);
    await tenant[Symbol.asyncDispose]();
    await eventually(async () => (await ask(second, `AUTH acme ${secret}`))[0] === '+OK');
    assert.notEqual((await statsOf('acme')).get('rejected-connections'), '0');
  });

  it('a pipeline over MAXOPS is answered in full, in order, and as slowly as its rate; nobody else waits', async () => {
    const rate = 400;
    const tenant = await enter(`MAXOPS ${rate}`);
    const startedMs = performance.now();
    const count = 1000;
    tenant.send(Array.from({ length: count }, (_, number) => `ECHO ${number}\r\n`).join(''));
    let isDone = false;
    const replies = tenant.replies(count, REPLY_TIMEOUT_MS).finally(() => (isDone = true));
    for (let turn = 0; turn < 50; turn++) assert.deepEqual(await ask(admin, 'PING'), ['+PONG']);
    assert.equal(isDone, false);
    const echoed = (await replies).map((reply) => reply.toString().split('\r\n')[1]);
    const elapsedMs = performance.now() - startedMs;
    assert.deepEqual(
      echoed,
      Array.from({ length: count }, (_, number) => String(number)),
    );
    // The bucket holds one second's worth at the start, less what AUTH took.
    assert.ok(elapsedMs >= ((count - rate) / rate - 0.1) * MS_PER_SECOND, `${elapsedMs} ms`);
    assert.ok(Number((await statsOf('acme')).get('throttled-ms')) > MS_PER_SECOND);
  });

  it('connections of a slowed tenant take turns, and go on at once when the limit is lifted', async () => {
    const greedy = await enter('MAXOPS 100');
    const modest = await connect();
    await ask(modest, `AUTH acme ${secret}`);
    greedy.send('PING\r\n'.repeat(100_000));
    const greedyReplies = greedy.replies(100_000);
    for (let turn = 0; turn < 5; turn++) assert.deepEqual(await ask(modest, 'PING'), ['+PONG']);
    await ask(admin, 'TENANT LIMIT acme MAXOPS 0');
    assert.equal((await greedyReplies).length, 100_000);
  });

  it('the admin is not slowed in a tenant, and its writes keep to the limits of the keys', async () => {
    await enter('MAXOPS 1 MAXKEYS 1');
    const replies = await ask(admin, 'TENANT USE acme', ...Array.from({ length: 100 }, () => 'PING'), 'MSET a 1 b 2');
    assert.match(replies[101], /^-OOM tenant 'acme'/);
  });

  it('limits change while the tenant is at work, one at a time', async () => {
    const tenant = await enter('MAXKEYS 1 DEFAULTTTL 10');
    assert.match((await ask(tenant, 'MSET a 1 b 2'))[0], /^-OOM/);
    assert.deepEqual(await ask(admin, 'TENANT LIMIT acme MAXKEYS 2'), ['+OK']);
    assert.deepEqual(await ask(tenant, 'MSET a 1 b 2', 'TTL a', 'SET c 1'), [
      '+OK',
      ':10',
      "-OOM tenant 'acme' is at its MAXKEYS of 2: delete keys, or have the limit raised",
    ]);
    await ask(admin, 'TENANT LIMIT acme MAXKEYS 0 DEFAULTTTL 0');
    assert.deepEqual(await ask(tenant, 'SET c 1', 'TTL c'), ['+OK', ':-1']);
  });

  it('wrong options are refused with what is wrong', async () => {
    const cases = {
      'TENANT CREATE x MAXKEYS': '-ERR syntax error',
      'TENANT CREATE x MAXKEYS many': '-ERR value is not an integer or out of range',
      'TENANT CREATE x MAXKEYS -1': '-ERR value is not an integer or out of range',
      'TENANT CREATE x MAXMEMORY 64xb': '-ERR MAXMEMORY is not a size: a number of bytes, or such as 64mb',
      'TENANT CREATE x NOSUCH 1': '-ERR syntax error',
      'TENANT LIMIT nosuch MAXKEYS 1': "-ERR no such tenant 'nosuch'",
      'TENANT LIMIT default MAXKEYS 1': "-ERR tenant 'default' cannot be limited",
      'TENANT LIMIT x': "-ERR wrong number of arguments for 'tenant|limit' command",
      'TENANT LIST NOSUCH': '-ERR syntax error',
      'TENANT TOKEN ADD default': "-ERR tenant 'default' has no tokens: the admin password lets in",
      'TENANT TOKEN ADD nosuch': "-ERR no such tenant 'nosuch'",
      'TENANT TOKEN LIST nosuch': "-ERR no such tenant 'nosuch'",
      'TENANT TOKEN ADD x COMMANDS': '-ERR syntax error',
      'TENANT TOKEN ADD x COMMANDS nosuch': "-ERR unknown command or category 'nosuch'",
      'TENANT TOKEN ADD x EXPIRES 0': '-ERR value is not an integer or out of range',
    };
    for (const [command, error] of Object.entries(cases)) assert.deepEqual(await ask(admin, command), [error], command);
    assert.match((await ask(admin, 'TENANT CREATE x EVICT sometimes'))[0], /^-ERR EVICT must be one of volatile-lru, /);
  });
});
