/**
 * The slots of one segment: pairs of words, a hash and a ref (0: empty), side by side. Linear probing from a home that a second,
 * multiplicative hash (Fibonacci hashing, Knuth 6.4) gives, since the high bits of the first one chose the segment;
 * deletion by shifting back, so that there are no tombstones.
 *
 * A segment grows in steps before it is split, so its slots are between two thirds and four fifths full all the time, where halves of a full
 * segment of fixed size would be at two fifths.
 */

export const MAX_SLOTS = 1024;
export const SLOT_BYTES = 8;
export const WORDS_PER_SLOT = 2;
/** Each of a size class of the arena. Half of a full segment fits 640; few steps from there, since each moves all entries. */
const SIZES = [16, 32, 64, 128, 256, 512, 640, 832, MAX_SLOTS];
/** Probes for an absent key get long beyond. */
const MAX_FILL = 0.8;
/** A segment that is emptier shrinks; low enough that it does not grow again soon. */
const MIN_FILL = 0.4;
const GOLDEN_RATIO = 0x9e3779b1 | 0;

/** The number of slots that a segment for this many entries has: at most MAX_SLOTS. */
export function slotsFor(entries: number): number {
  return SIZES.find((slots) => entries <= maxEntries(slots)) ?? MAX_SLOTS;
}

/** How many entries a segment holds before it grows, or is split. */
export function maxEntries(slots: number): number {
  return Math.floor(slots * MAX_FILL);
}

/** A segment with fewer entries shrinks; 0 for the smallest. */
export function minEntries(slots: number): number {
  return slots === SIZES[0] ? 0 : Math.floor(slots * MIN_FILL);
}

/** The slot where the probing for a hash begins. */
export function homeSlot(hash: number, slots: number): number {
  return ((Math.imul(hash, GOLDEN_RATIO) >>> 16) * slots) >>> 16;
}

/** Puts an entry into the first empty slot from its home on; there must be one. */
export function placeEntry(words: Int32Array, base: number, slots: number, hash: number, ref: number): void {
  let slot = homeSlot(hash, slots);
  while (words[base + slot * 2 + 1] !== 0) if (++slot === slots) slot = 0;
  words[base + slot * 2] = hash;
  words[base + slot * 2 + 1] = ref;
}

/** Empties a slot and moves later entries of its run up, so that no probe ends too early. */
export function closeGap(words: Int32Array, base: number, slots: number, slot: number): void {
  let gap = slot;
  for (let next = slot + 1; ; next++) {
    if (next === slots) next = 0;
    const at = base + next * 2;
    if (words[at + 1] === 0) break;
    const home = homeSlot(words[at], slots);
    // An entry whose home lies between the gap and itself would be before its home in the gap.
    if (gap <= next ? home > gap && home <= next : home > gap || home <= next) continue;
    words[base + gap * 2] = words[at];
    words[base + gap * 2 + 1] = words[at + 1];
    gap = next;
  }
  words[base + gap * 2] = 0;
  words[base + gap * 2 + 1] = 0;
}
