import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { ResultPromise } from 'execa';
import { freePort } from '../support/free-port.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { Rednode } from './rednode.js';

async function firstLine(program: ResultPromise<{ reject: false }>): Promise<string> {
  for await (const line of program.iterable()) return line;
  throw new Error('the program ended without a word');
}

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
      const line = await firstLine(server);
      assert.match(line, /redis:\/\/127\.0\.0\.1:\d+ .*data: in memory/);
      server.kill(signal);
      assert.equal((await server).exitCode, 0);
    });
  }

  it('reads PORT from the environment and from a .env file', async () => {
    const port = await freePort();
    const fromEnvironment = rednode.start(['server'], { env: { PORT: String(port) } });
    assert.match(await firstLine(fromEnvironment), new RegExp(`:${port} `));
    fromEnvironment.kill('SIGTERM');
    await fromEnvironment;
    await using folder = await temporaryFolder('env');
    await writeFile(`${folder.path}/.env`, `PORT=${port}\n`);
    const fromFile = rednode.start(['server'], { cwd: folder.path });
    assert.match(await firstLine(fromFile), new RegExp(`:${port} `));
    fromFile.kill('SIGTERM');
    await fromFile;
  });

  it('a taken port is named with the process that holds it, exit code 4', async () => {
    const server = rednode.start(['server', '--port', '0']);
    const port = /:(\d+) /.exec(await firstLine(server))?.[1] ?? '';
    const second = await rednode.run(['server', '--port', port]);
    server.kill('SIGTERM');
    await server;
    assert.equal(second.exitCode, 4);
    assert.match(second.stderr, new RegExp(`port ${port} is in use by pid ${server.pid}`));
  });

  it('asks for the admin password, which the commands read from the environment', async () => {
    const env = { REDNODE_ADMIN_PASSWORD: 'open sesame' };
    const server = rednode.start(['server', '--port', '0'], { env });
    const url = /redis:\/\/\S+/.exec(await firstLine(server))?.[0] ?? '';
    assert.equal(await rednode.ok(['set', 'k', 'v', '--url', url], { env }), 'OK');
    const refused = await rednode.run(['get', 'k', '--url', url]);
    server.kill('SIGTERM');
    await server;
    assert.notEqual(refused.exitCode, 0);
    assert.match(refused.stderr, /NOAUTH|[Aa]uthentication/);
  });

  it('serves until its client is done: a reply is not cut off by the stop', async () => {
    const server = rednode.start(['server', '--port', '0', '--json']);
    let text = '';
    for await (const line of server.iterable()) {
      text += line;
      if (line === '}') break;
    }
    const { port } = JSON.parse(text) as { port: number };
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('PING\r\n');
    const [reply] = (await once(socket, 'data')) as [Buffer];
    assert.equal(reply.toString(), '+PONG\r\n');
    const closed = once(socket, 'close');
    server.kill('SIGTERM');
    await closed;
    assert.equal((await server).exitCode, 0);
  });
});
