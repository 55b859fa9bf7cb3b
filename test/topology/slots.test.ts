import assert from 'node:assert/strict';
import fc from 'fast-check';
import { crc16, hashTagOf, hashTagRange, slotOf, slotOfKey } from '../../src/topology/slots.js';

describe('slots', () => {
  it('are computed with the CRC16 that the Redis Cluster specification gives a check value for', () => {
    assert.equal(crc16(Buffer.from('123456789')), 0x31c3);
    assert.equal(slotOfKey('123456789'), 0x31c3);
    assert.equal(slotOfKey('foo'), 12_182);
    assert.equal(slotOfKey(''), 0);
  });

  it('are those of the hash tag, as in the examples of the Redis Cluster specification', () => {
    assert.equal(slotOfKey('{user1000}.following'), slotOfKey('user1000'));
    assert.equal(hashTagOf('foo{}{bar}'), undefined);
    assert.equal(hashTagOf('foo{{bar}}zap'), '{bar');
    assert.equal(hashTagOf('foo{bar}{zap}'), 'bar');
    assert.equal(hashTagOf('foo{bar'), undefined);
    assert.equal(slotOfKey('foo{}{bar}'), crc16(Buffer.from('foo{}{bar}')) % 16_384);
  });

  it('of a key within a larger buffer depend on that key alone', () => {
    const key = fc.uint8Array({ maxLength: 40 });
    const braced = fc
      .tuple(key, key, key)
      .map(([a, b, c]) => Buffer.concat([a, Buffer.from('{'), b, Buffer.from('}'), c]));
    fc.assert(
      fc.property(fc.oneof(key, braced), key, key, (bytes, before, after) => {
        const buffer = Buffer.concat([before, bytes, after]);
        const slot = slotOf(buffer, before.length, bytes.length);
        const tag = hashTagRange(bytes);
        const hashed = tag === undefined ? bytes : bytes.subarray(tag.offset, tag.offset + tag.length);
        assert.equal(slot, crc16(hashed) % 16_384);
        assert.equal(slotOfKey(bytes), slot);
      }),
    );
  });
});
