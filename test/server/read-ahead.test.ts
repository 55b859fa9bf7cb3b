import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Store } from '../../src/keyspace/store.js';
import { encodeCommand } from '../../src/resp/encode.js';
import { DecodeResult, RequestDecoder } from '../../src/resp/request-decoder.js';
import { ReadAhead } from '../../src/server/read-ahead.js';
import { cutAt, cuts } from '../resp/streams.js';

const SCRIBBLE = 0x2a;

const word = fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom('a', 'b', 'k', '1') });
const commandWords = fc.oneof(
  fc.tuple(fc.constantFrom('GET', 'set', 'INCR', 'nosuch'), word, word).map((words) => [...words]),
  fc.array(word, { minLength: 1, maxLength: 40 }),
);
const frames = fc.array(fc.record({ words: commandWords, isInline: fc.boolean() }), { maxLength: 80 });

/** Takes chunks as a session does, and stops where `stops` says so, to go on at once. */
function readAll(
  chunks: readonly Buffer[],
  stops: ReadonlySet<number>,
  keyspace = new Store().keyspace(0),
): string[][] {
  const decoder = new RequestDecoder();
  const ahead = new ReadAhead();
  const seen: string[][] = [];
  const stopped = new Set<number>();
  /** Whether it was stopped before it came to the end. */
  const runBatch = (): boolean => {
    ahead.fill(decoder, false);
    ahead.prefetch(keyspace);
    for (let index = 0; index < ahead.count; index++) {
      if (stops.has(seen.length) && !stopped.has(seen.length)) {
        stopped.add(seen.length);
        decoder.rewind(ahead.frameStart(index));
        return true;
      }
      ahead.load(index, keyspace);
      seen.push(ahead.request.copyArguments().map(String));
    }
    return ahead.outcome === DecodeResult.request;
  };
  for (const chunk of chunks) {
    const memory = Buffer.from(chunk);
    decoder.feed(memory);
    while (runBatch());
    decoder.letGo();
    keyspace.forgetKeys();
    memory.fill(SCRIBBLE);
  }
  assert.equal(decoder.error, '');
  return seen;
}

describe('reading requests ahead', () => {
  it('brings back every request in order, however the stream is cut and wherever it is stopped', () => {
    fc.assert(
      fc.property(frames, cuts, fc.array(fc.nat(80)), (sent, fractions, stops) => {
        const stream = Buffer.concat(
          sent.map(({ words, isInline }) => (isInline ? Buffer.from(`${words.join(' ')}\r\n`) : encodeCommand(words))),
        );
        const expected = sent.map(({ words }) => words);
        assert.deepEqual(readAll(cutAt(stream, fractions), new Set(stops)), expected);
      }),
    );
  });

  it('finds the same keys as without it', () => {
    const keyspace = new Store().keyspace(0);
    const names = Array.from({ length: 500 }, (_, index) => `key:${index}`);
    for (const name of names.filter((_, index) => index % 3 > 0)) {
      const key = Buffer.from(name);
      keyspace.setString(key, 0, key.length, key, 0, key.length, false);
    }
    const decoder = new RequestDecoder();
    const ahead = new ReadAhead();
    decoder.feed(Buffer.concat(names.map((name) => encodeCommand(['GET', name]))));
    const found: boolean[] = [];
    do {
      ahead.fill(decoder, false);
      ahead.prefetch(keyspace);
      for (let index = 0; index < ahead.count; index++) {
        ahead.load(index, keyspace);
        const { buffer, offsets, lengths } = ahead.request;
        found.push(keyspace.find(buffer, offsets[1], lengths[1]) !== 0);
      }
    } while (ahead.outcome === DecodeResult.request);
    assert.deepEqual(
      found,
      names.map((_, index) => index % 3 > 0),
    );
  });

  it('runs what came before a protocol error, and finds the error again after a rewind', () => {
    const keyspace = new Store().keyspace(0);
    const decoder = new RequestDecoder();
    const ahead = new ReadAhead();
    decoder.feed(Buffer.concat([encodeCommand(['GET', 'a']), encodeCommand(['GET', 'b']), Buffer.from('*x\r\n')]));
    ahead.fill(decoder, false);
    assert.deepEqual([ahead.count, ahead.outcome], [2, DecodeResult.protocolError]);
    decoder.rewind(ahead.frameStart(1));
    decoder.letGo();
    ahead.fill(decoder, false);
    assert.deepEqual([ahead.count, ahead.outcome], [1, DecodeResult.protocolError]);
    ahead.load(0, keyspace);
    assert.equal(ahead.request.text(1), 'b');
    assert.match(decoder.error, /invalid multibulk length/);
  });
});
