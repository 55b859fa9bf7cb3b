import assert from 'node:assert/strict';
import { hintAsTyped, programName } from '../../src/cli/program-name.js';

const npx = 'npx rednode';

describe('what a person types to start the program', () => {
  it('is the name alone where it is installed or run by a script of npm', () => {
    assert.equal(programName({}), 'rednode');
    assert.equal(programName({ npm_command: 'run-script' }), 'rednode');
  });

  it('is npx and the name where npx started it', () => {
    assert.equal(programName({ npm_command: 'exec' }), 'npx rednode');
  });

  it('replaces every command of a hint and nothing else', () => {
    assert.equal(
      hintAsTyped('rednode cluster ls shows what runs; rednode cluster up starts a cluster', npx),
      'npx rednode cluster ls shows what runs; npx rednode cluster up starts a cluster',
    );
    const paths = 'set REDNODE_HOME, or look into /var/rednode and my-rednode x';
    assert.equal(hintAsTyped(paths, npx), paths);
    assert.equal(hintAsTyped('npx rednode shell', npx), 'npx rednode shell');
    assert.equal(hintAsTyped('rednode shell', 'rednode'), 'rednode shell');
  });
});
