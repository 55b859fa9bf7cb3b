import assert from 'node:assert/strict';
import { clientLine, type ClientState } from '../../src/server/client-line.js';
import { eventually } from '../support/eventually.js';
import type { RawConnection } from '../support/raw-connection.js';
import { ask, TestServers, untilEven } from './linked-servers.js';

const servers = new TestServers();

async function idOf(connection: RawConnection): Promise<number> {
  return Number((await ask(connection, 'CLIENT ID'))[0].slice(1));
}

const fieldOf = (line: string, name: string): string | undefined => new RegExp(` ${name}=(\\S*)`).exec(line)?.[1];

describe('CLIENT', () => {
  afterEach(() => servers.stop());

  it('KILL of a tenant reaches its own connections and none of the admin or of others', async () => {
    const server = await servers.start();
    const admin = await servers.connect(server);
    const acme = await servers.connectAs(server, 'acme');
    const globex = await servers.connectAs(server, 'globex');
    const visiting = await servers.connect(server);
    await ask(visiting, 'TENANT USE acme');
    for (const victim of [admin, globex, visiting]) {
      assert.deepEqual(await ask(acme, `CLIENT KILL ID ${await idOf(victim)}`), [':0']);
    }
    assert.deepEqual(await ask(acme, 'CLIENT KILL USER globex', 'CLIENT KILL USER default'), [
      "-ERR No such user 'globex'",
      "-ERR No such user 'default'",
    ]);
    assert.deepEqual(await ask(acme, 'CLIENT KILL TYPE normal', 'CLIENT KILL USER acme'), [':0', ':0']);
    for (const alive of [admin, globex, visiting]) assert.deepEqual(await ask(alive, 'PING'), ['+PONG']);
    assert.deepEqual(await ask(admin, 'CLIENT KILL USER acme'), [':1']);
    await eventually(() => acme.isClosed);
  });

  it('KILL of its own address answers before it closes', async () => {
    const server = await servers.start();
    const connection = await servers.connect(server);
    const address = fieldOf((await ask(connection, 'CLIENT INFO'))[0], 'addr') ?? '';
    connection.send(`CLIENT KILL ${address}\r\nPING\r\n`);
    assert.equal((await connection.untilClosed()).toString(), '+OK\r\n');
  });

  it('PAUSE is the admin’s', async () => {
    const server = await servers.start();
    const acme = await servers.connectAs(server, 'acme');
    for (const command of ['CLIENT PAUSE 10', 'CLIENT UNPAUSE', 'CLIENT NO-EVICT ON']) {
      assert.match((await ask(acme, command))[0], /^-NOPERM /);
    }
  });

  it('PAUSE WRITE holds writes, publications and transactions that write, and lets reads go on', async () => {
    const server = await servers.start();
    const [admin, writer, reader, publisher, transaction] = await Promise.all(
      Array.from({ length: 5 }, () => servers.connect(server)),
    );
    await ask(transaction, 'MULTI', 'SET t 1');
    await ask(admin, 'CLIENT PAUSE 100000 WRITE');
    writer.send('SET a 1\r\nSET a 2\r\nGET a\r\n');
    publisher.send('PUBLISH c x\r\n');
    transaction.send('EXEC\r\nGET t\r\n');
    await eventually(async () => {
      const [list] = await ask(admin, 'CLIENT LIST');
      return list.split('\n').filter((line) => fieldOf(line, 'flags')?.includes('b')).length === 3;
    });
    assert.deepEqual(await ask(reader, 'GET a', 'GET t', 'MULTI', 'GET a', 'EXEC'), [
      '$-1',
      '$-1',
      '+OK',
      '+QUEUED',
      '*1\r\n$-1',
    ]);
    assert.deepEqual(await ask(admin, 'CLIENT UNPAUSE'), ['+OK']);
    assert.deepEqual((await writer.replies(3)).map(String), ['+OK\r\n', '+OK\r\n', '$1\r\n2\r\n']);
    assert.deepEqual((await publisher.replies(1)).map(String), [':0\r\n']);
    assert.deepEqual((await transaction.replies(2)).map(String), ['*1\r\n+OK\r\n', '$1\r\n1\r\n']);
  });

  it('PAUSE holds everything until its time is over, and answers in order', async () => {
    const server = await servers.start();
    const connection = await servers.connect(server);
    connection.send('SET a 1\r\nCLIENT PAUSE 50\r\nGET a\r\nAPPEND a 2\r\nGET a\r\n');
    assert.deepEqual((await connection.replies(5)).map(String), [
      '+OK\r\n',
      '+OK\r\n',
      '$1\r\n1\r\n',
      ':2\r\n',
      '$2\r\n12\r\n',
    ]);
  });

  it('PAUSE has nothing deleted: an expired key is hidden, and goes afterwards', async () => {
    const server = await servers.start();
    const connection = await servers.connect(server);
    const keyspace = server.instance.store.keyspace(0);
    await ask(connection, 'SET stays 1', 'SET k 1 PX 20', 'CLIENT PAUSE 100000 WRITE');
    await eventually(async () => (await ask(connection, 'GET k'))[0] === '$-1');
    assert.equal(keyspace.size, 2);
    await ask(connection, 'CLIENT UNPAUSE');
    await eventually(() => keyspace.size === 1);
  });

  it('a connection that goes while it is paused takes its command with it', async () => {
    const server = await servers.start();
    const admin = await servers.connect(server);
    const writer = await servers.connect(server);
    await ask(admin, 'CLIENT PAUSE 100000 WRITE');
    writer.send('SET a 1\r\n');
    await eventually(async () => (await ask(admin, 'CLIENT LIST'))[0].includes('flags=b'));
    await writer[Symbol.asyncDispose]();
    await eventually(() => server.instance.sessions.size === 1);
    assert.deepEqual(await ask(admin, 'CLIENT UNPAUSE', 'GET a'), ['+OK', '$-1']);
  });

  it('REPLY OFF lets messages of channels through', async () => {
    const server = await servers.start();
    const listener = await servers.connect(server);
    listener.send('HELLO 3\r\n');
    await listener.replies(1);
    listener.send('SUBSCRIBE c\r\nCLIENT REPLY OFF\r\nPING\r\nPUBLISH c mine\r\n');
    await listener.replies(1);
    assert.match((await listener.reply()).toString(), /^>3[^]*mine/);
    assert.deepEqual(await ask(await servers.connect(server), 'PUBLISH c theirs'), [':1']);
    assert.match((await listener.reply()).toString(), /^>3[^]*theirs/);
  });

  it('NO-TOUCH reads without leaving a trace', async () => {
    const server = await servers.start();
    const connection = await servers.connect(server);
    const keyspace = server.instance.store.keyspace(0);
    const traces: boolean[] = [];
    await ask(connection, 'SET k 1', 'CLIENT NO-TOUCH ON');
    const find = keyspace.find.bind(keyspace);
    keyspace.find = (...key): number => {
      traces.push(keyspace.marksAccess);
      return find(...key);
    };
    await ask(connection, 'GET k', 'TOUCH k', 'CLIENT NO-TOUCH OFF', 'GET k');
    assert.deepEqual([traces[0], traces.at(-1), keyspace.marksAccess], [false, true, true]);
  });

  it('UNBLOCK ends a WAIT, with what there is or with an error', async () => {
    const server = await servers.start();
    const admin = await servers.connect(server);
    const waiting = await servers.connect(server);
    const id = await idOf(waiting);
    for (const [how, reply] of [
      ['', ':0\r\n'],
      [' TIMEOUT', ':0\r\n'],
      [' ERROR', '-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n'],
    ]) {
      waiting.send('WAIT 1 0\r\n');
      await eventually(async () => (await ask(admin, `CLIENT UNBLOCK ${id}${how}`))[0] === ':1');
      assert.equal((await waiting.reply()).toString(), reply);
    }
    const stranger = await servers.connectAs(server, 'acme');
    waiting.send('WAIT 1 0\r\n');
    await eventually(async () => (await ask(admin, 'CLIENT LIST'))[0].includes('flags=b'));
    assert.deepEqual(await ask(stranger, `CLIENT UNBLOCK ${id}`), [':0']);
  });

  it('RESET undoes all modes of a connection', async () => {
    const server = await servers.start();
    const connection = await servers.connect(server);
    await ask(connection, 'WATCH k', 'CLIENT NO-EVICT ON', 'CLIENT NO-TOUCH ON', 'MULTI');
    assert.equal(fieldOf((await ask(await servers.connect(server), 'CLIENT LIST'))[0], 'flags'), 'xeT');
    await ask(connection, 'RESET');
    assert.equal(fieldOf((await ask(connection, 'CLIENT INFO'))[0], 'flags'), 'N');
  });
});

