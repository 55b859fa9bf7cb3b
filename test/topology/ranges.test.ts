import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  areValidPackedRanges,
  packRanges,
  rangesOfPlacement,
  rangesOfSlots,
  rangesOfText,
  slotCountOf,
  slotsOfRanges,
  textOfRanges,
  unpackRanges,
} from '../../src/topology/ranges.js';

const slotSets = fc.uniqueArray(fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 16_383 })), { maxLength: 200 });

describe('slot ranges', () => {
  it('hold exactly the slots that they were made of, in order, and no two of them touch', () => {
    fc.assert(
      fc.property(slotSets, (slots) => {
        const ranges = rangesOfSlots([...slots, ...slots]);
        assert.deepEqual(
          slotsOfRanges(ranges),
          slots.toSorted((a, b) => a - b),
        );
        assert.equal(slotCountOf(ranges), slots.length);
        ranges.slice(1).forEach((range, index) => {
          assert.ok(range.start > ranges[index].end + 1);
        });
      }),
    );
  });

  it("as text have Redis's notation", () => {
    assert.equal(textOfRanges(rangesOfSlots([0, 1, 2, 3, 4, 5, 7, 9, 10])), '0-5,7,9-10');
    assert.equal(textOfRanges([]), '');
  });

  it('survive being text', () => {
    fc.assert(
      fc.property(slotSets, (slots) => {
        assert.deepEqual(rangesOfText(textOfRanges(rangesOfSlots(slots))), rangesOfSlots(slots));
      }),
    );
  });

  it('survive packing', () => {
    fc.assert(
      fc.property(slotSets, (slots) => {
        const packed = packRanges(rangesOfSlots(slots));
        assert.ok(areValidPackedRanges(packed));
        assert.deepEqual(unpackRanges(packed), rangesOfSlots(slots));
      }),
    );
  });

  it('are refused in packed form when they overlap, run backwards, are incomplete or leave the slots', () => {
    for (const values of [[5], [5, 4], [0, 5, 5, 6], [9, 9, 1, 2], [0, 16_384]]) {
      assert.equal(areValidPackedRanges(Uint16Array.from(values)), false, String(values));
    }
  });

  it('of a placement are one list per member, also for a member without slots', () => {
    assert.deepEqual(rangesOfPlacement(Uint16Array.from([0, 0, 2, 0, 2, 2]), 3), [
      [
        { start: 0, end: 1 },
        { start: 3, end: 3 },
      ],
      [],
      [
        { start: 2, end: 2 },
        { start: 4, end: 5 },
      ],
    ]);
  });
});
