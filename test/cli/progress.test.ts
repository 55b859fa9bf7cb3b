import assert from 'node:assert/strict';
import { finishedStepLine } from '../../src/cli/progress.js';
import { createTheme } from '../../src/cli/theme.js';

describe('a finished step', () => {
  it('is a line of aligned columns within 80', () => {
    const theme = createTheme({ isTTY: false }, { LANG: 'C.UTF-8' });
    const short = finishedStepLine('ports', '7379-7384', 3, theme);
    const long = finishedStepLine('placement', '16384 slots over 3 masters', 1234, theme);
    assert.equal(short.length, long.length);
    assert.ok(long.length <= 80);
    assert.match(long, /^ {2}✔ placement {4}16384 slots over 3 masters +1\.23 s$/);
  });

  it('has no symbol beyond ASCII on a dumb terminal', () => {
    const line = finishedStepLine('ports', '7379', 3, createTheme({ isTTY: true }, { TERM: 'dumb' }));
    assert.match(line, /^[\x20-\x7e]+$/);
  });
});
