import assert from 'node:assert/strict';
import fc from 'fast-check';
import { capacitiesOf, placeSlots } from '../../src/topology/placement.js';
import type { PlacementMember } from '../../src/topology/placement.js';
import { SLOT_COUNT } from '../../src/topology/topology.js';

const MAX_OVER_MEAN = 1.001;
const MOVED_OVER_MINIMUM = 1.06;
/** Random names scatter around their mean: a single set may be this bad, the mean of many may not. */
const MOVED_OVER_MINIMUM_WORST = 1.12;
/** Property tests draw their names from this seed, since 1.12 is only very improbable to be exceeded, not impossible. */
const SEED = 20_240_917;

function numbered(count: number): PlacementMember[] {
  return Array.from({ length: count }, (_, index) => ({ name: `n${index + 1}` }));
}

function loadsOf(placement: Uint16Array, count: number): number[] {
  const loads = new Array<number>(count).fill(0);
  for (const member of placement) loads[member]++;
  return loads;
}

function maxOverMean(members: readonly PlacementMember[]): number {
  return Math.max(...loadsOf(placeSlots(members), members.length)) / (SLOT_COUNT / members.length);
}

/** Slots that move when the last member joins the others, relative to the slots that it gets. */
function movedOverMinimum(members: readonly PlacementMember[]): number {
  const before = placeSlots(members.slice(0, -1));
  const after = placeSlots(members);
  const moved = after.reduce((count, member, slot) => count + (member === before[slot] ? 0 : 1), 0);
  return moved / loadsOf(after, members.length)[members.length - 1];
}

const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 20 }), { minLength: 2, maxLength: 11 });
const members = names.map((list) => list.map((name) => ({ name })));

describe('placement', function () {
  this.timeout(60_000);
  this.slow(20_000);

  it('gives n1 to nN even loads, and moves little more than needed when one joins, for up to 10 nodes', () => {
    for (let count = 1; count <= 10; count++) {
      assert.ok(maxOverMean(numbered(count)) <= MAX_OVER_MEAN, `${count} nodes are uneven`);
      const ratio = movedOverMinimum(numbered(count + 1));
      assert.ok(ratio <= MOVED_OVER_MINIMUM, `joining ${count} nodes moves ${ratio} of the minimum`);
    }
  });

  it('gives nodes of any names even loads, and no node more than its fair share rounded up', () => {
    fc.assert(
      fc.property(members, (list) => {
        assert.ok(maxOverMean(list) <= MAX_OVER_MEAN);
        const loads = loadsOf(placeSlots(list), list.length);
        assert.ok(Math.max(...loads) - Math.min(...loads) <= 1);
      }),
      { numRuns: 40, seed: SEED },
    );
  });

  it('moves little more than needed when a node of any name joins nodes of any names', () => {
    const ratios: number[] = [];
    fc.assert(
      fc.property(members, (list) => {
        ratios.push(movedOverMinimum(list));
        assert.ok(ratios[ratios.length - 1] <= MOVED_OVER_MINIMUM_WORST);
      }),
      { numRuns: 60, seed: SEED },
    );
    const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
    assert.ok(mean <= MOVED_OVER_MINIMUM, `the mean is ${mean}`);
  });

  it('does not depend on the order in which the members are given', () => {
    fc.assert(
      fc.property(
        members.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        ([list, shuffled]) => {
          const [one, other] = [placeSlots(list), placeSlots(shuffled)];
          for (let slot = 0; slot < SLOT_COUNT; slot++) assert.equal(list[one[slot]].name, shuffled[other[slot]].name);
        },
      ),
      { numRuns: 20, seed: SEED },
    );
  });

  it('gives each member the share of its weight', () => {
    const weighted = [{ name: 'small' }, { name: 'large', weight: 3 }];
    assert.deepEqual(capacitiesOf(weighted), [4096, 12_288]);
    assert.deepEqual(loadsOf(placeSlots(weighted), 2), [4096, 12_288]);
  });

  it('refuses no members and weights that are not positive', () => {
    assert.throws(() => placeSlots([]), RangeError);
    assert.throws(() => placeSlots([{ name: 'a', weight: 0 }]), /the weight of a is 0/);
  });
});
