import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RedNodeError } from '../../src/errors.js';
import { ReplyParser } from '../../src/resp/reply-parser.js';
import { ReplyWriter } from '../../src/resp/reply-writer.js';
import type { Reply } from '../../src/resp/reply.js';
import { anyReply, resp2Image, writeReply } from './replies.js';
import { cutAt, cutEvery, cuts, parseAll } from './streams.js';

/** Parses a stream, whole and byte by byte. */
function parse(stream: string): Reply[] {
  const bytes = Buffer.from(stream, 'latin1');
  const whole = parseAll(new ReplyParser(), [Buffer.from(bytes)]);
  assert.deepEqual(parseAll(new ReplyParser(), cutEvery(bytes, 1)), whole, 'the same stream byte by byte');
  return whole;
}

function bulk(text: string): Reply {
  return { type: 'bulk', value: Buffer.from(text) };
}

function writtenIn(protocol: 2 | 3, replies: readonly Reply[]): Buffer {
  const writer = new ReplyWriter();
  writer.protocol = protocol;
  for (const reply of replies) writeReply(writer, reply);
  return writer.view();
}

describe('ReplyParser', () => {
  it('parses any RESP3 replies, however their stream is cut', () => {
    fc.assert(
      fc.property(fc.array(anyReply, { maxLength: 4 }), cuts, (replies, fractions) => {
        assert.deepEqual(parseAll(new ReplyParser(), cutAt(writtenIn(3, replies), fractions)), replies);
      }),
    );
  });

  it('parses the RESP2 image of any replies, however their stream is cut', () => {
    fc.assert(
      fc.property(fc.array(anyReply, { maxLength: 4 }), cuts, (replies, fractions) => {
        const parsed = parseAll(new ReplyParser(), cutAt(writtenIn(2, replies), fractions));
        assert.deepEqual(parsed, replies.map(resp2Image));
      }),
    );
  });

  it('reads the nulls of RESP2 and RESP3', () => {
    assert.deepEqual(parse('$-1\r\n*-1\r\n_\r\n'), [{ type: 'null' }, { type: 'null' }, { type: 'null' }]);
  });

  it('reads integers as numbers where these are exact, else as bigints', () => {
    assert.deepEqual(
      parse(':0\r\n:-5\r\n:+7\r\n:9007199254740991\r\n:9007199254740993\r\n:-9223372036854775808\r\n'),
      [0, -5, 7, 9007199254740991, 9007199254740993n, -(2n ** 63n)].map((value) => ({ type: 'integer', value })),
    );
  });

  it('reads doubles in every form that servers write', () => {
    assert.deepEqual(
      parse(',1\r\n,-1.5\r\n,1e+20\r\n,1.5E-7\r\n,.5\r\n,inf\r\n,-inf\r\n,nan\r\n,-nan\r\n'),
      [1, -1.5, 1e20, 1.5e-7, 0.5, Infinity, -Infinity, NaN, NaN].map((value) => ({ type: 'double', value })),
    );
  });

  it('reads errors that come as bulk strings', () => {
    assert.deepEqual(parse('!21\r\nSYNTAX invalid syntax\r\n'), [{ type: 'error', value: 'SYNTAX invalid syntax' }]);
  });

  it('leaves attributes out wherever they stand', () => {
    const stream = '|1\r\n+ttl\r\n*1\r\n:5\r\n*2\r\n|0\r\n:1\r\n|1\r\n+a\r\n|1\r\n+b\r\n+c\r\n+d\r\n$1\r\nx\r\n';
    assert.deepEqual(parse(stream), [{ type: 'array', items: [{ type: 'integer', value: 1 }, bulk('x')] }]);
  });

  it('parses a large array in small chunks', () => {
    const writer = new ReplyWriter();
    writer.array(300_000);
    for (let index = 0; index < 300_000; index++) writer.bulkText(String(index));
    const [reply] = parseAll(new ReplyParser(), cutEvery(writer.view(), 1024));
    assert.ok(reply.type === 'array');
    assert.equal(reply.items.length, 300_000);
    assert.deepEqual(reply.items[299_999], bulk('299999'));
  });

  it('parses a bulk of 40 MiB in chunks of 64 KiB', () => {
    const value = Buffer.alloc(40 * 1024 * 1024, 'v');
    const [reply] = parseAll(new ReplyParser(), cutEvery(writtenIn(2, [{ type: 'bulk', value }]), 64 * 1024));
    assert.ok(reply.type === 'bulk' && reply.value.equals(value));
  });

  it('accepts aggregates 128 deep and no deeper', () => {
    let [reply] = parse('*1\r\n'.repeat(128) + ':1\r\n');
    for (let depth = 0; depth < 128; depth++) {
      assert.ok(reply.type === 'array');
      [reply] = reply.items;
    }
    assert.deepEqual(reply, { type: 'integer', value: 1 });
    assert.throws(() => parse('*1\r\n'.repeat(129)), { code: 'PROTOCOL_ERROR' });
  });

  const nonsense = [
    'HTTP/1.1 400 Bad Request\r\n',
    ':1x\r\n',
    ':\r\n',
    ':9223372036854775808\r\n',
    '$-2\r\n',
    '$x\r\n',
    '$\r\n',
    '$?\r\n',
    '$536870913\r\n',
    '$3\r\nabcde',
    '*-2\r\n',
    '*99999999999\r\n',
    '%-7\r\n',
    ',1.2.3\r\n',
    '#x\r\n',
    '(1.5\r\n',
    '_x\r\n',
    '=3\r\ntxt\r\n',
    '=4\r\ntext\r\n',
    '+a\rb\r\n',
    `+${'a'.repeat(1024 * 1024 + 1)}`,
  ];
  for (const stream of nonsense) {
    it(`refuses ${JSON.stringify(stream.slice(0, 30))}`, () => {
      const parser = new ReplyParser();
      parser.feed(Buffer.from(stream));
      const isProtocolError = (error: unknown) => error instanceof RedNodeError && error.code === 'PROTOCOL_ERROR';
      assert.throws(() => parser.next(), isProtocolError);
      parser.feed(Buffer.from('+OK\r\n'));
      assert.throws(() => parser.next(), isProtocolError, 'and stays refused');
    });
  }

  it('throws nothing but protocol errors on garbage', () => {
    const pieces = fc.constantFrom(
      '*1\r\n',
      '%1\r\n',
      '$3\r\n',
      '|1\r\n',
      ':1\r\n',
      '\r\n',
      'abc',
      '_\r\n',
      '=5\r\n',
      '>',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string()), { maxLength: 20 }), cuts, (parts, fractions) => {
        try {
          parseAll(new ReplyParser(), cutAt(Buffer.from(parts.join('')), fractions));
        } catch (error) {
          assert.ok(error instanceof RedNodeError && error.code === 'PROTOCOL_ERROR', String(error));
        }
      }),
      { numRuns: 500 },
    );
  });
});
