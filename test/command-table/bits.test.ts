import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AskingServer, type Call } from './asking-server.js';
import * as model from './bit-model.js';
import type { Bits } from './bit-model.js';

const KEYS = ['a', 'bb', 'ccc'];
const RUNS = 150;

/** Values up to a few words, and now and then one that is long enough for what is done in words and in native code. */
const bytes = fc.oneof(
  { weight: 5, arbitrary: fc.uint8Array({ maxLength: 12 }) },
  { weight: 3, arbitrary: fc.uint8Array({ minLength: 60, maxLength: 140 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(0, 0xff), fc.integer({ min: 4000, max: 9000 }), fc.uint8Array({ maxLength: 3 }))
      .map(([byte, length, tail]) => Uint8Array.from(Buffer.concat([Buffer.alloc(length, byte), tail]))),
  },
);
const key = fc.constantFrom(...KEYS);
const bit = fc.constantFrom<0 | 1>(0, 1);
const place = fc.oneof(fc.integer({ min: -40, max: 40 }), fc.integer({ min: -80_000, max: 80_000 }));
const unit = fc.constantFrom<'BYTE' | 'BIT'>('BYTE', 'BIT');

/** A call, and what it does to the model: its reply. */
interface Step {
  readonly call: Call;
  readonly run: (values: Map<string, Bits>) => number;
}

const valueOf = (values: Map<string, Bits>, name: string): Bits => values.get(name) ?? [];

const set: fc.Arbitrary<Step> = fc.tuple(key, bit, fc.integer({ min: 0, max: 1500 })).map(([name, value, offset]) => ({
  call: ['SETBIT', name, String(offset), String(value)],
  run: (values) => {
    const bits = [...valueOf(values, name)];
    values.set(name, bits);
    return model.setBit(bits, offset, value);
  },
}));

const read: fc.Arbitrary<Step> = fc.tuple(key, fc.integer({ min: 0, max: 80_000 })).map(([name, offset]) => ({
  call: ['GETBIT', name, String(offset)],
  run: (values) => valueOf(values, name).at(offset) ?? 0,
}));

const overwrite: fc.Arbitrary<Step> = fc
  .tuple(key, fc.integer({ min: 0, max: 200 }), fc.uint8Array({ minLength: 1, maxLength: 20 }))
  .map(([name, offset, value]) => ({
    call: ['SETRANGE', name, String(offset), value],
    run: (values) => {
      const bits = [...valueOf(values, name)];
      model.extend(bits, offset + value.length);
      bits.splice(offset * 8, value.length * 8, ...model.bitsOf(value));
      values.set(name, bits);
      return bits.length / 8;
    },
  }));

const count: fc.Arbitrary<Step> = fc.tuple(key, place, place, unit).map(([name, start, end, of]) => ({
  call: ['BITCOUNT', name, String(start), String(end), of],
  run: (values) => model.count(valueOf(values, name), start, end, of),
}));

const find: fc.Arbitrary<Step> = fc.tuple(key, bit, place, place, unit).map(([name, wanted, start, end, of]) => ({
  call: ['BITPOS', name, String(wanted), String(start), String(end), of],
  run: (values) => {
    const bits = values.get(name);
    // Redis answers for a key that is not there as for an endless row of zeros.
    if (bits === undefined) return wanted === 0 ? 0 : -1;
    return model.position(bits, wanted, start, end, of);
  },
}));

const combine: fc.Arbitrary<Step> = fc
  .tuple(
    fc.constantFrom('AND', 'OR', 'XOR', 'NOT'),
    key,
    fc.array(fc.oneof({ weight: 9, arbitrary: key }, fc.constant('nosuch')), { minLength: 1, maxLength: 4 }),
  )
  .map(([operation, target, names]) => {
    const sources = operation === 'NOT' ? names.slice(0, 1) : names;
    return {
      call: ['BITOP', operation, target, ...sources],
      run: (values) => {
        const result = model.combine(
          operation,
          sources.map((name) => valueOf(values, name)),
        );
        if (result.length === 0) values.delete(target);
        else values.set(target, result);
        return result.length / 8;
      },
    };
  });

const steps = fc.array(fc.oneof(set, read, overwrite, count, find, combine), { minLength: 1, maxLength: 25 });

describe('bit commands', function () {
  this.timeout(60_000);
  let server: AskingServer;

  before(async () => {
    server = await AskingServer.start();
  });

  after(async () => {
    await server[Symbol.asyncDispose]();
  });

  it('answer and store what a bit-by-bit model does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.tuple(bytes, bytes, bytes), steps, async (initial, sequence) => {
        const values = new Map<string, Bits>();
        const setUp: Call[] = [['FLUSHALL']];
        initial.forEach((value, index) => {
          setUp.push(['SET', KEYS[index], value]);
          values.set(KEYS[index], model.bitsOf(value));
        });
        await server.ask(setUp);
        const replies = await server.texts(sequence.map(({ call }) => call));
        sequence.forEach(({ call, run }, index) => {
          assert.equal(replies[index], `:${run(values)}`, call.map(String).join(' '));
        });
        const stored = await server.ask(KEYS.map((name) => ['GET', name]));
        KEYS.forEach((name, index) => {
          const bits = values.get(name);
          const body = bits === undefined ? undefined : model.bytesOf(bits);
          const expected = body === undefined ? '$-1\r\n' : `$${body.length}\r\n${body.toString('latin1')}\r\n`;
          assert.equal(stored[index].toString('latin1'), expected, `GET ${name}`);
        });
      }),
      { numRuns: RUNS },
    );
  });

  it('find the first bit wherever it is in a long value', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 200_000 }),
        fc.integer({ min: 0, max: 200_000 }),
        async (one, start) => {
          const firstByte = Math.floor(start / 8);
          const calls: Call[] = [
            ['DEL', 'v', 'w'],
            ['SETBIT', 'v', String(one), '1'],
            ['BITPOS', 'v', '1'],
            ['BITPOS', 'v', '1', String(start), '-1', 'BIT'],
            ['BITCOUNT', 'v', String(firstByte), '-1'],
            ['BITOP', 'NOT', 'w', 'v'],
            ['BITPOS', 'w', '0'],
            ['BITCOUNT', 'w'],
          ];
          const lengthBytes = Math.floor(one / 8) + 1;
          assert.deepEqual((await server.texts(calls)).slice(2), [
            `:${one}`,
            `:${start <= one ? one : -1}`,
            `:${firstByte <= Math.floor(one / 8) ? 1 : 0}`,
            `:${lengthBytes}`,
            `:${one}`,
            `:${lengthBytes * 8 - 1}`,
          ]);
        },
      ),
      { numRuns: 100 },
    );
  });
});

