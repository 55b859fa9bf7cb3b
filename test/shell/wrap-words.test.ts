import assert from 'node:assert/strict';
import fc from 'fast-check';
import { displayWidth } from '../../src/shell/display-width.js';
import { alignColumns } from '../../src/shell/columns.js';
import { hangingIndent, wrapWords } from '../../src/shell/wrap-words.js';

describe('wrapping', () => {
  it('breaks between words, and leaves what fits as it is', () => {
    assert.deepEqual(wrapWords('one two three', 7), ['one two', 'three']);
    assert.deepEqual(wrapWords('one  two', 8), ['one  two']);
    assert.deepEqual(wrapWords('', 8), ['']);
  });

  it('gives a word that is too wide a line of its own', () => {
    assert.deepEqual(wrapWords('a bcdefgh i', 4), ['a', 'bcdefgh', 'i']);
  });

  it('keeps the line ends of the text', () => {
    assert.deepEqual(wrapWords('a b\nc d', 3), ['a b', 'c d']);
  });

  it('counts columns, not characters or colours', () => {
    assert.deepEqual(wrapWords('漢字 漢字', 8), ['漢字', '漢字']);
    assert.deepEqual(wrapWords('\u001b[2mone two\u001b[22m', 7), ['\u001b[2mone two\u001b[22m']);
  });

  it('loses no word and exceeds the width only by a single word', () => {
    const words = fc.array(fc.stringMatching(/^\w{1,12}$/), { minLength: 1 });
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 40 }), (given, columns) => {
        const lines = wrapWords(given.join(' '), columns);
        assert.equal(lines.join(' '), given.join(' '));
        assert.ok(lines.every((line) => displayWidth(line) <= columns || !line.includes(' ')));
      }),
    );
  });

  it('begins further lines where the first begins behind its head', () => {
    assert.equal(hangingIndent('try  ', 'one two three', 12), 'try  one two\n     three');
  });
});

describe('columns', () => {
  const words = 'eight words that are somewhat longer than that';

  it('wrap their last cell to the terminal', () => {
    const text = alignColumns([['a', words]], { indent: 2, columns: 30 });
    assert.equal(text, '  a  eight words that are\n     somewhat longer than that');
  });

  it('put the last cell below its row where too little room is left', () => {
    const text = alignColumns([['a'.repeat(20), words]], { indent: 2, columns: 30 });
    assert.equal(text, `  ${'a'.repeat(20)}\n    eight words that are\n    somewhat longer than that`);
  });
});
