import assert from 'node:assert/strict';
import { Measurement } from '../../../src/client/bench/measurement.js';

describe('errors of a load', () => {
  it('are counted by their code, those of plain ERR by their text', () => {
    const measurement = new Measurement();
    for (const text of ['OOM one', 'OOM two', 'ERR a', 'ERR a', 'ERR b', 'no code']) measurement.countError(text);
    assert.deepEqual(
      [...measurement.errors.values()].map(({ kind, example, count }) => [kind, example, count]),
      [
        ['OOM', 'OOM one', 2],
        ['ERR a', 'ERR a', 2],
        ['ERR b', 'ERR b', 1],
        ['no code', 'no code', 1],
      ],
    );
    assert.equal(measurement.failures, 6);
  });

  it('of ever new texts do not fill the memory', () => {
    const measurement = new Measurement();
    for (let index = 0; index < 1000; index++) measurement.countError(`ERR ${index}`);
    assert.ok(measurement.errors.size <= 21);
    assert.equal(measurement.failures, 1000);
  });
});
