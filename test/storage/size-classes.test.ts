import assert from 'node:assert/strict';
import { CLASS_BYTES, MAX_BLOCK_BYTES, sizeClassOf } from '../../src/storage/size-classes.js';

describe('size classes', () => {
  it('give every size the smallest class that holds it', () => {
    for (let sizeBytes = 1; sizeBytes <= MAX_BLOCK_BYTES; sizeBytes++) {
      const sizeClass = sizeClassOf(sizeBytes);
      assert.ok(CLASS_BYTES[sizeClass] >= sizeBytes, `class of ${sizeBytes} is too small`);
      assert.ok(sizeClass === 0 || CLASS_BYTES[sizeClass - 1] < sizeBytes, `class of ${sizeBytes} is too large`);
    }
  });

  it('are multiples of 8 bytes and end with the largest block', () => {
    assert.ok(CLASS_BYTES.every((bytes) => bytes % 8 === 0));
    assert.equal(CLASS_BYTES.at(-1), MAX_BLOCK_BYTES);
  });
});
