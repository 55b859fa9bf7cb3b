/** The connection: handshake, pipelining, pushes, and every way in which it can end. */
import assert from 'node:assert/strict';
import { Connection, MAX_PENDING_COMMANDS } from '../../src/client/connection.js';
import type { PushReply } from '../../src/client/subscription-replies.js';
import type { Endpoint } from '../../src/client/types.js';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/free-port.js';
import { array, bulk, FakeServer, integer, OK, push } from './fake-server.js';

const options = { connectTimeoutMs: 5_000, commandTimeoutMs: 5_000 };

describe('a connection', () => {
  let server: FakeServer;
  let open: Connection[];

  beforeEach(async () => {
    server = await FakeServer.start();
    open = [];
  });

  afterEach(async () => {
    await Promise.all(open.map((connection) => connection.close()));
    await server.stop();
  });

  async function connect(
    endpoint: Partial<Endpoint> = {},
    more: Partial<typeof options & { clientName: string }> = {},
  ) {
    const connection = await Connection.connect(
      { host: server.host, port: server.port, ...endpoint },
      { ...options, ...more },
    );
    open.push(connection);
    return connection;
  }

  describe('introduces itself', () => {
    it('with credentials and name in one HELLO', async () => {
      const connection = await connect({ username: 'acme', password: 's3cret' }, { clientName: 'shell' });
      assert.deepEqual(server.requests, [['HELLO', '3', 'AUTH', 'acme', 's3cret', 'SETNAME', 'shell']]);
      assert.equal(connection.protocol, 3);
    });

    it('as the default user when there is a password alone', async () => {
      await connect({ password: 's3cret' });
      assert.deepEqual(server.requests, [['HELLO', '3', 'AUTH', 'default', 's3cret']]);
    });

    it('in RESP2 to a server without HELLO', async () => {
      server.on('HELLO', "-ERR unknown command 'HELLO'\r\n").on('AUTH', OK).on('CLIENT', OK);
      const connection = await connect({ username: 'acme', password: 's3cret' }, { clientName: 'shell' });
      assert.equal(connection.protocol, 2);
      assert.deepEqual(server.requests.slice(1), [
        ['AUTH', 'acme', 's3cret'],
        ['CLIENT', 'SETNAME', 'shell'],
      ]);
    });

    it('enters a tenant that comes without a token with TENANT USE', async () => {
      server.on('TENANT', OK);
      await connect({ username: 'acme' });
      assert.deepEqual(server.named('TENANT'), [['TENANT', 'USE', 'acme']]);
    });

    it("reports wrong credentials in the server's words and hangs up", async () => {
      server.on('HELLO', '-WRONGPASS invalid username-password pair or user is disabled.\r\n');
      await assert.rejects(connect({ username: 'acme', password: 'wrong' }), {
        code: 'AUTH_FAILED',
        message: 'WRONGPASS invalid username-password pair or user is disabled.',
        exitCode: 1,
      });
      await eventually(() => server.openConnections === 0);
    });

    it('within its time limit, else says so as a failure to connect', async () => {
      server.on('HELLO', 'silence');
      await assert.rejects(connect({}, { connectTimeoutMs: 50 }), { code: 'CONNECT_TIMEOUT', exitCode: 5 });
    });

    it('to nobody when the server hangs up at once, which is a failure to connect too', async () => {
      server.on('HELLO', 'hang-up');
      await assert.rejects(connect(), { code: 'CANNOT_CONNECT', exitCode: 3 });
    });
  });

  it('says that nobody listens on the port', async () => {
    const port = await freePort();
    await assert.rejects(Connection.connect({ host: '127.0.0.1', port }, options), {
      code: 'CANNOT_CONNECT',
      exitCode: 3,
      message: `cannot connect to 127.0.0.1:${port}: connection refused`,
    });
  });

  it('matches pipelined replies to their commands in order', async () => {
    server.on('ECHO', ([, text]) => bulk(text));
    const connection = await connect();
    const words = Array.from({ length: 3_000 }, (_, index) => ['ECHO', String(index)]);
    const replies = await connection.sendAll(words);
    assert.deepEqual(
      replies.map((reply) => (reply.type === 'bulk' ? reply.value.toString() : reply.type)),
      words.map(([, text]) => text),
    );
  });

  it('resolves to an error reply instead of rejecting', async () => {
    const connection = await connect();
    assert.deepEqual(await connection.send(['NOSUCH']), { type: 'error', value: "ERR unknown command 'NOSUCH'" });
  });

  it('rejects what was on its way when it broke, and says that later commands were not sent', async () => {
    server.on('GET', 'hang-up');
    const connection = await connect();
    await assert.rejects(connection.send(['GET', 'key']), { code: 'CONNECTION_LOST', exitCode: 3 });
    await assert.rejects(connection.send(['GET', 'key']), { code: 'CONNECTION_CLOSED' });
    assert.equal((await connection.closed)?.code, 'CONNECTION_LOST');
    assert.equal(connection.isOpen, false);
  });

  it('ends when a reply does not come in time, since order is lost', async () => {
    server.on('GET', 'silence').on('PING', 'silence');
    const connection = await connect();
    const late = connection.send(['GET', 'key'], { timeoutMs: 30 });
    const behind = connection.send(['PING']);
    await Promise.all([
      assert.rejects(late, { code: 'COMMAND_TIMEOUT', exitCode: 5 }),
      assert.rejects(behind, { code: 'COMMAND_TIMEOUT' }),
    ]);
    assert.equal((await connection.closed)?.code, 'COMMAND_TIMEOUT');
  });

  it('ends on bytes that are not a reply', async () => {
    server.on('GET', 'HTTP/1.1 400 Bad Request\r\n\r\n');
    const connection = await connect();
    await assert.rejects(connection.send(['GET', 'key']), { code: 'PROTOCOL_ERROR' });
  });

  it('refuses more pending commands than its bound', async () => {
    server.on('GET', 'silence');
    const connection = await connect();
    const waiting = Array.from({ length: MAX_PENDING_COMMANDS }, () => connection.send(['GET', 'key']));
    const outcomes = Promise.allSettled(waiting);
    await assert.rejects(connection.send(['GET', 'key']), { code: 'TOO_MANY_PENDING' });
    await connection.close();
    assert.ok((await outcomes).every(({ status }) => status === 'rejected'));
  });

  it('closed by this side resolves `closed` to no error', async () => {
    const connection = await connect();
    await connection.close();
    assert.equal(await connection.closed, undefined);
    await eventually(() => server.openConnections === 0);
  });

  describe('hands messages to its listener', () => {
    const heard = (pushes: readonly PushReply[]) =>
      pushes.map(({ items }) => items.map((item) => ('value' in item ? String(item.value) : item.type)).join(' '));

    async function subscribed(): Promise<{ connection: Connection; pushes: PushReply[] }> {
      const connection = await connect();
      const pushes: PushReply[] = [];
      connection.onPush((reply) => pushes.push(reply));
      return { connection, pushes };
    }

    it('in RESP3, with ordinary replies in between', async () => {
      const message = push(bulk('message'), bulk('news'), bulk('hi'));
      server
        .on('SUBSCRIBE', ([, ...channels]) =>
          channels.map((channel, i) => push(bulk('subscribe'), bulk(channel), integer(i + 1))).join(''),
        )
        .on('PING', `${message}+PONG\r\n${message}`);
      const { connection, pushes } = await subscribed();
      const confirmation = await connection.send(['SUBSCRIBE', 'news', 'sport']);
      assert.deepEqual(heard([confirmation as PushReply]), ['subscribe sport 2']);
      assert.deepEqual(await connection.send(['PING']), { type: 'simple', value: 'PONG' });
      await eventually(() => pushes.length === 4);
      assert.deepEqual(heard(pushes), ['subscribe news 1', 'subscribe sport 2', 'message news hi', 'message news hi']);
    });

    it('in RESP2, where they are arrays like any other', async () => {
      const message = array(bulk('pmessage'), bulk('n*'), bulk('news'), bulk('hi'));
      server
        .on('HELLO', "-ERR unknown command 'HELLO'\r\n")
        .on('PSUBSCRIBE', `${array(bulk('psubscribe'), bulk('n*'), integer(1))}${message}`)
        .on('PING', array(bulk('pong'), bulk('')))
        .on('PUNSUBSCRIBE', `${message}${array(bulk('punsubscribe'), bulk('n*'), integer(0))}`)
        .on('LRANGE', array(bulk('message'), bulk('not'), bulk('one')));
      const { connection, pushes } = await subscribed();
      await connection.send(['PSUBSCRIBE', 'n*']);
      assert.equal((await connection.send(['PING'])).type, 'array');
      await connection.send(['PUNSUBSCRIBE']);
      assert.equal((await connection.send(['LRANGE', 'list', '0', '-1'])).type, 'array');
      assert.ok(pushes.every(({ type }) => type === 'push'));
      assert.deepEqual(heard(pushes), [
        'psubscribe n* 1',
        'pmessage n* news hi',
        'pmessage n* news hi',
        'punsubscribe n* 0',
      ]);
    });
  });
});
