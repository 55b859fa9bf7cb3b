import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ExpiryIndex } from '../../src/storage/expiry-index.js';

const deadline = fc.integer({ min: 0, max: 50 });
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('add' as const), deadline }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('update' as const), pick: fc.nat(), deadline }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), pick: fc.nat() }) },
);

describe('ExpiryIndex', () => {
  it('always knows the earliest deadline, whatever was added, changed and removed', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const index = new ExpiryIndex();
        const model = new Map<number, { deadline: number; ref: number; owner: number }>();
        const pickFrom = (pick: number): number => [...model.keys()][pick % Math.max(1, model.size)];
        steps.forEach((action, number) => {
          if (action.kind === 'add') {
            const record = index.add(number + 1, number * 3, action.deadline);
            assert.ok(record > 0 && !model.has(record));
            model.set(record, { deadline: action.deadline, ref: number + 1, owner: number * 3 });
          } else if (model.size > 0) {
            const record = pickFrom(action.pick);
            const entry = model.get(record);
            assert.ok(entry);
            if (action.kind === 'remove') {
              index.remove(record);
              model.delete(record);
            } else {
              index.update(record, action.deadline);
              entry.deadline = action.deadline;
            }
          }
          assert.equal(index.size, model.size);
          const deadlines = [...model.values()].map((entry) => entry.deadline);
          assert.equal(index.earliestDeadline(), Math.min(Infinity, ...deadlines));
        });
        for (const [record, entry] of model) {
          assert.deepEqual(
            [index.deadline(record), index.ref(record), index.owner(record)],
            [entry.deadline, entry.ref, entry.owner],
          );
        }
      }),
    );
  });

  it('yields deadlines in order over several chunks of records', () => {
    const index = new ExpiryIndex();
    const count = 40_000;
    for (let i = 0; i < count; i++) index.add(i + 1, 1, Math.imul(i, 0x9e3779b1) >>> 0);
    let previous = -1;
    for (let left = count; left > 0; left--) {
      const record = index.earliest();
      assert.ok(index.deadline(record) >= previous);
      previous = index.deadline(record);
      index.remove(record);
    }
    assert.equal(index.earliest(), 0);
    assert.equal(index.usedBytes, 0);
  });

  it('follows an entry that moved', () => {
    const index = new ExpiryIndex();
    const record = index.add(7, 1, 100);
    index.moveTo(record, 9);
    assert.equal(index.ref(record), 9);
  });
});
