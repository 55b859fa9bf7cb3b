import assert from 'node:assert/strict';
import type { RunningServer } from '../../src/server/server.js';
import { eventually } from '../support/eventually.js';
import { ask, TestServers, untilEven } from './linked-servers.js';

const servers = new TestServers();

/** What the master has logged since `offset`, as text. */
function logged({ instance }: RunningServer, offset: number): string {
  let text = '';
  instance.replication.log.read(offset, (slice) => {
    text += slice.toString();
    return true;
  });
  return text;
}

const names = (log: string): string[] => [...log.matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g)].map(([, name]) => name);

describe('a transaction', () => {
  afterEach(() => servers.stop());

  it('reaches the log as one unit when it writes more than once, and bare when it writes once', async () => {
    const master = await servers.start();
    const replica = await servers.start();
    await servers.link(master, replica);
    const connection = await servers.connect(master);
    const { log } = master.instance.replication;
    let from = log.endOffset;
    await ask(connection, 'MULTI', 'SET a 1', 'GET a', 'INCR a', 'DEL nosuch', 'EXEC');
    assert.deepEqual(names(logged(master, from)), ['SELECT', 'MULTI', 'SET', 'INCR', 'EXEC']);
    from = log.endOffset;
    await ask(connection, 'MULTI', 'SET a 5 EX 100', 'GET a', 'EXEC');
    assert.deepEqual(names(logged(master, from)), ['SET']);
    from = log.endOffset;
    await ask(connection, 'MULTI', 'GET a', 'EXEC');
    assert.equal(logged(master, from), '');
    await untilEven(master, replica);
    assert.deepEqual(await ask(await servers.connect(replica), 'GET a'), ['$1\r\n5']);
  });

  it('has what expired meanwhile deleted within its unit, so that a replica goes the same way', async () => {
    const master = await servers.start();
    const replica = await servers.start();
    await servers.link(master, replica);
    const connection = await servers.connect(master);
    master.instance.store.isFrozen = true;
    await ask(connection, 'SET old 1 PX 1');
    await eventually(async () => (await ask(connection, 'EXISTS old'))[0] === ':0');
    master.instance.store.isFrozen = false;
    const from = master.instance.replication.offset;
    assert.deepEqual(await ask(connection, 'MULTI', 'SET new 1', 'INCR old', 'EXEC'), [
      '+OK',
      '+QUEUED',
      '+QUEUED',
      '*2\r\n+OK\r\n:1',
    ]);
    assert.deepEqual(names(logged(master, from)), ['MULTI', 'SET', 'DEL', 'INCR', 'EXEC']);
    await untilEven(master, replica);
    assert.deepEqual(await ask(await servers.connect(replica), 'TTL old', 'GET old'), [':-1', '$1\r\n1']);
  });

  it('is refused when the node has become a replica since its commands were queued', async () => {
    const master = await servers.start();
    const other = await servers.start();
    const connection = await servers.connect(other);
    await ask(connection, 'MULTI', 'SET a 1');
    await servers.link(master, other);
    assert.deepEqual(await ask(connection, 'EXEC', 'MULTI', 'SET a 1', 'GET a', 'EXEC', 'MULTI', 'GET a', 'EXEC'), [
      "-EXECABORT Transaction discarded because of: READONLY You can't write against a read only replica.",
      '+OK',
      "-READONLY You can't write against a read only replica.",
      '+QUEUED',
      '-EXECABORT Transaction discarded because of previous errors.',
      '+OK',
      '+QUEUED',
      '*1\r\n$-1',
    ]);
  });

  it('fails on a replica when the stream of its master changes a watched key', async () => {
    const master = await servers.start();
    const replica = await servers.start();
    await servers.link(master, replica);
    const reader = await servers.connect(replica);
    const writer = await servers.connect(master);
    await ask(reader, 'WATCH k', 'MULTI', 'GET other');
    await ask(writer, 'MULTI', 'SET j 1', 'SET k 1', 'EXEC');
    await untilEven(master, replica);
    assert.deepEqual(await ask(reader, 'EXEC'), ['*-1']);
  });

  it('fails on a replica that has been given new data as a whole', async () => {
    const master = await servers.start();
    const replica = await servers.start();
    const reader = await servers.connect(replica);
    await ask(reader, 'SET k 1', 'WATCH k', 'MULTI', 'GET k');
    await servers.link(master, replica);
    assert.deepEqual(await ask(reader, 'EXEC'), ['*-1']);
  });

  it('fails where a watched key has expired, though it is only hidden', async () => {
    const server = await servers.start();
    const connection = await servers.connect(server);
    await ask(connection, 'SET long 1 PX 1500', 'SET gone 1 PX 1', 'CLIENT PAUSE 100000 WRITE');
    await eventually(async () => (await ask(connection, 'EXISTS gone'))[0] === ':0');
    const other = await servers.connect(server);
    await ask(connection, 'WATCH long gone', 'MULTI', 'PING');
    await eventually(async () => (await ask(other, 'EXISTS long'))[0] === ':0');
    assert.deepEqual(await ask(connection, 'EXEC'), ['*-1']);
    // Expired before it was watched, it is no change.
    assert.deepEqual(await ask(connection, 'WATCH long gone', 'MULTI', 'PING', 'EXEC'), [
      '+OK',
      '+OK',
      '+QUEUED',
      '*1\r\n+PONG',
    ]);
  });

  it('is not disturbed by the keys of another tenant, whatever their names', async () => {
    const server = await servers.start();
    const acme = await servers.connectAs(server, 'acme');
    const globex = await servers.connectAs(server, 'globex');
    await ask(acme, 'SET k 1', 'WATCH k', 'MULTI', 'GET k');
    await ask(globex, 'SET k 2', 'FLUSHALL', 'SET k 3');
    assert.deepEqual(await ask(acme, 'EXEC'), ['*1\r\n$1\r\n1']);
    await ask(acme, 'WATCH k', 'MULTI', 'GET k');
    const colleague = await servers.connect(server);
    await ask(colleague, 'TENANT USE acme', 'SET k 4');
    assert.deepEqual(await ask(acme, 'EXEC'), ['*-1']);
  });

  it('of an admin who becomes a tenant within it runs what the tenant may', async () => {
    const server = await servers.start();
    const admin = await servers.connect(server);
    const [token] = await ask(admin, 'TENANT CREATE acme');
    await ask(admin, 'SET k admin', 'MULTI', `AUTH acme ${token.split('\r\n')[1]}`, 'CONFIG GET port', 'GET k');
    const [reply] = await ask(admin, 'EXEC');
    assert.match(reply, /^\*3\r\n\+OK\r\n-NOPERM .*'config\|get' command\r\n\$-1$/);
  });

  it('larger than the query buffer limit is refused, and its memory given back', async () => {
    const server = await servers.start({ queryBufferBytes: 10_000 });
    const connection = await servers.connect(server);
    const set = `SET k ${'x'.repeat(3000)}`;
    await ask(connection, 'MULTI');
    for (let index = 0; index < 3; index++) assert.deepEqual(await ask(connection, set), ['+QUEUED']);
    const [refusal] = await ask(connection, set);
    assert.match(refusal, /^-ERR the transaction is larger than client-query-buffer-limit \(10000 bytes\)/);
    assert.deepEqual(await ask(connection, 'EXEC', 'PING'), [
      '-EXECABORT Transaction discarded because of previous errors.',
      '+PONG',
    ]);
  });

  it('takes no command into its queue while memory is full, and lets DISCARD through', async () => {
    const server = await servers.start({ maxMemoryBytes: 400_000 });
    const connection = await servers.connect(server);
    const fill = Array.from({ length: 60 }, (_, index) => `SET k${index} ${'x'.repeat(10_000)}`);
    await ask(connection, ...fill);
    const full = "-OOM command not allowed when used memory > 'maxmemory'.";
    assert.deepEqual(await ask(connection, 'MULTI', 'GET a', 'DISCARD', 'GET a', 'MULTI', 'SET a 1', 'EXEC'), [
      '+OK',
      full,
      '+OK',
      '$-1',
      '+OK',
      full,
      '-EXECABORT Transaction discarded because of previous errors.',
    ]);
  });

  it('is forgotten with its connection, and so is what it watched', async () => {
    const server = await servers.start();
    const connection = await servers.connect(server);
    const other = await servers.connect(server);
    await ask(connection, 'WATCH k', 'MULTI', 'SET k 1');
    assert.notEqual(server.instance.store.keyspace(0).observer, undefined);
    await connection[Symbol.asyncDispose]();
    await eventually(() => server.instance.sessions.size === 1);
    assert.equal(server.instance.store.keyspace(0).observer, undefined);
    assert.deepEqual(await ask(other, 'GET k'), ['$-1']);
  });

  it('does not run in part: others see all of it or nothing', async () => {
    const server = await servers.start();
    const writer = await servers.connect(server);
    const reader = await servers.connect(server);
    const sets = Array.from({ length: 200 }, (_, index) => [
      'MULTI',
      `SET a ${index}`,
      `SET b ${index}`,
      'EXEC',
    ]).flat();
    writer.send(sets.map((line) => `${line}\r\n`).join(''));
    for (let round = 0; round < 50; round++) {
      const [pair] = await ask(reader, 'MGET a b');
      const [, first, second] = /^\*2\r\n(.*\r\n.*|\$-1)\r\n(.*\r\n.*|\$-1)$/.exec(pair) ?? [];
      assert.equal(first, second);
    }
    await writer.replies(sets.length);
  });
});