describe('WAIT', () => {
  afterEach(() => servers.stop());

  it('answers as soon as the replicas have what the connection wrote', async () => {
    const master = await servers.start();
    const replica = await servers.start();
    await servers.link(master, replica);
    const connection = await servers.connect(master);
    assert.deepEqual(await ask(connection, 'SET a 1', 'WAIT 1 0', 'WAIT 2 1', 'WAIT 0 0'), ['+OK', ':1', ':1', ':1']);
    await untilEven(master, replica);
    assert.match((await ask(await servers.connect(replica), 'WAIT 1 0'))[0], /^-ERR WAIT cannot be used with replica/);
  });

  it('is forgotten with its connection', async () => {
    const server = await servers.start();
    const waiting = await servers.connect(server);
    waiting.send('WAIT 1 0\r\n');
    await eventually(() => [...server.instance.sessions].some((session) => session.blocked !== undefined));
    await waiting[Symbol.asyncDispose]();
    await eventually(() => server.instance.sessions.size === 0);
  });

  it('is followed by what was sent behind it, in order', async () => {
    const server = await servers.start();
    const waiting = await servers.connect(server);
    const value = 'x'.repeat(200_000);
    waiting.send(`WAIT 1 20\r\nGET k\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$200000\r\n${value}\r\nSTRLEN k\r\n`);
    assert.deepEqual((await waiting.replies(4)).map(String), [':0\r\n', '$-1\r\n', '+OK\r\n', ':200000\r\n']);
  });

  it('ends with an error when its node becomes a replica', async () => {
    const master = await servers.start();
    const other = await servers.start();
    const connection = await servers.connect(other);
    connection.send('SET a 1\r\nWAIT 1 0\r\n');
    await connection.replies(1);
    await eventually(() => [...other.instance.sessions].some((session) => session.blocked !== undefined));
    await servers.link(master, other);
    assert.match((await connection.untilClosed()).toString(), /^-UNBLOCKED force unblock from blocking operation/);
  });
});