const fieldType = fc
  .tuple(fc.boolean(), fc.integer({ min: 1, max: 64 }))
  .map(([isSigned, bits]) => ({ isSigned, bits: isSigned ? bits : Math.min(bits, 63) }));
const increment = fc.oneof(fc.bigInt({ min: -300n, max: 300n }), fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }));
const fieldStep = fc.tuple(
  fieldType,
  fc.integer({ min: 0, max: 130 }),
  fc.option(increment),
  fc.constantFrom('WRAP', 'SAT', 'FAIL'),
);

describe('BITFIELD', function () {
  this.timeout(60_000);
  let server: AskingServer;

  before(async () => {
    server = await AskingServer.start();
  });

  after(async () => {
    await server[Symbol.asyncDispose]();
  });

  it('reads and adds to fields as a bit-by-bit model does', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 24 }),
        fc.array(fieldStep, { minLength: 1, maxLength: 8 }),
        async (initial, fields) => {
          const bits = model.bitsOf(initial);
          const words = fields.flatMap(([{ isSigned, bits: width }, offset, by, overflow]) => {
            const type = `${isSigned ? 'i' : 'u'}${width}`;
            return by === null
              ? ['GET', type, String(offset)]
              : ['OVERFLOW', overflow, 'INCRBY', type, String(offset), String(by)];
          });
          // All writes of one request are given their room before the first of them.
          for (const [type, offset, by] of fields) {
            if (by !== null) model.extend(bits, Math.floor((offset + type.bits - 1) / 8) + 1);
          }
          const expected = fields.map(([type, offset, by, overflow]) => {
            const value =
              by === null ? model.readField(bits, offset, type) : model.increment(bits, offset, type, by, overflow);
            return value === undefined ? '$-1' : `:${value}`;
          });
          const [, reply, stored] = await server.texts([
            ['SET', 'f', initial],
            ['BITFIELD', 'f', ...words],
            ['GET', 'f'],
          ]);
          assert.equal(reply, [`*${fields.length}`, ...expected].join('\r\n'));
          const value = model.bytesOf(bits).toString('latin1');
          assert.equal(stored, `$${value.length}\r\n${value}`.trimEnd());
        },
      ),
      { numRuns: 400 },
    );
  });
});
