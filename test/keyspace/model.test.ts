import assert from 'node:assert/strict';
import fc from 'fast-check';
import { free, newStore, START_MS, TextKeyspace } from './harness.js';

interface Entry {
  value: string;
  deadline: number;
}

/** What a keyspace is, said with a Map. */
class Model {
  readonly entries = new Map<string, Entry>();
  nowMs = START_MS;

  find(key: string): Entry | undefined {
    const entry = this.entries.get(key);
    return entry === undefined || (entry.deadline !== -1 && entry.deadline <= this.nowMs) ? undefined : entry;
  }

  live(): Map<string, string> {
    const live = [...this.entries].filter(([key]) => this.find(key) !== undefined);
    return new Map(live.map(([key, { value, deadline }]) => [key, `${value} @${deadline}`]));
  }
}

const key = fc.oneof(fc.constantFrom('', 'a', 'b', 'long '.repeat(20)), fc.nat(60).map(String));
const value = fc.oneof(
  fc.string({ maxLength: 40 }).map((text) => Buffer.from(text).toString('latin1')),
  fc.integer().map(String),
  fc.integer({ min: 0, max: 300 }).map((length) => 'v'.repeat(length)),
  { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 140_000 }).map((length) => 'L'.repeat(length)) },
);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('set' as const), key, value, keepTtl: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('append' as const), key, value }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('replace' as const), key, value }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rename' as const), key, to: key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('expire' as const), key, inMs: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('persist' as const), key }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('expireDue' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const), rarely: fc.nat(9) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

class Pair {
  readonly store = newStore();
  readonly keys = new TextKeyspace(this.store.keyspace(3));
  readonly model = new Model();

  run(action: Step): void {
    const { keys, model, store } = this;
    switch (action.kind) {
      case 'set': {
        const deadline = action.keepTtl ? (model.find(action.key)?.deadline ?? -1) : -1;
        keys.set(action.key, action.value, action.keepTtl);
        model.entries.set(action.key, { value: action.value, deadline });
        break;
      }
      case 'append': {
        const old = model.find(action.key);
        const grown = (old?.value ?? '') + action.value;
        assert.equal(keys.append(action.key, action.value), grown.length);
        model.entries.set(action.key, { value: grown, deadline: old?.deadline ?? -1 });
        break;
      }
      case 'replace': {
        const old = model.find(action.key);
        if (old === undefined) break;
        keys.replace(action.key, action.value);
        old.value = action.value;
        break;
      }
      case 'remove':
        assert.equal(keys.remove(action.key), model.find(action.key) !== undefined);
        model.entries.delete(action.key);
        break;
      case 'rename':
        this.rename(action.key, action.to);
        break;
      case 'expire': {
        const entry = model.find(action.key);
        if (entry === undefined) break;
        entry.deadline = model.nowMs + action.inMs;
        keys.expireAt(action.key, entry.deadline);
        break;
      }
      case 'persist': {
        const entry = model.find(action.key);
        if (entry === undefined) break;
        assert.equal(keys.persist(action.key), entry.deadline !== -1);
        entry.deadline = -1;
        break;
      }
      case 'advance':
        model.nowMs += action.ms;
        store.nowMs = model.nowMs;
        break;
      case 'expireDue':
        store.expireDue(model.nowMs, Infinity, (keyspace, expired) => {
          assert.equal(keyspace, keys.keyspace);
          assert.equal(model.find(expired.toString('latin1')), undefined);
        });
        assert.equal(keys.keyspace.size, model.live().size);
        break;
      case 'clear':
        if (action.rarely > 0) break;
        keys.keyspace.clear();
        model.entries.clear();
    }
  }

  private rename(from: string, to: string): void {
    const source = this.model.find(from);
    assert.equal(this.keys.rename(from, to), source !== undefined);
    if (source === undefined) return;
    this.model.entries.delete(from);
    this.model.entries.set(to, source);
  }
}

describe('Keyspace against a Map', () => {
  it('holds the same keys, values and deadlines after any operations, and frees all of it', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 250 }), (steps) => {
        const pair = new Pair();
        for (const action of steps) pair.run(action);
        const { keys, model, store } = pair;
        assert.deepEqual(new Map([...keys.contents()].sort()), new Map([...model.live()].sort()));
        for (const name of model.entries.keys()) assert.equal(keys.get(name), model.find(name)?.value);
        const deadlines = [...model.live().keys()].filter((name) => model.find(name)?.deadline !== -1);
        assert.equal(keys.keyspace.expiresCount, deadlines.length);
        store.drop(3);
        free(store);
        assert.equal(store.usedBytes, 0);
        assert.equal(store.nextDeadline(), Infinity);
      }),
      { numRuns: 150 },
    );
  }).timeout(60_000);
});
