import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../../src/config/make-folder.js';
import { temporaryFolder } from '../support/temporary-folder.js';

describe('making a folder', () => {
  it('makes those above it too, for the owner alone, and leaves one that exists as it is', async () => {
    await using folder = await temporaryFolder('folders');
    const deep = path.join(folder.path, 'a', 'b', 'c');
    makeFolder(deep, 0o700);
    makeFolder(deep, 0o755);
    for (const made of [deep, path.dirname(deep)]) assert.equal((await stat(made)).mode & 0o777, 0o700);
  });

  it('fails where a file is in the way', async () => {
    await using folder = await temporaryFolder('folders');
    const file = path.join(folder.path, 'file');
    await writeFile(file, '');
    assert.throws(() => {
      makeFolder(file, 0o700);
    }, /EEXIST/);
    assert.throws(() => {
      makeFolder(path.join(file, 'below'), 0o700);
    }, /ENOTDIR/);
  });

  it('fails at once in a file system that makes no folders', function () {
    if (!existsSync('/proc/self')) this.skip();
    assert.throws(() => {
      makeFolder('/proc/nosuch/below', 0o700);
    }, /ENOENT/);
  });
});
