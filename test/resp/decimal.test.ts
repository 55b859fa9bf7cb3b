import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decimalDigits, MAX_DECIMAL_BYTES, writeDecimal } from '../../src/resp/decimal.js';

describe('writeDecimal', () => {
  it('writes any non-negative safe integer as String does', () => {
    const around = fc.integer({ min: 0, max: 15 }).map((power) => 10 ** power);
    const values = fc.oneof(
      fc.nat(),
      fc.maxSafeNat(),
      around,
      around.map((value) => value - 1),
    );
    fc.assert(
      fc.property(values, (value) => {
        const target = Buffer.alloc(MAX_DECIMAL_BYTES + 2);
        const end = writeDecimal(target, 1, value);
        assert.equal(target.toString('latin1', 1, end), String(value));
        assert.equal(decimalDigits(value), String(value).length);
        assert.equal(target[end], 0);
      }),
      { numRuns: 1000 },
    );
  });
});