describe('the line of a client', () => {
  const idle: ClientState = {
    id: 1,
    address: '127.0.0.1:5',
    localAddress: '127.0.0.1:6',
    name: '',
    ageMs: 2999,
    idleMs: 0,
    channels: 0,
    patterns: 0,
    queuedCommands: -1,
    queuedBytes: 0,
    inputBytes: 0,
    outputBytes: 0,
    totalBytes: 0,
    lastCommand: '',
    user: '',
    tenant: 'default',
    protocol: 2,
    libraryName: '',
    libraryVersion: '',
    monitors: false,
    isBlocked: false,
    isTouched: false,
    isClosing: false,
    readsFromReplica: false,
    isEvictable: true,
    leavesNoTrace: false,
  };

  it('has the fields of Redis in its order', () => {
    const names = clientLine(idle)
      .split(' ')
      .map((field) => field.split('=')[0]);
    const inRedis =
      'id addr laddr fd name age idle flags db sub psub ssub multi qbuf qbuf-free argv-mem multi-mem rbs rbp obl oll omem tot-mem events cmd user redir resp';
    const order = inRedis.split(' ').filter((name) => names.includes(name));
    assert.deepEqual(names, [...order, 'lib-name', 'lib-ver', 'tenant']);
    assert.match(clientLine(idle), /^id=1 addr=127\.0\.0\.1:5 .* age=2 idle=0 flags=N db=0 .* cmd=NULL user=\(none\) /);
  });

  it('shows every state as a letter', () => {
    const all = { monitors: true, channels: 1, queuedCommands: 0, isBlocked: true, isTouched: true, isClosing: true };
    const more = { readsFromReplica: true, isEvictable: false, leavesNoTrace: true };
    assert.equal(fieldOf(clientLine({ ...idle, ...all, ...more }), 'flags'), 'OPxbdcreT');
  });
});
