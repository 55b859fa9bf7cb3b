import assert from 'node:assert/strict';
import fc from 'fast-check';
import { editDistance, nearest } from '../../src/cli/suggestions.js';

describe('did you mean', () => {
  it('counts insertions, deletions, substitutions and swaps as one edit each', () => {
    assert.equal(editDistance('cluster', 'clster'), 1);
    assert.equal(editDistance('get', 'gte'), 1);
    assert.equal(editDistance('kitten', 'sitting'), 3);
    assert.equal(editDistance('', 'abc'), 3);
  });

  it('the distance is symmetric, and zero only between equal words', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (left, right) => {
        const distance = editDistance(left, right);
        return distance === editDistance(right, left) && (distance === 0) === (left === right);
      }),
    );
  });

  it('a slip finds its word, and nonsense finds none', () => {
    const commands = ['get', 'set', 'cluster up', 'cluster status', 'subscribe'];
    assert.equal(nearest('gte', commands), 'get');
    assert.equal(nearest('cluster stauts', commands), 'cluster status');
    assert.equal(nearest('subs', commands), 'subscribe');
    assert.equal(nearest('frobnicate', commands), undefined);
  });
});
