import assert from 'node:assert/strict';
import { withCompleteHint } from '../../src/cli/cluster-hint.js';
import { ExitCode, RedNodeError } from '../../src/errors.js';

const several = new RedNodeError('SEVERAL_CLUSTERS', 'several clusters are running: left, right', ExitCode.usage, {
  hint: '--cluster left',
});

function hintOf(id: string, argv: readonly string[]): string | undefined {
  const error = withCompleteHint(several, id, argv);
  assert.ok(error instanceof RedNodeError);
  assert.equal(error.message, several.message);
  return error.hint;
}

describe('the hint where one of several clusters has to be named', () => {
  it('is the command line with the name in it', () => {
    assert.equal(hintOf('get', ['user:42', '--json']), 'rednode get --cluster left user:42 --json');
    assert.equal(hintOf('cluster:status', []), 'rednode cluster status --cluster left');
  });

  it('quotes words as a shell needs it', () => {
    assert.equal(hintOf('set', ['k', "it's 1"]), "rednode set --cluster left k 'it'\\''s 1'");
  });

  it('shows a wire command as it was typed', () => {
    assert.equal(hintOf('exec', ['--json', '--', 'GET', 'k']), 'rednode exec --cluster left --json GET k');
  });

  it('repeats neither secrets nor long lines', () => {
    assert.equal(hintOf('exec', ['--', 'AUTH', 'acme', 's3cret']), 'rednode exec --cluster left ...');
    assert.equal(hintOf('set', ['k', 'v'.repeat(100)]), 'rednode set --cluster left ...');
  });

  it('of other errors is left as it is', () => {
    const other = new RedNodeError('NO_CLUSTER', 'no cluster is running', ExitCode.unreachable);
    assert.equal(withCompleteHint(other, 'get', ['k']), other);
  });
});
