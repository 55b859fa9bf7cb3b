import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { blockName, describePortInUse, findPortBlock, isPortFree } from '../../src/cluster/ports.js';
import { RedNodeError } from '../../src/errors.js';

const host = '127.0.0.1';

async function withTakenPort(use: (port: number) => Promise<void>): Promise<void> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  try {
    await use(address.port);
  } finally {
    server.close();
  }
}

describe('ports', () => {
  it('are found taken by trying to listen', async () => {
    await withTakenPort(async (port) => {
      assert.equal(await isPortFree(port, host), false);
    });
  });

  it('that were asked for and are taken are an error that names port, process and a way out', async function () {
    this.timeout(20_000);
    await withTakenPort(async (port) => {
      const error = await describePortInUse(port, host);
      assert.deepEqual([error.code, error.exitCode], ['PORT_IN_USE', 4]);
      // The tools that know the holder are not on every machine; a wrong holder would be an error everywhere.
      const holder = error.message.replace(`port ${port} is in use`, '');
      assert.ok(holder === '' || holder.startsWith(` by pid ${process.pid} (`), error.message);
      assert.match(error.hint ?? '', /--port \d+/);
      const wish = { host, firstPort: port, count: 1, isExplicit: true };
      await assert.rejects(
        findPortBlock(wish),
        (thrown) => thrown instanceof RedNodeError && thrown.code === 'PORT_IN_USE',
      );
    });
  });

  it('of a default block that is taken are replaced by the next free block, with a warning', async function () {
    this.timeout(20_000);
    await withTakenPort(async (port) => {
      const count = 3;
      const firstPort = Math.min(port - 1, 65_535 - 400);
      const block = await findPortBlock({ host, firstPort, count, isExplicit: false });
      if (firstPort <= port && port < firstPort + count) {
        assert.equal((block.firstPort - firstPort) % count, 0);
        assert.match(block.warning ?? '', new RegExp(`is in use.*ports ${blockName(block.firstPort, count)} are used`));
      }
      assert.equal(await isPortFree(block.firstPort, host), true);
    });
  });

  it('beyond the last one are refused', async () => {
    const wish = { host, firstPort: 65_534, count: 6, isExplicit: true };
    await assert.rejects(findPortBlock(wish), (error) => error instanceof RedNodeError && error.code === 'BAD_PORT');
  });

  it('of a host that is not this machine are refused', async () => {
    const wish = { host: '192.0.2.1', firstPort: 7379, count: 1, isExplicit: true };
    await assert.rejects(findPortBlock(wish), (error) => error instanceof RedNodeError && error.code === 'BAD_HOST');
  });
});
