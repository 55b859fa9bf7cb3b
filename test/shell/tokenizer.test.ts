import assert from 'node:assert/strict';
import fc from 'fast-check';
import { quote, quoteIfNeeded } from '../../src/shell/quoting.js';
import { scan, tokenize } from '../../src/shell/tokenizer.js';
import { RedNodeError } from '../../src/errors.js';

const words = (line: string): string[] => tokenize(line).map((word) => word.toString('latin1'));

describe('tokenizer', () => {
  it('splits at any run of blanks', () => {
    assert.deepEqual(words('  set \t k   v '), ['set', 'k', 'v']);
    assert.deepEqual(words(''), []);
    assert.deepEqual(words('   '), []);
  });

  it('resolves the escapes of redis-cli inside double quotes', () => {
    assert.deepEqual(words(String.raw`"a\n\r\t\b\a\x00\xFF\"\\\q"`), ['a\n\r\t\b\x07\x00\xff"\\q']);
  });

  it('takes \\x without two hex digits as the letter x', () => {
    assert.deepEqual(words(String.raw`"\xg1"`), ['xg1']);
    assert.deepEqual(words(String.raw`"\x1"`), ['x1']);
  });

  it('knows only the escaped quote inside single quotes', () => {
    assert.deepEqual(words(String.raw`'it\'s \n'`), [String.raw`it's \n`]);
  });

  it('keeps empty words that are quoted', () => {
    assert.deepEqual(words(`set k ""`), ['set', 'k', '']);
  });

  it('lets a quote begin inside a word', () => {
    assert.deepEqual(words('user:"a b"'), ['user:a b']);
  });

  it('leaves UTF-8 text as its bytes', () => {
    assert.equal(tokenize('héllo')[0].toString(), 'héllo');
  });

  it('names the column of a quote that is not closed', () => {
    assert.throws(
      () => tokenize('set é "abc'),
      (error: unknown) =>
        error instanceof RedNodeError && error.code === 'BAD_SYNTAX' && error.message.includes('column 7'),
    );
  });

  it('refuses text directly behind a closing quote', () => {
    assert.throws(() => tokenize('"a"b'), /a closing quote must end the word at column 4/);
    assert.throws(() => tokenize(`'a'"b"`), /a closing quote must end the word/);
  });

  it('reads the words of a line that is still being typed', () => {
    const { tokens, problem, endsInWord } = scan('get "us');
    assert.deepEqual(
      tokens.map((token) => token.bytes.toString()),
      ['get', 'us'],
    );
    assert.equal(problem?.position, 4);
    assert.equal(endsInWord, true);
    assert.equal(scan('get ').endsInWord, false);
  });

  it('reads back every byte string that quote() writes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        assert.deepEqual(tokenize(quote(bytes)), [Buffer.from(bytes)]);
        assert.deepEqual(tokenize(quoteIfNeeded(bytes)), [Buffer.from(bytes)]);
      }),
    );
  });

  it('never fails in another way than with its own error', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (line) => {
        try {
          tokenize(line);
        } catch (error) {
          assert.ok(error instanceof RedNodeError);
        }
      }),
    );
  });
});
