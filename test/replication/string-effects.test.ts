import assert from 'node:assert/strict';
import fc from 'fast-check';
import { startServer, type RunningServer } from '../../src/server/server.js';
import { AskingServer, type Call } from '../command-table/asking-server.js';
import { eventually } from '../support/eventually.js';
import { socketPair } from './duplex-pairs.js';

const KEYS = ['a', 'b', 'c', 'd', 'n'];

const key = fc.constantFrom(...KEYS);
const number = (min: number, max: number): fc.Arbitrary<string> => fc.integer({ min, max }).map(String);
const text = fc
  .tuple(fc.integer({ min: 0, max: 50 }), number(0, 99))
  .map(([length, tail]) => 'x'.repeat(length) + tail);
const word = (...words: string[]): fc.Arbitrary<string> => fc.constantFrom(...words);
const FAR = '4102444800000';

/** Some call of the commands that change strings, their bits and their names; many do nothing or fail, which is no effect. */
const anyCall: fc.Arbitrary<Call> = fc.oneof(
  fc.tuple(word('SET', 'GETSET'), key, text),
  fc.tuple(word('SET'), key, number(-50, 50), word('PXAT'), word(FAR)),
  fc.tuple(word('MSETNX'), key, text, key, text),
  fc.tuple(word('SETRANGE'), key, number(0, 80), text),
  fc.tuple(word('APPEND'), key, text),
  fc.tuple(word('INCRBYFLOAT'), word('n'), word('0.1', '-2.25', '3e2', '1e-7', '99.999')),
  fc.tuple(word('INCRBY'), key, number(-99, 99)),
  fc.tuple(word('SETBIT'), key, number(0, 600), number(0, 1)),
  fc.tuple(word('BITOP'), word('AND', 'OR', 'XOR'), key, key, key),
  fc.tuple(word('BITOP'), word('NOT'), key, key),
  fc.tuple(word('BITFIELD'), key, word('INCRBY'), word('i7', 'u50'), number(0, 90), number(-99, 99)),
  fc.tuple(
    word('BITFIELD'),
    key,
    word('OVERFLOW'),
    word('FAIL'),
    word('SET'),
    word('u3'),
    number(0, 90),
    number(0, 12),
  ),
  fc.tuple(word('RENAME', 'RENAMENX', 'COPY'), key, key),
  fc.tuple(word('COPY'), key, key, word('REPLACE')),
  fc.tuple(word('PERSIST', 'GETDEL', 'DEL'), key),
);

/** Every key with its value, its deadline and how it is kept. */
function stateOf({ instance }: RunningServer): string[] {
  const keyspace = instance.store.keyspace(0);
  const lines: string[] = [];
  keyspace.forEach((ref) => {
    const deadline = keyspace.deadline(ref);
    lines.push(`${keyspace.keyOf(ref).toString()} = ${keyspace.value(ref).toString('latin1')} until ${deadline}`);
  });
  return lines.sort();
}

describe('the effects of string commands', function () {
  this.timeout(30_000);
  let master: AskingServer;
  let replica: RunningServer;

  beforeEach(async () => {
    master = await AskingServer.start();
    replica = await startServer({ port: 0 });
  });

  afterEach(async () => {
    await replica.stop();
    await master[Symbol.asyncDispose]();
  });

  async function link(): Promise<void> {
    const [near, far] = await socketPair();
    master.server.instance.replication.serve('replica', near);
    replica.instance.replication.follow('master', far);
    await eventually(() => replica.instance.replication.isInSync);
  }

  async function untilEven(): Promise<void> {
    const { replication } = master.server.instance;
    await eventually(() => replica.instance.replication.offset === replication.offset);
  }

  it('leave the replica with what the master has, whatever the sequence', async () => {
    await link();
    await fc.assert(
      fc.asyncProperty(fc.array(anyCall, { minLength: 1, maxLength: 60 }), async (calls) => {
        await master.ask(calls);
        await untilEven();
        assert.deepEqual(stateOf(replica), stateOf(master.server));
      }),
      { numRuns: 60 },
    );
    assert.ok(stateOf(replica).length > 0);
  });

  it('are nothing where nothing has changed', async () => {
    await link();
    await master.ask([
      ['SET', 'k', 'abc'],
      ['SET', 'other', 'x'],
      ['SET', 'f', '1.5'],
    ]);
    const { replication } = master.server.instance;
    const before = replication.offset;
    await master.ask([
      ['SETBIT', 'k', '0', '0'],
      ['SETRANGE', 'k', '1', ''],
      ['SETRANGE', 'nosuch', '5', ''],
      ['BITFIELD', 'k', 'GET', 'u8', '0'],
      ['BITFIELD', 'k', 'SET', 'u8', '0', '97'],
      ['BITFIELD', 'k', 'OVERFLOW', 'FAIL', 'INCRBY', 'u8', '0', '300'],
      ['BITFIELD', 'nosuch'],
      ['MSETNX', 'k', '1', 'new', '2'],
      ['RENAMENX', 'k', 'other'],
      ['COPY', 'k', 'other'],
      ['COPY', 'nosuch', 'k', 'REPLACE'],
      ['BITOP', 'OR', 'nosuch', 'nosuch'],
      ['INCRBYFLOAT', 'k', '1'],
      ['OBJECT', 'ENCODING', 'k'],
      ['TOUCH', 'k'],
    ]);
    assert.equal(replication.offset, before);
  });

  it('carry the sum of INCRBYFLOAT, and keep the deadline', async () => {
    await link();
    await master.ask([
      ['SET', 'f', '0.1', 'PXAT', '4102444800000'],
      ['INCRBYFLOAT', 'f', '0.2'],
    ]);
    await untilEven();
    assert.deepEqual(stateOf(replica), ['f = 0.3 until 4102444800000']);
  });
});
