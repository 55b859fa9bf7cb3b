/** Slot sets as ranges: the form in which a topology carries them, and the way back. */
import { SLOT_COUNT } from './topology.js';
import type { SlotRange } from './topology.js';

/** The fewest ranges (both ends included, ascending) that hold exactly `slots`; the order and repetitions do not matter. */
export function rangesOfSlots(slots: Iterable<number>): SlotRange[] {
  const sorted = Uint16Array.from(slots).sort();
  const ranges: SlotRange[] = [];
  let start = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (i + 1 < sorted.length && sorted[i + 1] <= sorted[i] + 1) continue;
    ranges.push({ start: sorted[start], end: sorted[i] });
    start = i + 1;
  }
  return ranges;
}

/** Every slot of the ranges, in their order. */
export function slotsOfRanges(ranges: readonly SlotRange[]): number[] {
  const slots: number[] = [];
  for (const { start, end } of ranges) for (let slot = start; slot <= end; slot++) slots.push(slot);
  return slots;
}

/** How many slots the ranges hold. */
export function slotCountOf(ranges: readonly SlotRange[]): number {
  return ranges.reduce((count, { start, end }) => count + end - start + 1, 0);
}

/** The ranges in Redis's notation, `0-5,7,9-12`: the form for people and for JSON, where thousands of objects would be a burden. */
export function textOfRanges(ranges: readonly SlotRange[]): string {
  return ranges.map(({ start, end }) => (start === end ? `${start}` : `${start}-${end}`)).join(',');
}

/** The reverse of `textOfRanges`. */
export function rangesOfText(text: string): SlotRange[] {
  if (text === '') return [];
  return text.split(',').map((range) => {
    const [start, end = start] = range.split('-').map(Number);
    return { start, end };
  });
}

/**
 * The ranges of each member under a placement (slot -> member index); row `i` belongs to member `i`.
 * `memberCount` is needed because a member may have no slot at all.
 */
export function rangesOfPlacement(placement: Uint16Array, memberCount: number): SlotRange[][] {
  const ranges: SlotRange[][] = Array.from({ length: memberCount }, () => []);
  let start = 0;
  for (let slot = 1; slot <= placement.length; slot++) {
    if (slot < placement.length && placement[slot] === placement[start]) continue;
    ranges[placement[start]].push({ start, end: slot - 1 });
    start = slot;
  }
  return ranges;
}

/** Ranges as one typed array of start, end, start, end, ...: the form in which thousands of them travel between processes. */
export function packRanges(ranges: readonly SlotRange[]): Uint16Array<ArrayBuffer> {
  const packed = new Uint16Array(ranges.length * 2);
  ranges.forEach(({ start, end }, index) => {
    packed[index * 2] = start;
    packed[index * 2 + 1] = end;
  });
  return packed;
}

/** The reverse of `packRanges`; `areValidPackedRanges` says whether that is possible. */
export function unpackRanges(packed: Uint16Array<ArrayBuffer>): SlotRange[] {
  return Array.from({ length: packed.length / 2 }, (_, index) => {
    return { start: packed[index * 2], end: packed[index * 2 + 1] };
  });
}

/** Whether these are pairs of an ascending, disjoint sequence of ranges within 0..16383. */
export function areValidPackedRanges(packed: Uint16Array<ArrayBuffer>): boolean {
  if (packed.length % 2 !== 0) return false;
  let previousEnd = -1;
  for (let index = 0; index < packed.length; index += 2) {
    const [start, end] = [packed[index], packed[index + 1]];
    if (start <= previousEnd || end < start || end >= SLOT_COUNT) return false;
    previousEnd = end;
  }
  return true;
}
