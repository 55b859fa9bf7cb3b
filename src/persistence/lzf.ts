/** LZF decompression, for the strings that Redis compresses in RDB files (liblzf, lzf_d.c). */

/** Literal runs have control bytes below this; the run is one longer than the control byte says. */
const FIRST_BACK_REFERENCE = 0x20;
/** A back reference with this length field carries one more length byte. */
const LONG_REFERENCE = 7;

/**
 * Decompresses `input` into a buffer of exactly `sizeBytes`. Returns undefined when the input is damaged: it reaches
 * outside of what was written, or yields another size.
 */
export function decompressLzf(input: Uint8Array, sizeBytes: number): Buffer | undefined {
  const output = Buffer.allocUnsafe(sizeBytes);
  let from = 0;
  let to = 0;
  while (from < input.length) {
    const control = input[from++];
    if (control < FIRST_BACK_REFERENCE) {
      const runEnd = from + control + 1;
      if (runEnd > input.length || to + control + 1 > sizeBytes) return undefined;
      while (from < runEnd) output[to++] = input[from++];
      continue;
    }
    let length = control >>> 5;
    if (length === LONG_REFERENCE) {
      if (from >= input.length) return undefined;
      length += input[from++];
    }
    if (from >= input.length) return undefined;
    const distance = ((control & 0x1f) << 8) + input[from++] + 1;
    length += 2;
    if (distance > to || to + length > sizeBytes) return undefined;
    // Byte by byte: the source may overlap the target, which is how runs are encoded.
    for (const end = to + length; to < end; to++) output[to] = output[to - distance];
  }
  return to === sizeBytes ? output : undefined;
}
