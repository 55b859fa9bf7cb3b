import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { defaultOutputLimits } from '../../src/config/output-limits.js';
import { Mode } from '../../src/server/modes.js';
import { eventually } from '../support/eventually.js';
import type { RawConnection } from '../support/raw-connection.js';
import { ask, TestServers } from './linked-servers.js';

const servers = new TestServers();

/** The next lines that a monitoring connection gets, without time and address. */
async function lines(connection: RawConnection, count: number): Promise<string[]> {
  const replies = await connection.replies(count);
  return replies.map((reply) =>
    reply
      .toString()
      .trimEnd()
      .replace(/^\+\d+\.\d{6} /, '')
      .replace(/127\.0\.0\.1:\d+/, 'peer'),
  );
}

describe('MONITOR', () => {
  afterEach(() => servers.stop());

  it('shows a tenant its own commands, and the admin those of all with the number of their database', async () => {
    const server = await servers.start();
    const acme = await servers.connectAs(server, 'acme');
    const globex = await servers.connectAs(server, 'globex');
    const ofAcme = await servers.connect(server);
    await ask(ofAcme, 'TENANT USE acme');
    const watching = await servers.connectAs(server, 'initech');
    const admin = await servers.connect(server);
    const database = server.instance.registry.find('globex')?.database;
    for (const monitor of [acme, watching, admin]) await ask(monitor, 'MONITOR');
    await ask(globex, 'SET secret 1');
    await ask(ofAcme, 'GET a');
    assert.deepEqual(await lines(acme, 1), ['[0 peer] "GET" "a"']);
    assert.deepEqual((await lines(admin, 2))[0], `[${database} peer] "SET" "secret" "1"`);
    watching.send('ECHO nothing\r\n');
    assert.equal((await watching.reply()).toString(), '$7\r\nnothing\r\n');
  });

  it('keeps tokens out of sight', async () => {
    const server = await servers.start();
    const monitor = await servers.connect(server);
    await ask(monitor, 'MONITOR');
    const connection = await servers.connect(server);
    await ask(connection, 'AUTH acme rn_acme_token', 'PING');
    assert.deepEqual(await lines(monitor, 2), ['[0 peer] "AUTH" "(redacted)" "(redacted)"', '[0 peer] "PING"']);
  });

  it('is left by closing, and costs nothing then', async () => {
    const server = await servers.start();
    const monitor = await servers.connect(server);
    await ask(monitor, 'MONITOR');
    assert.equal(server.instance.modes, Mode.monitored);
    await monitor[Symbol.asyncDispose]();
    await eventually(() => server.instance.modes === 0);
  });

  it('drops a connection that does not read what it is shown', async () => {
    const pubsub = { hardBytes: 100_000, softBytes: 0, softMs: 0 };
    const server = await servers.start({ outputLimits: { ...defaultOutputLimits, pubsub } });
    // Nobody listens to what it is sent, so nothing is read.
    const monitor = connect(server.port);
    monitor.on('error', () => undefined).write('MONITOR\r\n');
    await eventually(() => server.instance.modes === Mode.monitored);
    const connection = await servers.connect(server);
    const value = 'x'.repeat(50_000);
    await eventually(async () => {
      await ask(connection, ...Array.from({ length: 20 }, () => `SET k ${value}`));
      return server.instance.sessions.size === 1;
    });
    monitor.destroy();
  });
});
