import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { DecoderLimits } from '../../src/resp/decoder-limits.js';
import { encodeCommand } from '../../src/resp/encode.js';
import { DecodeResult, RequestDecoder } from '../../src/resp/request-decoder.js';
import { cutAt, cutEvery, cuts, decodeAll } from './streams.js';

/** Decodes a stream that is given as Latin-1 text: its requests as lists of words, and the error it ends with. */
function decode(stream: string, limits: Partial<DecoderLimits> = {}, authenticated = true) {
  const whole = decodeIn([Buffer.from(stream, 'latin1')], limits, authenticated);
  const bytewise = decodeIn(cutEvery(Buffer.from(stream, 'latin1'), 1), limits, authenticated);
  assert.deepEqual(bytewise, whole, 'the same stream byte by byte');
  return whole;
}

function decodeIn(chunks: Buffer[], limits: Partial<DecoderLimits>, authenticated: boolean) {
  const decoder = new RequestDecoder(limits);
  decoder.authenticated = authenticated;
  const requests = decodeAll(decoder, chunks).map((words) => words.map((word) => word.toString('latin1')));
  return { requests, error: decoder.error };
}

function errorOf(stream: string, limits?: Partial<DecoderLimits>, authenticated?: boolean): string {
  return decode(stream, limits, authenticated).error;
}

const commands = fc.array(fc.array(fc.uint8Array({ maxLength: 100 }), { minLength: 1, maxLength: 30 }), {
  maxLength: 20,
});

