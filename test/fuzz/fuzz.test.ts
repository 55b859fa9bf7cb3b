/** A short look for input that the server cannot take; `npm run fuzz` looks for longer. */
import assert from 'node:assert/strict';
import { freshSeed, SeededRandom } from '../support/random-source.js';
import { shrinkList } from '../support/shrink.js';
import { fuzz } from './fuzzer.js';
import { randomItems } from './requests.js';
import { NotRespError, wellFormedReplies } from './resp-check.js';

const FIXED_SEED = 1;
const ROUNDS = 150;
const TIME_MS = 20_000;

describe('fuzzing the wire', function () {
  this.timeout(120_000);

  it('the server takes whatever it is sent, with a fixed seed', async () => {
    const { failure, rounds } = await fuzz(FIXED_SEED, ROUNDS, TIME_MS);
    assert.equal(failure, undefined, failure);
    assert.ok(rounds > 0);
  });

  it('the server takes whatever it is sent, with a seed of today', async () => {
    const { failure } = await fuzz(freshSeed(), ROUNDS, TIME_MS);
    assert.equal(failure, undefined, failure);
  });

  it('the same seed makes the same requests', () => {
    const [one, other] = [1, 1].map((seed) => randomItems(new SeededRandom(seed), 2, 20));
    assert.deepEqual(one, other);
    assert.notDeepEqual(one, randomItems(new SeededRandom(2), 2, 20));
  });

  it('what is no reply is seen', () => {
    for (const bad of [
      'hello\r\n',
      ':1x\r\n',
      '$3\r\nabcd\r\n',
      '*x\r\n',
      '$-2\r\n',
      '-lower case\r\n',
      ',1.2.3\r\n',
      '*1\r\n?\r\n',
    ])
      assert.throws(() => wellFormedReplies(Buffer.from(bad)), NotRespError, bad);
    const good = [
      '+OK\r\n',
      '$-1\r\n',
      '*2\r\n:1\r\n$0\r\n\r\n',
      '%1\r\n+a\r\n_\r\n',
      ',inf\r\n',
      '=7\r\ntxt:abc\r\n',
      '*-1\r\n',
    ];
    assert.equal(wellFormedReplies(Buffer.from(good.join(''))).length, good.length);
  });

  it('a failing list is shrunk to what makes it fail', async () => {
    const items = Array.from({ length: 100 }, (_, index) => index);
    const fewest = await shrinkList(items, (some) => Promise.resolve(some.includes(17) && some.includes(80)));
    assert.deepEqual(fewest, [17, 80]);
  });
});
