import assert from 'node:assert/strict';
import {
  block,
  integer,
  key,
  many,
  oneOf,
  option,
  optional,
  string,
  token,
} from '../../src/command-table/arguments.js';
import { CommandTable } from '../../src/command-table/table.js';
import { hintFor } from '../../src/shell/hint.js';

const flags = [] as const;
const base = { summary: '', since: '1', group: 'string', flags } as const;
const table = new CommandTable([
  { ...base, name: 'GET', arguments: [key()] },
  { ...base, name: 'MSET', arguments: [many(block('data', key(), string('value')))] },
  { ...base, name: 'DEL', arguments: [many(key())] },
  {
    ...base,
    name: 'SET',
    arguments: [
      key(),
      string('value'),
      optional(oneOf('condition', token('NX'), token('XX'))),
      optional(token('GET')),
      optional(oneOf('expiration', option('EX', integer('seconds')), token('KEEPTTL'))),
    ],
  },
  { ...base, name: 'TENANT', subcommands: [{ ...base, name: 'CREATE', arguments: [string('name')] }] },
]);
const hint = (line: string, columns = 80): string => hintFor(line, table, columns);

describe('hint', () => {
  it('shows what is still to be typed', () => {
    assert.equal(hint('set'), ' key value [NX | XX] [GET] [EX seconds | KEEPTTL]');
    assert.equal(hint('set '), 'key value [NX | XX] [GET] [EX seconds | KEEPTTL]');
    assert.equal(hint('set k v '), '[NX | XX] [GET] [EX seconds | KEEPTTL]');
    assert.equal(hint('get k'), '');
  });

  it('leaves out options that are given, in any order, and names a missing value', () => {
    assert.equal(hint('set k v get '), '[NX | XX] [EX seconds | KEEPTTL]');
    assert.equal(hint('set k v ex '), 'seconds [NX | XX] [GET]');
    assert.equal(hint('set k v ex 10 nx get'), '');
  });

  it('goes on with arguments that repeat', () => {
    assert.equal(hint('del '), 'key [key ...]');
    assert.equal(hint('del a '), '[key ...]');
    assert.equal(hint('mset a '), 'value [key value ...]');
    assert.equal(hint('mset a 1 '), '[key value ...]');
  });

  it('shows the subcommands of a container, then the arguments of the one chosen', () => {
    assert.equal(hint('tenant '), 'CREATE | HELP');
    assert.equal(hint('tenant create '), 'name');
  });

  it('shows the hint of the command that is to be explained', () => {
    assert.equal(hint('explain'), ' command [arg ...]');
    assert.equal(hint('explain get '), 'key');
  });

  it('says nothing about what does not fit the grammar, is unknown or is quoted openly', () => {
    assert.equal(hint('get a b'), '');
    assert.equal(hint('nonsense '), '');
    assert.equal(hint('set "k'), '');
    assert.equal(hint(''), '');
  });

  it('never takes more columns than there are', () => {
    assert.equal(hint('set ', 12), 'key value […');
    assert.equal(hint('set ', 3), '');
    assert.equal(hint('set ', 0), '');
  });
});