describe('RequestDecoder', () => {
  it('decodes any commands, however their stream is cut', () => {
    fc.assert(
      fc.property(commands, cuts, (words, fractions) => {
        const stream = Buffer.concat(words.map((command) => encodeCommand(command)));
        const decoded = decodeAll(new RequestDecoder(), cutAt(stream, fractions));
        assert.deepEqual(
          decoded,
          words.map((command) => command.map((word) => Buffer.from(word))),
        );
      }),
    );
  });

  it('names the bytes of each frame, which are what was sent', () => {
    fc.assert(
      fc.property(commands, cuts, (words, fractions) => {
        const frames = words.map((command) => encodeCommand(command));
        const decoder = new RequestDecoder();
        const seen: Buffer[] = [];
        for (const chunk of cutAt(Buffer.concat(frames), fractions)) {
          decoder.feed(chunk);
          while (decoder.next() === DecodeResult.request) {
            const { request } = decoder;
            assert.equal(request.isMultibulk, true);
            seen.push(Buffer.from(request.buffer.subarray(request.frameStart, request.frameEnd)));
          }
        }
        assert.deepEqual(seen, frames);
      }),
    );
  });

  it('neither throws nor stalls on garbage, and reads the same from it however it is cut', () => {
    const pieces = fc.constantFrom(
      '*1\r\n',
      '*2\r\n',
      '$3\r\n',
      '$0\r\n',
      '\r\n',
      '*-1\r\n',
      'abc',
      '"',
      "'",
      '\\x4',
      '$',
    );
    const garbage = fc.array(fc.oneof(pieces, fc.string({ unit: 'binary-ascii' })), { maxLength: 30 });
    fc.assert(
      fc.property(garbage, cuts, (parts, fractions) => {
        const stream = Buffer.from(parts.join(''), 'latin1');
        const whole = new RequestDecoder();
        const cut = new RequestDecoder();
        assert.deepEqual(decodeAll(cut, cutAt(stream, fractions)), decodeAll(whole, [Buffer.from(stream)]));
        assert.equal(cut.error, whole.error);
        assert.equal(cut.bufferedBytes, whole.bufferedBytes);
      }),
      { numRuns: 500 },
    );
  });

  it('takes arguments from the chunk itself when a chunk holds whole frames', () => {
    const decoder = new RequestDecoder();
    const chunk = encodeCommand(['GET', 'key']);
    decoder.feed(chunk);
    assert.equal(decoder.next(), DecodeResult.request);
    assert.equal(decoder.request.buffer, chunk);
    assert.equal(decoder.request.text(1), 'key');
    assert.equal(decoder.next(), DecodeResult.incomplete);
    assert.notEqual(decoder.request.buffer, chunk, 'an idle connection keeps no chunk alive');
  });

  it('keeps what is undecoded after detach, though the chunk is overwritten', () => {
    const decoder = new RequestDecoder();
    const chunk = Buffer.concat([encodeCommand(['PING']), encodeCommand(['ECHO', 'later'])]);
    decoder.feed(chunk);
    assert.equal(decoder.next(), DecodeResult.request);
    decoder.detach();
    chunk.fill(0);
    decoder.feed(encodeCommand(['QUIT']));
    assert.equal(decoder.next(), DecodeResult.request);
    assert.deepEqual(decoder.request.copyArguments().map(String), ['ECHO', 'later']);
    assert.equal(decoder.next(), DecodeResult.request);
    assert.equal(decoder.request.text(0), 'QUIT');
  });

  it('counts the bytes that wait for the rest of their frame', () => {
    const decoder = new RequestDecoder();
    decoder.feed(Buffer.from('PING\r\n*1\r\n$4\r\nPI'));
    while (decoder.next() === DecodeResult.request);
    assert.equal(decoder.bufferedBytes, '*1\r\n$4\r\nPI'.length);
    decoder.feed(Buffer.from('NG\r\n'));
    while (decoder.next() === DecodeResult.request);
    assert.equal(decoder.bufferedBytes, 0);
  });

  it('decodes a million arguments in chunks of 64 KiB', () => {
    const words = new Array<string>(1024 * 1024).fill('x');
    const [decoded] = decodeAll(new RequestDecoder(), cutEvery(encodeCommand(words), 64 * 1024));
    assert.equal(decoded.length, words.length);
    assert.ok(decoded.every((word) => word.length === 1 && word[0] === 0x78));
  });

  it('decodes a bulk of 40 MiB in chunks of 64 KiB, and what follows it', () => {
    const value = Buffer.alloc(40 * 1024 * 1024, 'v');
    const stream = Buffer.concat([encodeCommand(['SET', 'k', value, 'EX', '10']), encodeCommand(['PING'])]);
    const [set, ping] = decodeAll(new RequestDecoder(), cutEvery(stream, 64 * 1024));
    assert.ok(set[2].equals(value));
    assert.deepEqual([set[3], set[4], ping[0]].map(String), ['EX', '10', 'PING']);
  });

  it('reserves no memory on the word of a header', () => {
    const decoder = new RequestDecoder();
    decoder.feed(Buffer.from('*1048576\r\n$536870912\r\nabc'));
    assert.equal(decoder.next(), DecodeResult.incomplete);
    decoder.feed(Buffer.from('def'));
    assert.equal(decoder.next(), DecodeResult.incomplete);
    assert.ok(decoder.request.offsets.length < 1024);
    assert.ok(process.memoryUsage().arrayBuffers < 512 * 1024 * 1024);
  });

  it('asks for a new encoding of frames whose lines do not end in CR LF, which it reads as Redis does', () => {
    const decoder = new RequestDecoder();
    decoder.feed(Buffer.from('*1\rx$4\rxPINGxx*1\r\n$4\r\nPINGxx*1\r\n$4\r\nPING\r\n'));
    const seen: boolean[] = [];
    while (decoder.next() === DecodeResult.request) {
      assert.equal(decoder.request.text(0), 'PING');
      seen.push(decoder.request.isMultibulk);
    }
    assert.deepEqual(seen, [false, false, true]);
  });

  it('skips empty and null frames', () => {
    const stream = '*0\r\n*-1\r\n*-5\r\n*-9223372036854775808\r\n*1\r\n$4\r\nPING\r\n';
    assert.deepEqual(decode(stream), { requests: [['PING']], error: '' });
  });
});

