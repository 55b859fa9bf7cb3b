import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { freePort } from '../support/free-port.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { Rednode } from './rednode.js';

describe('rednode server', function () {
  this.timeout(60_000);
  let rednode: Rednode;

  before(async () => {
    rednode = await Rednode.create('server');
  });

  after(async () => {
    await rednode.dispose();
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`says where it listens, and exits with 0 on ${signal}`, async () => {
      const server = rednode.start(['server', '--port', '0']);
      await server.seen('stdout', /redis:\/\/127\.0\.0\.1:\d+ .*data: in memory/);
      server.kill(signal);
      assert.equal((await server.finished).exitCode, 0);
    });
  }

  it('reads PORT from the environment and from a .env file', async () => {
    const port = await freePort();
    const fromEnvironment = rednode.start(['server'], { env: { PORT: String(port) } });
    await fromEnvironment.seen('stdout', new RegExp(`:${port} `));
    fromEnvironment.kill('SIGTERM');
    await fromEnvironment.finished;
    await using folder = await temporaryFolder('env');
    await writeFile(`${folder.path}/.env`, `PORT=${port}\n`);
    const fromFile = rednode.start(['server'], { cwd: folder.path });
    await fromFile.seen('stdout', new RegExp(`:${port} `));
    fromFile.kill('SIGTERM');
    await fromFile.finished;
  });

  it('a taken port is named with the process that holds it, exit code 4', async () => {
    const server = rednode.start(['server', '--port', '0']);
    const [, port] = await server.seen('stdout', /:(\d+) /);
    const second = await rednode.run(['server', '--port', port]);
    server.kill('SIGTERM');
    await server.finished;
    assert.equal(second.exitCode, 4);
    assert.match(second.stderr, new RegExp(`port ${port} is in use by pid ${server.pid}`));
  });

  it('asks for the admin password, which the commands read from the environment', async () => {
    const env = { REDNODE_ADMIN_PASSWORD: 'open sesame' };
    const server = rednode.start(['server', '--port', '0'], { env });
    const [url] = await server.seen('stdout', /redis:\/\/\S+/);
    assert.equal(await rednode.ok(['set', 'k', 'v', '--url', url], { env }), 'OK');
    const refused = await rednode.run(['get', 'k', '--url', url]);
    server.kill('SIGTERM');
    await server.finished;
    assert.notEqual(refused.exitCode, 0);
    assert.match(refused.stderr, /NOAUTH|[Aa]uthentication/);
  });

  it('serves until its client is done: a reply is not cut off by the stop', async () => {
    const server = rednode.start(['server', '--port', '0', '--json']);
    const [text] = await server.seen('stdout', /\{[^]*\}/);
    const { port } = JSON.parse(text) as { port: number };
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('PING\r\n');
    const [reply] = (await once(socket, 'data')) as [Buffer];
    assert.equal(reply.toString(), '+PONG\r\n');
    const closed = once(socket, 'close');
    server.kill('SIGTERM');
    await closed;
    assert.equal((await server.finished).exitCode, 0);
  });
});
