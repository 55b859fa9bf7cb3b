import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseInt64 } from '../../src/resp/integer.js';

function parse(text: string): number | bigint | undefined {
  const bytes = Buffer.from(`..${text}`);
  return parseInt64(bytes, 2, bytes.length - 2);
}

describe('parseInt64', () => {
  it('reads every int64 in canonical form', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        const parsed = parse(String(value));
        assert.equal(BigInt(parsed ?? 'x'), value);
        assert.equal(typeof parsed, Number.isSafeInteger(Number(value)) ? 'number' : 'bigint');
      }),
    );
    assert.equal(parse('9223372036854775807'), 2n ** 63n - 1n);
    assert.equal(parse('-9223372036854775808'), -(2n ** 63n));
    assert.equal(parse('9007199254740991'), Number.MAX_SAFE_INTEGER);
    assert.equal(parse('9007199254740992'), 2n ** 53n);
    assert.ok(Object.is(parse('0'), 0));
  });

  for (const text of [
    ...['', '-', '+1', '01', '-0', '-01', ' 1', '1 ', '1.0', '1e3', '0x1', '9223372036854775808'],
    ...['-9223372036854775809', '99999999999999999999', '100000000000000000000', '12a45678901234567'],
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.equal(parse(text), undefined);
    });
  }
});
