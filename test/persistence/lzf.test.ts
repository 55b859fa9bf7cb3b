import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decompressLzf } from '../../src/persistence/lzf.js';

describe('decompressLzf', () => {
  it('copies literal runs', () => {
    assert.equal(decompressLzf(Buffer.from([2, 0x61, 0x62, 0x63]), 3)?.toString(), 'abc');
  });

  it('follows a back reference that overlaps what it writes', () => {
    assert.equal(decompressLzf(Buffer.from([0, 0x61, 0x20, 0]), 4)?.toString(), 'aaaa');
  });

  it('follows a long back reference', () => {
    assert.equal(decompressLzf(Buffer.from([0, 0x61, 0xe0, 3, 0]), 13)?.toString(), 'a'.repeat(13));
  });

  it('refuses a reference to before the beginning, a cut input and another size', () => {
    assert.equal(decompressLzf(Buffer.from([0x20, 0]), 3), undefined);
    assert.equal(decompressLzf(Buffer.from([5, 0x61]), 6), undefined);
    assert.equal(decompressLzf(Buffer.from([0, 0x61, 0xe0]), 10), undefined);
    assert.equal(decompressLzf(Buffer.from([0, 0x61]), 2), undefined);
  });

  it('never writes another size than was asked for, whatever the input', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(200), (input, sizeBytes) => {
        const output = decompressLzf(input, sizeBytes);
        assert.ok(output === undefined || output.length === sizeBytes);
      }),
    );
  });
});
