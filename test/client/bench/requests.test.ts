import assert from 'node:assert/strict';
import { KEY_DIGITS, RequestKind, Requests } from '../../../src/client/bench/requests.js';
import { FillSource, MixSource, RemovalSource, WrittenKeys } from '../../../src/client/bench/sources.js';
import { SeededRandom } from '../../../src/client/bench/random.js';
import { encodeCommand } from '../../../src/resp/encode.js';
import { slotOfKey } from '../../../src/topology/slots.js';

const keyName = (prefix: string, number: number): string => prefix + String(number).padStart(KEY_DIGITS, '0');

function encoded(requests: Requests, kind: RequestKind, number: number): Buffer {
  const target = Buffer.alloc(requests.sizeBytesMax + 10);
  // Two in a row: the digits of one must not show in the other.
  requests.write(target, 3, RequestKind.write, 999_999_999_999);
  const end = requests.write(target, 3, kind, number);
  return target.subarray(3, end);
}

describe('the requests of a load', () => {
  const requests = new Requests('bénch{x}:', 20);

  for (const number of [0, 7, 10, 123_456, 999_999_999]) {
    it(`are those of the protocol for key ${number}, and its slot is the one that a cluster computes`, () => {
      const key = keyName('bénch{x}:', number);
      assert.deepEqual(encoded(requests, RequestKind.read, number), encodeCommand(['GET', key]));
      assert.deepEqual(encoded(requests, RequestKind.remove, number), encodeCommand(['DEL', key]));
      const set = encoded(requests, RequestKind.write, number).toString();
      assert.match(set, /^\*3\r\n\$3\r\nSET\r\n/);
      assert.ok(set.includes(`\r\n${key}\r\n$20\r\n`));
      assert.match(set, /\r\n[a-z-]{20}\r\n$/);
      assert.equal(requests.slotOf(number), slotOfKey(key));
      const untagged = new Requests('bench:', 1);
      assert.equal(untagged.slotOf(number), slotOfKey(keyName('bench:', number)));
    });
  }
});

describe('the sources of requests', () => {
  const mix = (readShare: number, written: WrittenKeys, zipf?: number): MixSource =>
    new MixSource({ readShare, keyspace: written.keyspace, zipf }, new SeededRandom(1), written);

  it('mix reads and writes as they are told to, over the whole keyspace', () => {
    for (const readShare of [0, 0.5, 0.9, 1]) {
      const written = new WrittenKeys(100);
      const source = mix(readShare, written);
      let reads = 0;
      const seen = new Set<number>();
      for (let draw = 0; draw < 10_000; draw++) {
        assert.ok(source.next());
        if (source.kind === RequestKind.read) reads++;
        seen.add(source.keyNumber);
      }
      assert.ok(Math.abs(reads - 10_000 * readShare) <= 250);
      assert.equal(seen.size, 100);
      assert.equal(Math.max(...seen), 99);
      assert.equal(written.has(99), readShare < 1);
    }
  });

  it('ask for the first keys most with a Zipf distribution', () => {
    const source = mix(1, new WrittenKeys(1000), 1.2);
    const counts = new Array<number>(1000).fill(0);
    for (let draw = 0; draw < 10_000; draw++) {
      source.next();
      counts[source.keyNumber]++;
    }
    assert.equal(counts.indexOf(Math.max(...counts)), 0);
    assert.ok(counts[0] > 1000);
  });

  it('fill every key once, and remove those that were written and no others', () => {
    const written = new WrittenKeys(20);
    const numbers = (source: FillSource | RemovalSource): number[] => {
      const all: number[] = [];
      while (source.next()) all.push(source.keyNumber);
      assert.equal(source.next(), false);
      return all;
    };
    assert.deepEqual(numbers(new RemovalSource(written)), []);
    for (const number of [3, 8, 19]) written.mark(number);
    assert.deepEqual(numbers(new RemovalSource(written)), [3, 8, 19]);
    const all = Array.from({ length: 20 }, (_, number) => number);
    assert.deepEqual(numbers(new FillSource(written)), all);
    assert.deepEqual(numbers(new RemovalSource(written)), all);
  });
});
