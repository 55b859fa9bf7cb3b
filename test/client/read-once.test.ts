/** Reading one key without the topology: MOVED is followed, and whatever is not plain is handed on. */
import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { readOnce } from '../../src/client/read-once.js';

interface Node {
  readonly port: number;
  readonly asked: string[];
}

describe('readOnce', () => {
  let servers: Server[] = [];

  /** A node that takes HELLO and answers everything else as it is told: `undefined` hangs up. */
  async function node(answer: (command: string) => string | undefined): Promise<Node> {
    const asked: string[] = [];
    const server = createServer((socket: Socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        const words = chunk
          .toString()
          .split('\r\n')
          .filter((part) => part !== '' && !/^[*$]\d+$/.test(part));
        if (words[0] === 'HELLO') {
          socket.write('%1\r\n+proto\r\n:3\r\n');
          return;
        }
        asked.push(words.join(' '));
        const reply = answer(words.join(' '));
        if (reply === undefined) socket.destroy();
        else socket.write(reply);
      });
    });
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    return { port: address.port, asked };
  }

  const read = (port: number, tenant?: string) =>
    readOnce({ endpoint: { host: '127.0.0.1', port }, connectTimeoutMs: 2000, commandTimeoutMs: 2000 }, tenant, [
      'GET',
      'k',
    ]);

  afterEach(() => {
    for (const server of servers) server.close();
    servers = [];
  });

  it('takes the answer of the node that it is given', async () => {
    const only = await node(() => '$1\r\nv\r\n');
    assert.deepEqual(await read(only.port), { type: 'bulk', value: Buffer.from('v') });
    assert.deepEqual(only.asked, ['GET k']);
  });

  it('goes to the node that MOVED names, also without its host, as the same tenant', async () => {
    const owner = await node((command) => (command === 'GET k' ? '_\r\n' : '+OK\r\n'));
    const first = await node((command) => (command === 'GET k' ? `-MOVED 7629 :${owner.port}\r\n` : '+OK\r\n'));
    assert.deepEqual(await read(first.port, 'acme'), { type: 'null' });
    assert.deepEqual(owner.asked, ['TENANT USE acme', 'GET k']);
  });

  it('does not go round in circles', async () => {
    const ports: number[] = [];
    const first = await node(() => `-MOVED 7629 127.0.0.1:${ports[0]}\r\n`);
    ports.push(first.port);
    assert.equal(await read(first.port), undefined);
    assert.equal(first.asked.length, 3);
  });

  it('hands on what is not plain: errors, a slot that is being moved, a node that is lost', async () => {
    const refusals = [
      '-NOPERM no\r\n',
      '-ASK 7629 127.0.0.1:1\r\n',
      '-CLUSTERDOWN down\r\n',
      '-MOVED 7629 127.0.0.1:1\r\n',
    ];
    for (const refusal of refusals) assert.equal(await read((await node(() => refusal)).port), undefined, refusal);
    assert.equal(await read((await node(() => undefined)).port), undefined);
    assert.equal(await read((await node(() => '-ERR no such tenant\r\n')).port, 'nosuch'), undefined);
  });

  it('throws when the first node is not there at all', async () => {
    await assert.rejects(read(1), { code: 'CANNOT_CONNECT' });
  });
});
