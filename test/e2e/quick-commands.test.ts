/** Plain command lines are run without oclif (src/cli/quick-command.ts): what they print must not show it. */
import assert from 'node:assert/strict';
import { startServer, type RunningServer } from '../../src/server/server.js';
import { Rednode } from './rednode.js';

describe('a command that is run without oclif', function () {
  this.timeout(60_000);
  let rednode: Rednode;
  let server: RunningServer;

  before(async () => {
    rednode = await Rednode.create('quick');
    server = await startServer({ port: 0 });
  });

  after(async () => {
    await server.stop();
    await rednode.dispose();
  });

  const lines: readonly string[][] = [
    ['set', 'k', 'v'],
    ['get', 'k'],
    ['get', 'nosuch'],
    ['ttl', 'k'],
    ['ttl', 'nosuch'],
    ['get', 'k', '--tenant', 'nosuch'],
    ['set', 'k', 'v', '--tenant', 'nosuch'],
    ['del', 'k', 'nosuch'],
    ['get', 'k', '--cluster', 'both'],
  ];
  for (const line of lines) {
    for (const format of [[], ['--json']]) {
      const words = [...line, ...format];
      it(`prints the same as with it: ${words.join(' ')}`, async () => {
        const url = `redis://127.0.0.1:${server.port}`;
        await rednode.ok(['set', 'k', 'v', '--url', url]);
        const quick = await rednode.run([...words, '--url', url]);
        await rednode.ok(['set', 'k', 'v', '--url', url]);
        // With its value behind an equals sign a flag is not plain.
        assert.deepEqual(quick, await rednode.run([...words, `--url=${url}`]));
      });
    }
  }

  it('says the same of a server that is not there', async () => {
    const url = 'redis://127.0.0.1:1';
    const quick = await rednode.run(['get', 'k', '--url', url]);
    assert.equal(quick.exitCode, 3);
    assert.deepEqual(quick, await rednode.run(['get', 'k', `--url=${url}`]));
  });

  it('follows a key to its node', async () => {
    await rednode.ok(['cluster', 'up', 'quick', '--detach', '--masters', '3', '--replicas', '0']);
    for (let index = 0; index < 5; index++) {
      await rednode.ok(['set', `key:${index}`, `value ${index}`]);
      assert.equal(await rednode.ok(['get', `key:${index}`]), `value ${index}`);
    }
    assert.equal(await rednode.ok(['del', 'key:0', 'key:1', 'key:2']), '3');
  });
});
