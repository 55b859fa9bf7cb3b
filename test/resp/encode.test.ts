import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodeCommand } from '../../src/resp/encode.js';

describe('encodeCommand', () => {
  it('writes text in UTF-8 and bytes as they are', () => {
    const encoded = encodeCommand(['SET', 'é', Uint8Array.of(0, 13, 10, 255), '']);
    assert.equal(encoded.toString('latin1'), '*4\r\n$3\r\nSET\r\n$2\r\n\xc3\xa9\r\n$4\r\n\0\r\n\xff\r\n$0\r\n\r\n');
  });

  it('writes lengths of any number of digits', () => {
    for (const length of [9, 10, 99, 100, 12_345]) {
      const word = 'x'.repeat(length);
      assert.equal(encodeCommand([word]).toString(), `*1\r\n$${String(length)}\r\n${word}\r\n`);
    }
  });

  it('gives text and its bytes the same form', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (words) => {
        assert.deepEqual(encodeCommand(words), encodeCommand(words.map((word) => Buffer.from(word))));
      }),
    );
  });
});
