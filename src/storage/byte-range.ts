/** Copying and comparing ranges of bytes: short ones by a loop, since a call into native code costs more than that. */

const SHORT_BYTES = 64;

export function copyRange(
  source: Uint8Array,
  sourceOffset: number,
  target: Uint8Array,
  targetOffset: number,
  length: number,
): void {
  if (length > SHORT_BYTES) {
    target.set(source.subarray(sourceOffset, sourceOffset + length), targetOffset);
    return;
  }
  for (let i = 0; i < length; i++) target[targetOffset + i] = source[sourceOffset + i];
}

export function rangesEqual(
  left: Uint8Array,
  leftOffset: number,
  right: Uint8Array,
  rightOffset: number,
  length: number,
): boolean {
  if (length > SHORT_BYTES) {
    const leftRange = left.subarray(leftOffset, leftOffset + length);
    return Buffer.compare(leftRange, right.subarray(rightOffset, rightOffset + length)) === 0;
  }
  for (let i = 0; i < length; i++) {
    if (left[leftOffset + i] !== right[rightOffset + i]) return false;
  }
  return true;
}