describe('RequestDecoder, errors in the words of redis-server', () => {
  const invalidCount = 'Protocol error: invalid multibulk length';
  for (const count of ['x', '', '01', '-0', '+1', '1048577', '2147483648', '-9223372036854775809', '1 ']) {
    it(`refuses a frame of '${count}' arguments`, () => {
      assert.equal(errorOf(`*${count}\r\n`), invalidCount);
    });
  }

  for (const length of ['x', '', '-1', '04', '536870913', '99999999999999999999999']) {
    it(`refuses an argument of '${length}' bytes`, () => {
      assert.equal(errorOf(`*1\r\n$${length}\r\n`), 'Protocol error: invalid bulk length');
    });
  }

  it('refuses an argument without its marker once the line is complete', () => {
    assert.equal(errorOf('*1\r\nPING\r\n'), "Protocol error: expected '$', got 'P'");
    assert.equal(errorOf('*1\r\n\r\n'), "Protocol error: expected '$', got ' '");
    assert.equal(errorOf('*1\r\nPING'), '');
  });

  it('refuses lines over 64 KiB', () => {
    const long = 65_537;
    const tooBig = (what: string) => `Protocol error: too big ${what}`;
    assert.equal(errorOf('A'.repeat(long)), tooBig('inline request'));
    assert.equal(errorOf(`*${'1'.repeat(long)}`), tooBig('mbulk count string'));
    assert.equal(errorOf(`*1\r\n$${'1'.repeat(long)}`), tooBig('bulk count string'));
    assert.equal(errorOf(`*1\r\n${'x'.repeat(long)}`), tooBig('bulk count string'));
    assert.deepEqual(decode(`${'A'.repeat(65_536)}\n`).requests, [['A'.repeat(65_536)]]);
  });

  it('refuses large requests of clients that have not authenticated', () => {
    assert.equal(errorOf('*11\r\n', {}, false), 'Protocol error: unauthenticated multibulk length');
    assert.equal(errorOf('*10\r\n$16385\r\n', {}, false), 'Protocol error: unauthenticated bulk length');
    assert.equal(errorOf('*10\r\n$16384\r\n', {}, false), '');
    assert.equal(errorOf('*11\r\n$16385\r\n'), '');
  });

  it('applies the limits it is given', () => {
    assert.equal(errorOf('*4\r\n', { maxArguments: 3 }), invalidCount);
    assert.equal(errorOf('*1\r\n$5\r\n', { maxBulkBytes: 4 }), 'Protocol error: invalid bulk length');
    assert.equal(errorOf('ABCDE', { maxInlineBytes: 4 }), 'Protocol error: too big inline request');
  });

  it('refuses to buffer more than its limit', () => {
    const decoder = new RequestDecoder({ maxBufferedBytes: 100 });
    const chunks = cutEvery(encodeCommand(['SET', 'k', 'v'.repeat(100)]), 20);
    assert.deepEqual(decodeAll(decoder, chunks), []);
    assert.equal(decoder.error, 'Protocol error: too big request');
    assert.equal(decoder.bufferedBytes, 0);
  });

  it('hands out what came before an error, and nothing after it', () => {
    const decoder = new RequestDecoder();
    decoder.feed(Buffer.from('PING\r\n*x\r\nPING\r\n'));
    assert.equal(decoder.next(), DecodeResult.request);
    assert.equal(decoder.next(), DecodeResult.protocolError);
    decoder.feed(Buffer.from('PING\r\n'));
    assert.equal(decoder.next(), DecodeResult.protocolError);
    assert.equal(decoder.error, invalidCount);
  });
});

describe('RequestDecoder, inline commands', () => {
  /** What redis-server 7.0.15 makes of each line. */
  const lines: readonly (readonly [line: string, words: readonly string[]])[] = [
    ['PING\n', ['PING']],
    ['\r\n\n  \r\n \t PING \r\n', ['PING']],
    ['ECHO "a\\x41\\n\\t\\b\\a\\q\\""\r\n', ['ECHO', 'aA\n\t\b\x07q"']],
    ["ECHO 'it\\'s \\n'\r\n", ['ECHO', "it's \\n"]],
    ['ECHO foo"bar baz"\r\n', ['ECHO', 'foobar baz']],
    ['ECHO ""\r\n', ['ECHO', '']],
    ['ECHO \x0ba\x0bb\x0b\r\n', ['ECHO', 'a\x0bb\x0b']],
    ['ECHO "\\xZZ"\r\n', ['ECHO', 'xZZ']],
    ['ECHO "\\x4"\r\n', ['ECHO', 'x4']],
    ['ECHO a\rb\r\n', ['ECHO', 'a', 'b']],
    ['ECHO a\r\r\n', ['ECHO', 'a']],
    ['ECHO "a"\x0b\r\n', ['ECHO', 'a']],
    ['ECHO \\n\r\n', ['ECHO', '\\n']],
    ['ECHO "\xff\\xfF"\r\n', ['ECHO', '\xff\xff']],
  ];
  for (const [line, words] of lines) {
    it(`splits ${JSON.stringify(line)} as Redis does`, () => {
      assert.deepEqual(decode(line), { requests: [words], error: '' });
    });
  }

  for (const line of ['ECHO "a"b', 'ECHO "a', "ECHO 'a", "ECHO 'a'b", 'ECHO "a\\', 'ECHO a"b"\'c\'']) {
    it(`refuses the quotes of ${line}`, () => {
      assert.equal(errorOf(`${line}\r\n`), 'Protocol error: unbalanced quotes in request');
    });
  }

  it('takes more arguments than a request has room for at first', () => {
    const words = Array.from({ length: 1000 }, (_, index) => String(index));
    assert.deepEqual(decode(`${words.join(' ')}\r\n`).requests, [words]);
  });

  it('are no frame that could be propagated as it is', () => {
    const decoder = new RequestDecoder();
    decoder.feed(Buffer.from('PING\r\n'));
    assert.equal(decoder.next(), DecodeResult.request);
    assert.equal(decoder.request.isMultibulk, false);
  });
});
