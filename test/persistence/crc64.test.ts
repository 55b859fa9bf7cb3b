import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Crc64 } from '../../src/persistence/crc64.js';

function crcOf(bytes: Uint8Array): bigint {
  const crc = new Crc64();
  crc.update(bytes);
  return crc.value;
}

/** Bit by bit, from the definition. */
function slowCrcOf(bytes: Uint8Array): bigint {
  let crc = 0n;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1n) === 1n ? (crc >> 1n) ^ 0x95ac9329ac4bc9b5n : crc >> 1n;
  }
  return crc;
}

describe('Crc64', () => {
  it('gives the check value that Redis documents', () => {
    assert.equal(crcOf(Buffer.from('123456789')), 0xe9c6d914c4b8d9can);
  });

  it('is 0 for nothing', () => {
    assert.equal(new Crc64().value, 0n);
  });

  it('agrees with the bitwise definition, wherever the input is cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, cutAt) => {
        const crc = new Crc64();
        const cut = Math.min(cutAt, bytes.length);
        crc.update(bytes, 0, cut);
        crc.update(bytes, cut);
        assert.equal(crc.value, slowCrcOf(bytes));
      }),
    );
  });
});
