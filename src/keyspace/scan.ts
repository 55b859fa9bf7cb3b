/**
 * Walking a table in the order of its hashes. A scan's cursor is a place in the space of hashes, and a key's hash never
 * changes: so a key that is there during a whole scan is visited exactly once, however segments split or join meanwhile.
 */
import { HASH_SPACE, type HashTable } from '../storage/hash-table.js';
import type { SegmentPool } from '../storage/segment-pool.js';
import { MAX_SLOTS } from '../storage/slots.js';

/** Bounds the work of a call on a table that is nearly empty. */
const MAX_STEPS_PER_CALL = 512;
/** A segment is read this many times at the most, however small the count. */
const MAX_PARTS_PER_SEGMENT = 64;

/**
 * Visits about `count` entries from `cursor` (an unsigned 32-bit hash; 0 is the start) and returns where to go on, 0 at
 * the end. The table must not be changed by `visit`.
 */
export function scanTable(
  table: HashTable,
  pool: SegmentPool,
  cursor: number,
  count: number,
  visit: (ref: number) => void,
): number {
  let position = cursor;
  let seen = 0;
  for (let step = 0; step < MAX_STEPS_PER_CALL && seen < count && position < HASH_SPACE; step++) {
    const end = partEnd(table, pool, position, count - seen);
    seen += visitPart(table, position, end, visit);
    position = end;
  }
  return position >= HASH_SPACE ? 0 : position;
}

/** End of a range of hashes that starts at `position`, lies in one segment and holds about `wanted` entries. */
function partEnd(table: HashTable, pool: SegmentPool, position: number, wanted: number): number {
  const segmentEnd = table.rangeEndAt(position);
  const segment = table.segmentAt(position);
  const entries = segment === 0 ? 0 : pool.counts[segment];
  if (wanted >= entries) return segmentEnd;
  const share = Math.max(wanted / entries, 1 / MAX_PARTS_PER_SEGMENT);
  return Math.min(segmentEnd, position + Math.ceil(table.rangeSizeAt(position) * share));
}

function visitPart(table: HashTable, start: number, end: number, visit: (ref: number) => void): number {
  const segment = table.segmentAt(start);
  if (segment === 0) return 0;
  let seen = 0;
  for (let slot = 0; slot < table.slotsOf(segment); slot++) {
    const ref = table.refAt(segment, slot);
    if (ref === 0) continue;
    const hash = table.hashAt(segment, slot);
    if (hash < start || hash >= end) continue;
    seen++;
    visit(ref);
  }
  return seen;
}

/** Visits every entry from `position` on, until `visit` returns false. The table must not be changed by `visit`. */
export function walkTable(table: HashTable, position: number, visit: (ref: number) => boolean): void {
  for (let at = position; at < HASH_SPACE; at = table.rangeEndAt(at)) {
    const segment = table.segmentAt(at);
    if (segment === 0) return;
    for (let slot = 0; slot < table.slotsOf(segment); slot++) {
      const ref = table.refAt(segment, slot);
      if (ref !== 0 && !visit(ref)) return;
    }
  }
}

/** Tries before the choice falls back to a walk from a random place: enough for one live key in a segment of its own. */
const MAX_RANDOM_TRIES = 8 * MAX_SLOTS;

/**
 * An entry that `accepts` lets pass, each equally likely: slots are drawn until one holds such an entry. 0 when there is none.
 * When nearly all are refused, the first one from a random place on is taken instead, so that it ends.
 * @param random Gives numbers in [0, 1).
 */
export function randomEntry(table: HashTable, random: () => number, accepts: (ref: number) => boolean): number {
  if (table.count === 0) return 0;
  for (let attempt = 0; attempt < MAX_RANDOM_TRIES; attempt++) {
    const segment = table.randomSegment(random);
    if (segment === 0) continue;
    // Of a smaller segment most draws are lost, or its entries would be likelier than others.
    const slot = Math.floor(random() * MAX_SLOTS);
    const ref = slot < table.slotsOf(segment) ? table.refAt(segment, slot) : 0;
    if (ref !== 0 && accepts(ref)) return ref;
  }
  const start = Math.floor(random() * HASH_SPACE);
  let found = 0;
  const take = (ref: number): boolean => {
    if (accepts(ref)) found = ref;
    return found === 0;
  };
  walkTable(table, start, take);
  if (found === 0) walkTable(table, 0, take);
  return found;
}
