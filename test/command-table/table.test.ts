import assert from 'node:assert/strict';
import { commandTable } from '../../src/command-table/index.js';
import { keyPositions } from '../../src/command-table/command.js';
import { encodeCommand } from '../../src/resp/encode.js';
import { DecodeResult, RequestDecoder } from '../../src/resp/request-decoder.js';
import type { Request } from '../../src/resp/request.js';

function requestOf(...words: string[]): Request {
  const decoder = new RequestDecoder();
  decoder.feed(encodeCommand(words));
  assert.equal(decoder.next(), DecodeResult.request);
  return decoder.request;
}

/** Arity, first key, last key and step, as redis-server 7.0.15 answers COMMAND INFO. */
const asInRedis: Readonly<Record<string, readonly [number, number, number, number]>> = {
  GET: [2, 1, 1, 1],
  SET: [-3, 1, 1, 1],
  MGET: [-2, 1, -1, 1],
  MSET: [-3, 1, -1, 2],
  INCR: [2, 1, 1, 1],
  INCRBY: [3, 1, 1, 1],
  APPEND: [3, 1, 1, 1],
  GETEX: [-2, 1, 1, 1],
  SETEX: [4, 1, 1, 1],
  DEL: [-2, 1, -1, 1],
  RENAME: [3, 1, 2, 1],
  SCAN: [-2, 0, 0, 0],
  KEYS: [2, 0, 0, 0],
  EXPIRE: [-3, 1, 1, 1],
  PTTL: [2, 1, 1, 1],
  PING: [-1, 0, 0, 0],
  AUTH: [-2, 0, 0, 0],
  HELLO: [-1, 0, 0, 0],
  SELECT: [2, 0, 0, 0],
  INFO: [-1, 0, 0, 0],
  FLUSHALL: [-1, 0, 0, 0],
  SHUTDOWN: [-1, 0, 0, 0],
  COMMAND: [-1, 0, 0, 0],
  SUBSCRIBE: [-2, 0, 0, 0],
  UNSUBSCRIBE: [-1, 0, 0, 0],
  PUBLISH: [3, 0, 0, 0],
  CLIENT: [-2, 0, 0, 0],
  'CLIENT LIST': [-2, 0, 0, 0],
  'CLIENT SETNAME': [3, 0, 0, 0],
  'CLIENT SETINFO': [4, 0, 0, 0],
  'CONFIG GET': [-3, 0, 0, 0],
  'COMMAND GETKEYS': [-4, 0, 0, 0],
  'COMMAND LIST': [-2, 0, 0, 0],
  'CLUSTER KEYSLOT': [3, 0, 0, 0],
  'PUBSUB NUMSUB': [-2, 0, 0, 0],
};

describe('the command table', () => {
  it('derives arity and key positions as Redis declares them', () => {
    for (const [name, expected] of Object.entries(asInRedis)) {
      const command = commandTable.find(name.split(' '));
      assert.equal(command?.fullName, name);
      const { arity, keys } = command;
      assert.deepEqual([arity, keys.first, keys.last, keys.step], expected, name);
    }
  });

  it('finds every command and subcommand by the bytes of a request, in any case of letters', () => {
    for (const command of commandTable.all()) {
      assert.equal(commandTable.lookup(requestOf(command.name)), command);
      assert.equal(commandTable.lookup(requestOf(command.name.toLowerCase())), command);
      for (const subcommand of command.subcommands) {
        const request = requestOf(command.name.toLowerCase(), subcommand.name.toLowerCase());
        assert.equal(commandTable.lookupSubcommand(command, request), subcommand);
      }
    }
  });

  it('does not find what is not there', () => {
    for (const name of ['', 'GE', 'GETT', 'G3T', '\u0007ET', 'nosuch']) {
      assert.equal(commandTable.lookup(requestOf(name)), undefined, JSON.stringify(name));
    }
  });

  it('numbers every command and subcommand once', () => {
    const ids = commandTable.all().flatMap((command) => [command.id, ...command.subcommands.map(({ id }) => id)]);
    assert.deepEqual(
      [...ids].sort((left, right) => left - right),
      Array.from({ length: commandTable.idCount }, (_, index) => index),
    );
  });

  it('has a summary, a version and either a handler or subcommands for every command', () => {
    for (const command of commandTable.all().flatMap((entry) => [entry, ...entry.subcommands])) {
      assert.match(command.summary, /^[A-Z].*\.$/, command.fullName);
      assert.match(command.since, /^\d+\.\d+\.\d+$/, command.fullName);
      assert.ok(command.handler !== undefined || command.subcommands.length > 0, command.fullName);
    }
  });

  it('tells where the keys of a request stand', () => {
    const mset = commandTable.find(['mset']);
    assert.ok(mset !== undefined);
    assert.deepEqual(keyPositions(mset, 7), [1, 3, 5]);
    const mget = commandTable.find(['mget']);
    assert.ok(mget !== undefined);
    assert.deepEqual(keyPositions(mget, 4), [1, 2, 3]);
  });
});
