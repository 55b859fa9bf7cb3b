import assert from 'node:assert/strict';
import { asRedNodeError, errorJson, errorText } from '../../src/cli/error-report.js';
import { createTheme } from '../../src/cli/theme.js';
import { ExitCode, RedNodeError } from '../../src/errors.js';

const plain = createTheme({ isTTY: false }, {});

const portError = new RedNodeError('PORT_IN_USE', 'port 7379 is in use by pid 812 (redis-server)', ExitCode.inUse, {
  context: { host: '127.0.0.1', port: '7379' },
  hint: 'rednode cluster up --port 7479',
});

describe('the report of an error', () => {
  it('has the failure, its values and the next step in aligned lines', () => {
    assert.equal(
      errorText(portError, plain, false),
      [
        'error: port 7379 is in use by pid 812 (redis-server)',
        '  host  127.0.0.1',
        '  port  7379',
        '  try   rednode cluster up --port 7479',
      ].join('\n'),
    );
  });

  it('a value of several lines continues under its beginning', () => {
    const error = new RedNodeError('START_FAILED', 'n2 did not start', ExitCode.timeout, {
      context: { log: 'one\ntwo\n' },
    });
    assert.equal(errorText(error, plain, false), 'error: n2 did not start\n  log  one\n       two');
  });

  it('tells the next step with the name by which the program was started', () => {
    assert.match(errorText(portError, plain, false, 'npx rednode'), /try {3}npx rednode cluster up --port 7479$/);
    assert.match(JSON.stringify(errorJson(portError, false, 'npx rednode')), /"npx rednode cluster up --port 7479"/);
  });

  it('shows the stack, causes included, only with --debug', () => {
    const error = new RedNodeError('X', 'outer', ExitCode.io, { cause: new Error('inner') });
    assert.doesNotMatch(errorText(error, plain, false), /at /);
    assert.match(errorText(error, plain, true), /at .*\n[^]*caused by Error: inner/);
  });

  it('as JSON carries code, message, exit code, hint and context', () => {
    assert.deepEqual(errorJson(portError, false), {
      error: {
        code: 'PORT_IN_USE',
        message: 'port 7379 is in use by pid 812 (redis-server)',
        exitCode: 4,
        hint: 'rednode cluster up --port 7479',
        context: { host: '127.0.0.1', port: '7379' },
      },
    });
  });

  it('JSON leaves out what an error does not have', () => {
    assert.deepEqual(errorJson(new RedNodeError('X', 'bad', ExitCode.usage), false), {
      error: { code: 'X', message: 'bad', exitCode: 2 },
    });
  });

  it('an error nobody foresaw is internal, one of the file system is io', () => {
    assert.equal(asRedNodeError(new Error('boom')).exitCode, ExitCode.internal);
    assert.equal(asRedNodeError('a string').message, 'a string');
    const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
    assert.equal(asRedNodeError(denied).exitCode, ExitCode.io);
    assert.equal(asRedNodeError(portError), portError);
  });
});
