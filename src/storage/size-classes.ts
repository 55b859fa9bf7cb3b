/** Block sizes of the arena: steps of 8 bytes up to 128, then eight steps per doubling (at most 12.5 % lost to rounding). */

/** The largest block: two of them make a page. */
export const MAX_BLOCK_BYTES = 128 * 1024;

const LINEAR_LIMIT_BYTES = 128;
const LINEAR_CLASSES = LINEAR_LIMIT_BYTES / 8;
const STEPS_PER_DOUBLING = 8;
const DOUBLINGS = Math.log2(MAX_BLOCK_BYTES / LINEAR_LIMIT_BYTES);

export const SIZE_CLASS_COUNT = LINEAR_CLASSES + STEPS_PER_DOUBLING * DOUBLINGS;

/** The smallest class whose blocks hold `sizeBytes` (1 to MAX_BLOCK_BYTES). */
export function sizeClassOf(sizeBytes: number): number {
  if (sizeBytes <= LINEAR_LIMIT_BYTES) return ((sizeBytes + 7) >>> 3) - 1;
  const last = sizeBytes - 1;
  const log2 = 31 - Math.clz32(last);
  return LINEAR_CLASSES + (log2 - 7) * STEPS_PER_DOUBLING + ((last >>> (log2 - 3)) & (STEPS_PER_DOUBLING - 1));
}

/** Bytes of a block, by class. */
export const CLASS_BYTES: Int32Array = Int32Array.from({ length: SIZE_CLASS_COUNT }, (_, sizeClass) => {
  if (sizeClass < LINEAR_CLASSES) return (sizeClass + 1) * 8;
  const doubling = Math.floor((sizeClass - LINEAR_CLASSES) / STEPS_PER_DOUBLING);
  const step = (sizeClass - LINEAR_CLASSES) % STEPS_PER_DOUBLING;
  const base = LINEAR_LIMIT_BYTES << doubling;
  return base + ((step + 1) * base) / STEPS_PER_DOUBLING;
});
