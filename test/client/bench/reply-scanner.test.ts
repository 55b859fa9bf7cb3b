import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ReplyScanner } from '../../../src/client/bench/reply-scanner.js';

interface Seen {
  replies: number;
  empty: number;
  errors: [number, string][];
}

/** What a scanner finds in a stream that is cut into chunks of these sizes, the last of them again and again. */
function scan(stream: string, sizes: readonly number[] = [Infinity]): Seen {
  const errors: [number, string][] = [];
  const scanner = new ReplyScanner((index, text) => errors.push([index, text]));
  const bytes = Buffer.from(stream);
  for (let at = 0, cut = 0; at < bytes.length; cut++) {
    const chunk = bytes.subarray(at, at + (sizes[Math.min(cut, sizes.length - 1)] || 1));
    // The buffer is used again, as a connection does: what follows the chunk in it is not part of it.
    scanner.scan(Buffer.concat([chunk, Buffer.from('-ERR not of this chunk\r\n')]), chunk.length);
    at += chunk.length;
  }
  return { replies: scanner.replies, empty: scanner.empty, errors };
}

const samples: readonly (readonly [what: string, bytes: string, empty: number, error?: string])[] = [
  ['a simple string', '+OK\r\n', 0],
  ['a number', ':12\r\n', 0],
  ['a negative number', ':-1\r\n', 0],
  ['zero', ':0\r\n', 1],
  ['a bulk string', '$3\r\nabc\r\n', 0],
  ['a bulk string that looks like replies', '$9\r\n+OK\r\n-E\r\n\r\n', 0],
  ['an empty bulk string', '$0\r\n\r\n', 0],
  ['a null of RESP2', '$-1\r\n', 1],
  ['a null array', '*-1\r\n', 1],
  ['a null of RESP3', '_\r\n', 1],
  ['an empty array', '*0\r\n', 0],
  ['an array', '*3\r\n:0\r\n$-1\r\n+x\r\n', 0],
  ['nested arrays', '*2\r\n*2\r\n:1\r\n*0\r\n$1\r\nx\r\n', 0],
  ['a map', '%2\r\n+a\r\n:0\r\n+b\r\n*1\r\n_\r\n', 0],
  ['a set', '~2\r\n+a\r\n+b\r\n', 0],
  ['a double', ',1.5e-3\r\n', 0],
  ['a boolean', '#t\r\n', 0],
  ['a big number', '(-123456789012345678901234567890\r\n', 0],
  ['a verbatim string', '=7\r\ntxt:abc\r\n', 0],
  ['an attribute and what it describes', '|1\r\n+ttl\r\n:3\r\n$1\r\nx\r\n', 0],
  ['an error', '-OOM command not allowed\r\n', 0, 'OOM command not allowed'],
  ['a bulk error', '!8\r\nERR a\r\nb\r\n', 0, 'ERR a\r\nb'],
  ['an error inside an array', '*1\r\n-ERR inner\r\n', 0],
];

describe('counting replies', () => {
  for (const [what, bytes, empty, error] of samples) {
    it(`${what} is one reply, however it is cut`, () => {
      const expected = { replies: 1, empty, errors: error === undefined ? [] : [[0, error]] };
      for (const size of [Infinity, 1, 2, 3]) assert.deepEqual(scan(bytes, [size]), expected);
    });
  }

  it('pushes are no replies', () => {
    assert.deepEqual(scan('>2\r\n+invalidate\r\n*1\r\n_\r\n+OK\r\n'), { replies: 1, empty: 0, errors: [] });
  });

  it('streams of replies are counted the same however they are cut, with each error at its place', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...samples), { minLength: 1 }),
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }),
        (replies, sizes) => {
          const errors = replies.flatMap(([, , , error], index) => (error === undefined ? [] : [[index, error]]));
          const empty = replies.reduce((sum, reply) => sum + reply[2], 0);
          const stream = replies.map(([, bytes]) => bytes).join('');
          assert.deepEqual(scan(stream, sizes), { replies: replies.length, empty, errors });
        },
      ),
    );
  });

  it('a long error is cut off', () => {
    const [[, text]] = scan(`-ERR ${'x'.repeat(10_000)}\r\n`, [100]).errors;
    assert.equal(text.length, 512);
  });

  it('what is no reply is refused', () => {
    assert.throws(() => scan('hello\r\n'), /not a reply/);
  });
});
