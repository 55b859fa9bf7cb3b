import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RdbDecoder } from '../../src/persistence/rdb-decoder.js';
import { Opcode } from '../../src/persistence/rdb-format.js';
import { RdbWriter } from '../../src/persistence/rdb-writer.js';
import { RecordingSink, type RecordedEntry } from './recording-sink.js';

/** An RDB stream of version 10 with this content between header and end. */
function stream(write: (writer: RdbWriter) => void): Buffer {
  const pieces: Buffer[] = [];
  const writer = new RdbWriter((piece) => pieces.push(piece));
  writer.raw(Buffer.from('REDIS0010'));
  write(writer);
  writer.end();
  return Buffer.concat(pieces);
}

function streamOf(entries: readonly RecordedEntry[]): Buffer {
  return stream((writer) => {
    for (const { database, key, value, deadlineMs } of entries) {
      writer.byte(Opcode.selectDatabase);
      writer.lengthOf(database);
      if (deadlineMs >= 0) writer.deadline(deadlineMs);
      writer.byte(0);
      for (const text of [key, value]) {
        const bytes = Buffer.from(text, 'latin1');
        writer.lengthOf(bytes.length);
        writer.raw(bytes);
      }
    }
  });
}

function decode(bytes: Buffer, chunkBytes = bytes.length): RecordingSink {
  const sink = new RecordingSink();
  const decoder = new RdbDecoder(sink);
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    // A copy, so that a view kept for too long would show.
    const chunk = Buffer.from(bytes.subarray(at, at + chunkBytes));
    assert.equal(decoder.feed(chunk), chunk.length);
  }
  assert.ok(decoder.isDone);
  assert.equal(decoder.offset, bytes.length);
  return sink;
}

const bytesText = (maxLength: number): fc.Arbitrary<string> =>
  fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes).toString('latin1'));

const entry = fc.record(
  {
    database: fc.nat(100_000),
    key: bytesText(80),
    value: fc.oneof(
      bytesText(200),
      fc.nat(100_000).map((length) => 'v'.repeat(length)),
    ),
    deadlineMs: fc.oneof(fc.constant(-1), fc.maxSafeNat()),
  },
  { noNullPrototype: true },
);

describe('RdbDecoder', () => {
  it('decodes what was written, wherever the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 12 }), fc.integer({ min: 1, max: 5_000 }), (entries, chunkBytes) => {
        assert.deepEqual(decode(streamOf(entries), chunkBytes).entries, entries);
      }),
    );
  });

  it('decodes a stream that arrives byte by byte', () => {
    const entries = [{ database: 3, key: 'k', value: 'x'.repeat(300), deadlineMs: 1_700_000_000_123 }];
    assert.deepEqual(decode(streamOf(entries), 1).entries, entries);
  });

  it('leaves what follows the end to its caller', () => {
    const bytes = streamOf([{ database: 0, key: 'k', value: 'v', deadlineMs: -1 }]);
    const decoder = new RdbDecoder(new RecordingSink());
    const half = bytes.length >> 1;
    assert.equal(decoder.feed(bytes.subarray(0, half)), half);
    assert.equal(decoder.feed(Buffer.concat([bytes.subarray(half), Buffer.from('rest')])), bytes.length - half);
    assert.ok(decoder.isDone);
    assert.equal(decoder.feed(Buffer.from('more')), 0);
  });

  it('reads integers, sections without meaning here, and seconds', () => {
    const sink = decode(
      stream((writer) => {
        writer.byte(Opcode.auxiliary);
        writer.text('rednode-tenant-7');
        writer.text('acme');
        writer.byte(Opcode.resizeDatabase);
        writer.lengthOf(20_000);
        writer.lengthOf(1);
        writer.raw(Buffer.from([Opcode.frequency, 9, Opcode.idle, 5, Opcode.expireTimeSeconds, 10, 0, 0, 0]));
        const [int8, int16, int32] = [
          [0xc0, 0xff],
          [0xc1, 0x00, 0x80],
          [0xc2, 0x15, 0xcd, 0x5b, 0x07],
        ];
        for (const value of [int8, int16, int32]) writer.raw(Buffer.from([0, 1, 0x6b, ...value]));
      }),
    );
    assert.equal(sink.fields.get('rednode-tenant-7'), 'acme');
    assert.deepEqual(sink.sizes, [[0, 20_000, 1]]);
    assert.deepEqual(
      sink.entries.map(({ value, deadlineMs }) => [value, deadlineMs]),
      [
        ['-1', 10_000],
        ['-32768', -1],
        ['123456789', -1],
      ],
    );
  });

  it('names type, key and offset of a value that it does not know', () => {
    const bytes = stream((writer) => {
      writer.byte(4);
      writer.text('my-hash');
      writer.lengthOf(0);
    });
    assert.throws(() => decode(bytes), {
      code: 'RDB_UNSUPPORTED',
      message: 'RDB value type 4 at byte 9 (key "my-hash") is not supported',
    });
  });

  it('refuses a section that it cannot skip without losing data', () => {
    assert.throws(
      () =>
        decode(
          stream((writer) => {
            writer.byte(245);
          }),
        ),
      { code: 'RDB_UNSUPPORTED' },
    );
  });

  it('refuses what is not RDB, and versions from the future', () => {
    assert.throws(() => decode(Buffer.from('HELLO WORLD')), { code: 'RDB_CORRUPT' });
    assert.throws(() => decode(Buffer.from('REDIS0099')), { code: 'RDB_UNSUPPORTED' });
  });

  it('notices any single damaged byte', () => {
    const bytes = streamOf([{ database: 1, key: 'key', value: 'value', deadlineMs: 5 }]);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Buffer.from(bytes);
        damaged[at] ^= change;
        const decoder = new RdbDecoder(new RecordingSink());
        let isAccepted = false;
        try {
          decoder.feed(damaged);
          isAccepted = decoder.isDone;
        } catch (error) {
          assert.match(String((error as { code?: unknown }).code), /^RDB_/);
        }
        assert.equal(isAccepted, false);
      }),
    );
  });

  it('accepts a stream whose writer made no checksum', () => {
    const bytes = streamOf([{ database: 0, key: 'k', value: 'v', deadlineMs: -1 }]);
    bytes.fill(0, bytes.length - 8);
    assert.equal(decode(bytes).entries.length, 1);
  });

  it('refuses a string that claims to be larger than any may be', () => {
    const bytes = stream((writer) => {
      writer.raw(Buffer.from([0, 1, 0x6b]));
      writer.lengthOf(2 ** 40);
    });
    assert.throws(() => decode(bytes), { code: 'RDB_CORRUPT', message: /1099511627776 bytes/ });
  });

  it('holds no more than has arrived of a large value', () => {
    const bytes = stream((writer) => {
      writer.raw(Buffer.from([0, 1, 0x6b]));
      writer.lengthOf(500 * 1024 * 1024);
    });
    const decoder = new RdbDecoder(new RecordingSink());
    const before = process.memoryUsage().arrayBuffers;
    decoder.feed(bytes.subarray(0, bytes.length - 9));
    for (let count = 0; count < 10; count++) decoder.feed(Buffer.alloc(1000));
    assert.ok(process.memoryUsage().arrayBuffers - before < 10 * 1024 * 1024);
  });
});
