import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatDouble } from '../../src/resp/format-double.js';

describe('formatDouble', () => {
  /** C's `%.17g`, as redis-server 7.0.15 answers. */
  const cases: readonly (readonly [value: number, text: string])[] = [
    [0, '0'],
    [-0, '-0'],
    [3, '3'],
    [-42, '-42'],
    [0.5, '0.5'],
    [3.1, '3.1000000000000001'],
    [0.1, '0.10000000000000001'],
    [-0.1, '-0.10000000000000001'],
    [0.0001, '0.0001'],
    [0.00001, '1.0000000000000001e-05'],
    [123456789, '123456789'],
    [1e16, '10000000000000000'],
    [1e17, '1e+17'],
    [1e20, '1e+20'],
    [1e100, '1e+100'],
    [12345678901234.0625, '12345678901234.062'],
    [12345678901234.1875, '12345678901234.188'],
    [1234567890.5, '1234567890.5'],
    [Number.MAX_VALUE, '1.7976931348623157e+308'],
    [Number.MIN_VALUE, '4.9406564584124654e-324'],
    [Infinity, 'inf'],
    [-Infinity, '-inf'],
    [NaN, 'nan'],
  ];
  for (const [value, text] of cases) {
    it(`prints ${text}`, () => {
      assert.equal(formatDouble(value), text);
    });
  }

  it('loses nothing of any finite double', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        assert.ok(Object.is(Number(formatDouble(value)), value));
      }),
      { numRuns: 1000 },
    );
  });
});
