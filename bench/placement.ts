/** Prints how even the placement is, how much a joining master moves, and how long it takes. Run: npx tsx bench/placement.ts */
import { placeSlots } from '../src/topology/placement.js';
import { SLOT_COUNT } from '../src/topology/topology.js';

const COUNTS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 50];
const RANDOM_SAMPLES = 100;

function measure(names: readonly string[]): { maxOverMean: number; movedOverMinimum: number; elapsedMs: number } {
  const before = placeSlots(names.slice(0, -1).map((name) => ({ name })));
  const startedAt = performance.now();
  const after = placeSlots(names.map((name) => ({ name })));
  const elapsedMs = performance.now() - startedAt;
  const loads = (placement: Uint16Array, count: number): number[] => {
    const sums = new Array<number>(count).fill(0);
    for (const member of placement) sums[member]++;
    return sums;
  };
  const joined = loads(after, names.length);
  const moved = after.reduce((sum, member, slot) => sum + (member === before[slot] ? 0 : 1), 0);
  const count = names.length - 1;
  return {
    maxOverMean: Math.max(...loads(before, count)) / (SLOT_COUNT / count),
    movedOverMinimum: moved / joined[count],
    elapsedMs,
  };
}

const rows = COUNTS.map((count) => {
  const named = measure(Array.from({ length: count + 1 }, (_, i) => `n${i + 1}`));
  const random = Array.from({ length: RANDOM_SAMPLES }, () =>
    measure(Array.from({ length: count + 1 }, () => Math.random().toString(36).slice(2))),
  );
  const worst = (pick: (m: ReturnType<typeof measure>) => number): string => Math.max(...random.map(pick)).toFixed(4);
  return {
    masters: count,
    'max/mean': named.maxOverMean.toFixed(4),
    'moved/minimum': named.movedOverMinimum.toFixed(4),
    'max/mean, random names, worst': worst((m) => m.maxOverMean),
    'moved/minimum, random names, worst': worst((m) => m.movedOverMinimum),
    ms: named.elapsedMs.toFixed(1),
  };
});
console.table(rows);
