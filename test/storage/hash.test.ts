import assert from 'node:assert/strict';
import fc from 'fast-check';
import { KeyHash } from '../../src/storage/hash.js';

describe('KeyHash', () => {
  const seed = { low: 0x03020100, high: 0x07060504 };

  it('depends on the bytes alone, not on where they lie', () => {
    const hash = new KeyHash(seed);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(9), fc.nat(9), (key, before, after) => {
        const padded = new Uint8Array(before + key.length + after).fill(0xaa);
        padded.set(key, before);
        assert.equal(hash.of(padded, before, key.length), hash.of(key, 0, key.length));
      }),
    );
  });

  it('tells keys apart that differ in length or in one bit', () => {
    const hash = new KeyHash(seed);
    const seen = new Set<number>();
    for (let length = 0; length <= 16; length++) seen.add(hash.of(new Uint8Array(16), 0, length));
    for (let bit = 0; bit < 128; bit++) {
      const key = new Uint8Array(16);
      key[bit >>> 3] = 1 << (bit & 7);
      seen.add(hash.of(key, 0, 16));
    }
    assert.equal(seen.size, 17 + 128);
  });

  it('changes half of its bits when one bit of the key changes', () => {
    const hash = new KeyHash(seed);
    let flipped = 0;
    const trials = 4096;
    for (let i = 0; i < trials; i++) {
      const key = Buffer.alloc(12);
      key.writeUInt32LE(Math.imul(i, 0x9e3779b1) >>> 0, 4);
      const before = hash.of(key, 0, 12);
      key[i % 12] ^= 1 << (i & 7);
      let difference = before ^ hash.of(key, 0, 12);
      for (; difference !== 0; difference &= difference - 1) flipped++;
    }
    assert.ok(Math.abs(flipped / trials - 16) < 0.5, `${flipped / trials} bits on average`);
  });

  it('is another function under another seed', () => {
    const key = Buffer.from('user:42');
    assert.notEqual(new KeyHash(seed).of(key, 0, 7), new KeyHash({ ...seed, low: 1 }).of(key, 0, 7));
    assert.notEqual(new KeyHash(seed).of(key, 0, 7), new KeyHash({ ...seed, high: 1 }).of(key, 0, 7));
  });
});
