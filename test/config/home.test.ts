import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { clusterDirectory, rednodeHome } from '../../src/config/home.js';
import { RedNodeError } from '../../src/errors.js';

describe('home folder', () => {
  it('is REDNODE_HOME, else in the XDG state folder, else in the one that XDG defaults to', () => {
    assert.equal(rednodeHome({ REDNODE_HOME: 'here', XDG_STATE_HOME: '/state' }), resolve('here'));
    assert.equal(rednodeHome({ XDG_STATE_HOME: '/state' }), join('/state', 'rednode'));
    const fallback = join(homedir(), '.local', 'state', 'rednode');
    assert.equal(rednodeHome({}), fallback);
    assert.equal(rednodeHome({ REDNODE_HOME: '', XDG_STATE_HOME: 'relative' }), fallback);
  });

  it('holds a folder per cluster, and no name leads out of it', () => {
    assert.equal(clusterDirectory('/home', 'default'), join('/home', 'clusters', 'default'));
    for (const name of ['', '..', 'a/b', '.hidden', '-x', 'a'.repeat(64)]) {
      assert.throws(
        () => clusterDirectory('/home', name),
        (error) => error instanceof RedNodeError && error.code === 'BAD_CLUSTER_NAME' && error.exitCode === 2,
      );
    }
  });
});
