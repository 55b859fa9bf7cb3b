import assert from 'node:assert/strict';
import { readSettings } from '../../../src/cli/bench/bench-flags.js';

const defaults = {
  clients: 50,
  pipeline: 1,
  ratio: '9:1',
  keyspace: 100_000,
  size: '64',
  prefix: 'bench:',
  seed: 1,
};

describe('the settings of a benchmark', () => {
  it('are read with their units', () => {
    const settings = readSettings({ ...defaults, ratio: '1:3', size: '1kb', zipf: '0.99', duration: '2m', rate: 500 });
    assert.deepEqual(settings.ratio, { reads: 1, writes: 3 });
    assert.equal(settings.valueBytes, 1024);
    assert.equal(settings.zipf, 0.99);
    assert.equal(settings.durationMs, 120_000);
    assert.equal(settings.ratePerSecond, 500);
  });

  it('run for 10 s, or until the requests are sent, or for what is shorter when both are given', () => {
    assert.equal(readSettings(defaults).durationMs, 10_000);
    assert.equal(readSettings({ ...defaults, requests: 5 }).durationMs, undefined);
    const both = readSettings({ ...defaults, requests: 5, duration: '1s' });
    assert.deepEqual([both.requestLimit, both.durationMs], [5, 1000]);
  });

  const refused: readonly (readonly [what: string, flags: object, message: RegExp])[] = [
    ['no ratio', { ratio: '0:0' }, /--ratio "0:0" is not a ratio/],
    ['half a ratio', { ratio: '9' }, /--ratio "9" is not a ratio/],
    ['a negative ratio', { ratio: '-1:1' }, /is not a ratio/],
    ['a Zipf exponent of 0', { zipf: '0' }, /--zipf "0" is not an exponent/],
    ['a Zipf exponent that is no number', { zipf: 'hot' }, /--zipf "hot" is not an exponent/],
    ['a Zipf exponent beyond all use', { zipf: '11' }, /--zipf "11" is not an exponent/],
    ['a duration of nothing', { duration: '0' }, /--duration "0" is not a duration above zero/],
    ['a size that is none', { size: 'big' }, /--size "big" is not a size/],
    ['a value that no server takes', { size: '1gb' }, /--size 1gb is more than a value can have/],
    ['no prefix', { prefix: '' }, /--prefix has 0 characters/],
    ['more than the memory holds', { clients: 1000, pipeline: 1000, size: '1mb' }, /977 GiB under way at once/],
  ];
  for (const [what, flags, message] of refused) {
    it(`refuse ${what}, and say what to give instead`, () => {
      assert.throws(
        () => readSettings({ ...defaults, ...flags }),
        (error: Error & { code?: string; hint?: string }) =>
          error.code === 'BAD_VALUE' && error.hint !== undefined && message.test(error.message),
      );
    });
  }
});
