import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { version } from '../../src/config/version.js';

describe('the version', () => {
  it('is the one of package.json', async () => {
    const description = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    assert.equal(version, description.version);
  });
});
