import assert from 'node:assert/strict';
import { closeFlagsOfExec, hasFlag } from '../../src/cli/argv.js';

describe('the command line before it is parsed', () => {
  it('exec passes on every word from the command on, whatever it looks like', () => {
    assert.deepEqual(closeFlagsOfExec(['exec', 'SET', 'k', '--help']), ['exec', '--', 'SET', 'k', '--help']);
    assert.deepEqual(closeFlagsOfExec(['exec', '--json', 'GET', '--json']), ['exec', '--json', '--', 'GET', '--json']);
  });

  it('the value of a flag is not the command', () => {
    assert.deepEqual(closeFlagsOfExec(['exec', '--tenant', 'acme', 'GET', 'k']), [
      'exec',
      '--tenant',
      'acme',
      '--',
      'GET',
      'k',
    ]);
    assert.deepEqual(closeFlagsOfExec(['exec', '--tenant=acme', 'GET', 'k']), [
      'exec',
      '--tenant=acme',
      '--',
      'GET',
      'k',
    ]);
  });

  it('what was closed already, has no command, or is not exec stays as it is', () => {
    for (const argv of [['exec', '--', '-x'], ['exec', '--help'], ['get', 'k', '--json'], ['exec'], []]) {
      assert.deepEqual(closeFlagsOfExec(argv), argv);
    }
  });

  it('a flag behind -- is an argument', () => {
    assert.equal(hasFlag(['get', '--json', 'k'], '--json'), true);
    assert.equal(hasFlag(['exec', '--', 'GET', '--json'], '--json'), false);
  });
});
