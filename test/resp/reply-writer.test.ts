import assert from 'node:assert/strict';
import { ReplyWriter } from '../../src/resp/reply-writer.js';

function written(protocol: 2 | 3, write: (writer: ReplyWriter) => void): string {
  const writer = new ReplyWriter();
  writer.protocol = protocol;
  write(writer);
  return writer.view().toString();
}

describe('ReplyWriter', () => {
  const cases: readonly (readonly [
    name: string,
    write: (writer: ReplyWriter) => void,
    resp2: string,
    resp3: string,
  ])[] = [
    ['OK', (w) => w.ok(), '+OK\r\n', '+OK\r\n'],
    ['a status', (w) => w.simple('PONG'), '+PONG\r\n', '+PONG\r\n'],
    ['a status of several lines', (w) => w.simple('a\r\nb'), '+a  b\r\n', '+a  b\r\n'],
    ['an error', (w) => w.error("ERR no 'é\r\n'"), "-ERR no 'é  '\r\n", "-ERR no 'é  '\r\n"],
    ['a null', (w) => w.nullBulk(), '$-1\r\n', '_\r\n'],
    ['a null array', (w) => w.nullArray(), '*-1\r\n', '_\r\n'],
    ['text', (w) => w.bulkText('é'), '$2\r\né\r\n', '$2\r\né\r\n'],
    ['an array', (w) => w.array(12), '*12\r\n', '*12\r\n'],
    ['a map', (w) => w.map(3), '*6\r\n', '%3\r\n'],
    ['a set', (w) => w.set(0), '*0\r\n', '~0\r\n'],
    ['a push', (w) => w.push(3), '*3\r\n', '>3\r\n'],
    ['a double', (w) => w.double(0.5), '$3\r\n0.5\r\n', ',0.5\r\n'],
    ['infinity', (w) => w.double(-Infinity), '$4\r\n-inf\r\n', ',-inf\r\n'],
    ['true', (w) => w.boolean(true), ':1\r\n', '#t\r\n'],
    ['false', (w) => w.boolean(false), ':0\r\n', '#f\r\n'],
    [
      'a big number',
      (w) => w.bigNumber(-(10n ** 20n)),
      '$22\r\n-100000000000000000000\r\n',
      '(-100000000000000000000\r\n',
    ],
    ['verbatim text', (w) => w.verbatim('txt', 'é'), '$2\r\né\r\n', '=6\r\ntxt:é\r\n'],
    ['raw bytes', (w) => w.raw(Buffer.from(':1\r\n')), ':1\r\n', ':1\r\n'],
  ];
  for (const [name, write, resp2, resp3] of cases) {
    it(`writes ${name} in both protocols`, () => {
      assert.equal(written(2, write), resp2);
      assert.equal(written(3, write), resp3);
    });
  }

  const integers = [
    0,
    9,
    10,
    -1,
    99,
    100,
    2147483647,
    2147483648,
    -2147483649,
    999999999999,
    1000000000000,
    2 ** 53 - 1,
  ];
  for (const value of [...integers, -0, -(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n, 5n]) {
    it(`writes the integer ${String(value)}`, () => {
      assert.equal(
        written(2, (w) => w.integer(value)),
        `:${String(value)}\r\n`,
      );
    });
  }

  it('refuses an integer that is none', () => {
    assert.throws(() => new ReplyWriter().integer(0.5), RangeError);
    assert.throws(() => new ReplyWriter().integer(NaN), RangeError);
  });

  it('copies a range of bytes of any length, from a Buffer and from a plain Uint8Array', () => {
    for (const length of [0, 1, 64, 65, 1000, 100_000]) {
      const plain = new Uint8Array(length + 7).map((_, index) => 0x61 + (index % 26));
      const expected = `$${String(length)}\r\n${Buffer.from(plain.subarray(3, 3 + length)).toString()}\r\n`;
      assert.equal(
        written(2, (w) => w.bulk(plain, 3, length)),
        expected,
      );
      assert.equal(
        written(2, (w) => w.bulk(Buffer.from(plain), 3, length)),
        expected,
      );
    }
  });

  it('lets the caller put the bytes of a bulk string in place', () => {
    const text = written(2, (writer) => {
      const at = writer.beginBulk(3);
      writer.buffer.write('abc', at);
      writer.ok();
    });
    assert.equal(text, '$3\r\nabc\r\n+OK\r\n');
  });

  it('keeps what was written when it grows, by any kind of reply', () => {
    const writers: ((w: ReplyWriter) => void)[] = [
      (w) => w.ok(),
      (w) => w.integer(1234567),
      (w) => w.bulkText('some text'),
      (w) => w.bulk(Buffer.from('bytes'), 0, 5),
      (w) => w.array(7),
      (w) => w.map(7),
      (w) => w.set(7),
      (w) => w.push(7),
      (w) => w.simple('line'),
      (w) => w.verbatim('txt', 'text'),
      (w) => w.double(1.5),
    ];
    for (const write of writers) {
      const once = written(3, write);
      const often = written(3, (w) => {
        for (let i = 0; i < 20_000; i++) write(w);
      });
      assert.equal(often, once.repeat(20_000));
    }
  });

  it('takes back what was written behind an earlier length', () => {
    const text = written(2, (writer) => {
      writer.ok();
      const { length } = writer;
      writer.array(3);
      writer.length = length;
      writer.integer(1);
    });
    assert.equal(text, '+OK\r\n:1\r\n');
  });

  it('gives memory back after a large reply, and keeps a small buffer', () => {
    const writer = new ReplyWriter();
    const initial = writer.buffer;
    writer.ok();
    writer.reset();
    assert.equal(writer.length, 0);
    assert.equal(writer.buffer, initial);
    writer.beginBulk(2 * 1024 * 1024);
    writer.reset();
    assert.equal(writer.buffer.length, initial.length);
  });

  it('leaves an abandoned buffer as it was, whatever is written next', () => {
    const writer = new ReplyWriter();
    writer.simple('first');
    const view = writer.view();
    writer.abandon();
    writer.simple('other');
    assert.equal(view.toString(), '+first\r\n');
    assert.equal(writer.view().toString(), '+other\r\n');
  });
});
