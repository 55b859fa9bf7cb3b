/** The examples as a user runs them: copied, with the packed package, by `npm test`. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { InstalledPackage, run } from './installed-package.js';

/** What each runner prints when all of the example's tests have passed. */
const outcomes: Readonly<Record<string, RegExp>> = {
  mocha: /\b2 passing\b/,
  vitest: /Tests\s+3 passed \(3\)/,
  jest: /Tests:\s+2 passed, 2 total/,
  'node-test': /^# pass 2\n# fail 0$/m,
};

const JEST_IN_A_TEST_FILE = `
import { afterAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { startServer } from 'rednode';

const server = await startServer();
const client = new Redis(server.url);
afterAll(async () => {
  client.disconnect();
  await server.stop();
});

test('bytes are kept as they are', async () => {
  const bytes = Buffer.from([0, 255, 13, 10]);
  await client.set('k', bytes);
  expect([...(await client.getBuffer('k'))]).toEqual([...bytes]);
});
`;

describe('the examples', function () {
  this.timeout(120_000);
  let installed: InstalledPackage;

  before(async () => {
    installed = await InstalledPackage.create();
  });

  after(() => installed[Symbol.asyncDispose]());

  it('are all run', () => {
    const folders = readdirSync('examples', { withFileTypes: true }).filter((entry) => entry.isDirectory());
    assert.deepEqual(folders.map((entry) => entry.name).sort(), Object.keys(outcomes).sort());
  });

  for (const [runner, outcome] of Object.entries(outcomes)) {
    it(`pass with ${runner}`, async () => {
      const folder = await installed.project(path.join('examples', runner));
      const { stdout, stderr } = await run('npm', ['test'], folder);
      // eslint-disable-next-line no-control-regex -- escape sequences begin with a control character
      assert.match(`${stdout}${stderr}`.replace(/\u001b\[[0-9;]*m/g, ''), outcome);
    });
  }

  it('are not the only way with Jest: a test file may start a server itself, as an ES module', async () => {
    const folder = path.join(installed.folder, 'jest');
    await installed.addModules(folder, ['rednode', 'ioredis', '@jest/globals']);
    await writeFile(path.join(folder, 'package.json'), '{"type": "module"}');
    await writeFile(path.join(folder, 'server.test.js'), JEST_IN_A_TEST_FILE);
    const jest = path.resolve('node_modules/jest/bin/jest.js');
    const options = ['--experimental-vm-modules', '--no-warnings', jest, '--rootDir', folder];
    const { stderr } = await run(process.execPath, options, folder);
    assert.match(stderr, /Tests:\s+1 passed, 1 total/);
  });
});
