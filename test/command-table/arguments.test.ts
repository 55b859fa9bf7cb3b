import assert from 'node:assert/strict';
import {
  arityOf,
  block,
  integer,
  key,
  keyRangeOf,
  many,
  oneOf,
  option,
  optional,
  string,
  syntaxOf,
  token,
  tokensOf,
} from '../../src/command-table/arguments.js';

const setArguments = [
  key(),
  string('value'),
  optional(oneOf('condition', token('NX'), token('XX'))),
  optional(oneOf('expiration', option('EX', integer('seconds')), token('KEEPTTL'))),
];

describe('the argument grammar', () => {
  it('counts the words that must be there, and tells "at least" by a minus sign', () => {
    assert.equal(arityOf(1, [key()]), 2);
    assert.equal(arityOf(1, setArguments), -3);
    assert.equal(arityOf(1, [many(key())]), -2);
    assert.equal(arityOf(1, [many(block('data', key(), string('value')))]), -3);
    assert.equal(arityOf(2, [string('name')]), 3);
    assert.equal(arityOf(2, [oneOf('attr', option('LIB-NAME', string('a')), option('LIB-VER', string('b')))]), 4);
  });

  it('finds keys at fixed places, repeated ones, and pairs', () => {
    assert.deepEqual(keyRangeOf(1, [key(), key('newkey')]), { first: 1, last: 2, step: 1 });
    assert.deepEqual(keyRangeOf(1, [many(key())]), { first: 1, last: -1, step: 1 });
    assert.deepEqual(keyRangeOf(1, [many(block('data', key(), string('value')))]), { first: 1, last: -1, step: 2 });
    assert.deepEqual(keyRangeOf(1, setArguments), { first: 1, last: 1, step: 1 });
    assert.deepEqual(keyRangeOf(1, [string('message')]), { first: 0, last: 0, step: 0 });
  });

  it("is written in Redis's notation", () => {
    assert.equal(syntaxOf(setArguments), 'key value [NX | XX] [EX seconds | KEEPTTL]');
    assert.equal(syntaxOf([many(key())]), 'key [key ...]');
    assert.equal(syntaxOf([many(block('data', key(), string('value')))]), 'key value [key value ...]');
  });

  it('lists its literal words', () => {
    assert.deepEqual(tokensOf(setArguments), ['NX', 'XX', 'EX', 'KEEPTTL']);
  });
});
