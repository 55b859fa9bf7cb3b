import assert from 'node:assert/strict';
import { CommandTally } from '../../src/server/command-tally.js';
import { startServer, type RunningServer, type StartOptions } from '../../src/server/server.js';
import { silentLogger } from '../../src/server/logger.js';
import { hashSecret } from '../../src/tenancy/tokens.js';
import { RawConnection } from '../support/raw-connection.js';

/** A bucket of times is this wide. */
const PRECISION = 1.13;

describe('the tally of commands', () => {
  it('tells percentiles to within a bucket', () => {
    const tally = new CommandTally(1);
    for (let micros = 1; micros <= 1000; micros++) tally.add(0, micros);
    for (const share of [0.5, 0.99]) {
      const found = tally.percentile(0, share);
      assert.ok(found >= share * 1000 && found <= share * 1000 * PRECISION, `${share}: ${found}`);
    }
    assert.deepEqual([tally.calls[0], tally.micros[0]], [1000, 500_500]);
  });

  it('counts cumulatively by powers of two, up to all calls', () => {
    const tally = new CommandTally(1);
    for (const micros of [0.2, 1.5, 3, 3, 100]) tally.add(0, micros);
    const rows = tally.cumulative(0);
    assert.deepEqual(rows[0], [1, 1]);
    assert.deepEqual(rows.at(-1), [128, 5]);
  });

  it('begins anew after a reset', () => {
    const tally = new CommandTally(1);
    tally.add(0, 5);
    tally.reset();
    assert.deepEqual([tally.calls[0], tally.percentile(0, 0.5), tally.cumulative(0)], [0, 0, []]);
  });
});

describe('what a node tells of its commands', () => {
  let server: RunningServer;
  const connections: RawConnection[] = [];

  const start = async (options: StartOptions = {}): Promise<void> => {
    server = await startServer({ port: 0, ...options });
  };
  const connect = async (): Promise<(...commands: string[]) => Promise<string[]>> => {
    const connection = await RawConnection.open(server.port);
    connections.push(connection);
    return async (...commands) => {
      connection.send(commands.map((command) => `${command}\r\n`).join(''));
      return (await connection.replies(commands.length)).map((reply) => reply.toString().trimEnd());
    };
  };

  afterEach(async () => {
    for (const connection of connections.splice(0)) await connection[Symbol.asyncDispose]();
    await server.stop();
  });

  it('counts calls, refusals and failures of each command', async () => {
    await start();
    const ask = await connect();
    await ask('SET k word', 'GET k', 'GET k', 'GET', 'INCR k');
    const [text] = await ask('INFO commandstats errorstats');
    assert.match(text, /cmdstat_get:calls=2,usec=\d+,usec_per_call=[\d.]+,rejected_calls=1,failed_calls=0/);
    assert.match(text, /cmdstat_incr:calls=1,.*failed_calls=1/);
    assert.match(text, /errorstat_ERR:count=2/);
    await ask('CONFIG RESETSTAT');
    const [after] = await ask('INFO commandstats errorstats');
    assert.doesNotMatch(after, /cmdstat_get|errorstat_ERR/);
  });

  it('shows a tenant its own statistics and slow commands, and no secrets', async () => {
    await start({ adminPasswordHash: hashSecret('root-secret') });
    const admin = await connect();
    await admin('AUTH root-secret', 'CONFIG SET slowlog-log-slower-than 0');
    const [created] = await admin('TENANT CREATE acme');
    const token = created.split('\r\n')[1];
    await admin('SET admin-key 1');
    const tenant = await connect();
    await tenant(`AUTH acme ${token}`, 'SET own-key 1', 'GET own-key');
    const [statistics, slow, length] = await tenant('INFO commandstats', 'SLOWLOG GET -1', 'SLOWLOG LEN');
    assert.match(statistics, /cmdstat_get:calls=1/);
    assert.doesNotMatch(statistics, /cmdstat_tenant|cmdstat_config/);
    assert.match(slow, /own-key/);
    assert.doesNotMatch(slow, /admin-key/);
    assert.notEqual(length, ':0');
    const [all] = await admin('SLOWLOG GET -1');
    assert.match(all, /admin-key/);
    assert.doesNotMatch(all, new RegExp(`root-secret|${token}`));
  });

  it('counts for EXEC the time of all that it ran', async () => {
    await start();
    const ask = await connect();
    await ask('MULTI', 'GET a', 'DEBUG SLEEP 0.05', 'GET a', 'EXEC');
    const [text] = await ask('INFO commandstats');
    const micros = (name: string): number => Number(new RegExp(`cmdstat_${name}:calls=1,usec=(\\d+)`).exec(text)?.[1]);
    assert.ok(micros('debug\\|sleep') >= 50_000);
    assert.ok(micros('exec') >= micros('debug\\|sleep'));
    assert.match(text, /cmdstat_get:calls=2/);
  });

  it('times a command alone that answers many bytes, though others of its kind are timed together', async () => {
    await start();
    const ask = await connect();
    await ask(
      'CONFIG SET slowlog-log-slower-than 1000',
      'SETRANGE big 33554431 x',
      'SLOWLOG RESET',
      'PING',
      'STRLEN big',
    );
    // What is not sent need not be received.
    connections[0].send('CLIENT REPLY OFF\r\nPING\r\nGET big\r\nCLIENT REPLY ON\r\n');
    await connections[0].replies(1);
    const [slow] = await ask('SLOWLOG GET');
    assert.match(slow, /\$3\r\nGET\r\n\$3\r\nbig/);
    assert.doesNotMatch(slow, /PING/);
  });

  it('changes all settings of a CONFIG SET or none, and obeys them at once', async () => {
    await start();
    const ask = await connect();
    const [refused, kept] = await ask('CONFIG SET maxclients 1 timeout x', 'CONFIG GET maxclients');
    assert.match(refused, /related to argument 'timeout'/);
    assert.match(kept, /10000$/);
    assert.deepEqual(await ask('CONFIG SET maxclients 1'), ['+OK']);
    const second = await RawConnection.open(server.port);
    connections.push(second);
    assert.match(String((await second.replies(1))[0]), /max number of clients reached/);
  });

  it('logs from the level on that CONFIG SET names', async () => {
    const levels: (string | undefined)[] = [];
    const logger = { ...silentLogger, level: 'info' };
    await start({ logger });
    const ask = await connect();
    for (const level of ['verbose', 'warning', 'nosuch', 'notice']) {
      await ask(`CONFIG SET loglevel ${level}`);
      levels.push(logger.level);
    }
    assert.deepEqual(levels, ['debug', 'warn', 'warn', 'info']);
  });

  it('remembers what was slow, once it is told from when on', async () => {
    await start();
    const ask = await connect();
    await ask('CONFIG SET latency-monitor-threshold 5', 'DEBUG SLEEP 0.02');
    const [latest, history, doctor] = await ask('LATENCY LATEST', 'LATENCY HISTORY command', 'LATENCY DOCTOR');
    assert.match(latest, /\$7\r\ncommand\r\n:\d+\r\n:(?:2\d|[3-9]\d|\d{3,})\r\n/);
    assert.match(history, /^\*1\r\n\*2/);
    assert.match(doctor, /command: 1 times over the threshold/);
    assert.deepEqual(await ask('LATENCY RESET'), [':1']);
  });
});
