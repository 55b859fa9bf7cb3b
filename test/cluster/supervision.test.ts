import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Backoff } from '../../src/cluster/backoff.js';
import { Changes } from '../../src/cluster/changes.js';
import { HealthMonitor } from '../../src/cluster/health.js';
import type { Member } from '../../src/cluster/member.js';
import { connectedPair } from '../../src/cluster/link.js';
import { TenantChanges } from '../../src/cluster/tenant-changes.js';
import type { TenantEffect } from '../../src/ipc/messages.js';
import { creation } from '../tenancy/records.js';
import { ManualClock } from '../../src/clock.js';

describe('restart back-off', () => {
  it('doubles from its first delay to its last, and starts over after a long enough life', () => {
    const backoff = new Backoff({ firstMs: 100, maxMs: 10_000, resetAfterMs: 30_000 });
    const delays = Array.from({ length: 9 }, () => backoff.nextDelayMs(0));
    assert.deepEqual(delays, [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
    assert.equal(backoff.nextDelayMs(29_999), 10_000);
    assert.equal(backoff.nextDelayMs(30_000), 100);
    assert.equal(backoff.nextDelayMs(0), 200);
  });
});

describe('health monitor', () => {
  interface FakeMember {
    isServing: boolean;
    silentMs: number;
    forgiven: number;
    forgiveSilence(): void;
  }

  function watched(): { member: FakeMember; check: (afterMs: number) => boolean } {
    const member: FakeMember = {
      isServing: true,
      silentMs: 0,
      forgiven: 0,
      forgiveSilence() {
        this.forgiven++;
      },
    };
    let nowMs = 0;
    let silent = 0;
    const members = [member as unknown as Member];
    const monitor = new HealthMonitor({ nodeTimeoutMs: 5_000, members, onSilent: () => silent++, now: () => nowMs });
    const check = (afterMs: number): boolean => {
      nowMs += afterMs;
      const before = silent;
      monitor.check();
      return silent > before;
    };
    return { member, check };
  }

  it('reports a serving node that has been silent for longer than its limit', () => {
    const { member, check } = watched();
    member.silentMs = 4_900;
    assert.equal(check(500), false);
    member.silentMs = 5_100;
    assert.equal(check(500), true);
    member.isServing = false;
    assert.equal(check(500), false);
  });

  it('blames no node for a time in which the launcher itself was suspended', () => {
    const { member, check } = watched();
    member.silentMs = 60_000;
    assert.equal(check(60_000), false);
    assert.equal(member.forgiven, 1);
  });
});

describe('waiting for changes', () => {
  it('resolves once an announced change meets the condition', async () => {
    const changes = new Changes();
    const values: number[] = [];
    const waiting = changes.waitFor(() => values.at(0), 5_000);
    changes.announce();
    values.push(3);
    changes.announce();
    assert.equal(await waiting, 3);
  });

  it('resolves with undefined when the time is over, and rejects when the condition throws', async () => {
    const changes = new Changes();
    const never = await changes.waitFor<number>(() => undefined, 1);
    assert.equal(never, undefined);
    const failing = changes.waitFor((): number => {
      throw new Error('given up');
    }, 5_000);
    await assert.rejects(failing, /given up/);
  });
});

describe('connected socket pair', () => {
  it('carries bytes in both directions, and none are lost before the ends are read', async () => {
    const [a, b] = await connectedPair(5_000);
    a.write('from a');
    b.write('from b');
    a.resume();
    b.resume();
    const [[fromB], [fromA]] = (await Promise.all([once(a, 'data'), once(b, 'data')])) as [[Buffer], [Buffer]];
    assert.deepEqual([String(fromA), String(fromB)], ['from a', 'from b']);
    a.destroy();
    b.destroy();
  });
});

describe('tenant changes of a cluster', () => {
  function registry(persist: () => Promise<void> = () => Promise.resolve()): {
    tenants: TenantChanges;
    told: string[];
  } {
    const told: string[] = [];
    const distribute = (effect: TenantEffect): Promise<void> => {
      told.push(effect.op === 'put' ? `put ${effect.record.name}` : `${effect.op} ${effect.database}`);
      return Promise.resolve();
    };
    const initial = { records: [], nextDatabase: 1 };
    return { tenants: new TenantChanges({ initial, clock: new ManualClock(), persist, distribute }), told };
  }

  it('are told to the nodes one after the other, and give each tenant a database of its own for ever', async () => {
    const { tenants, told } = registry();
    const create = (name: string): Promise<string | undefined> => tenants.apply(creation(name));
    assert.deepEqual(
      await Promise.all([create('a'), create('b'), tenants.apply({ op: 'drop', name: 'b' }), create('b')]),
      [undefined, undefined, undefined, undefined],
    );
    assert.deepEqual(told, ['put a', 'put b', 'remove 2', 'put b']);
    assert.deepEqual(
      tenants.state.records.map(({ name, database }) => [name, database]),
      [
        ['a', 1],
        ['b', 3],
      ],
    );
  });

  it('are refused with a reason when the name is taken, missing, reserved or no name', async () => {
    const { tenants, told } = registry();
    await tenants.apply(creation('a'));
    for (const name of ['a', 'default', '../x', '']) {
      assert.match((await tenants.apply(creation(name))) ?? '', /^ERR /);
    }
    assert.match((await tenants.apply({ op: 'drop', name: 'none' })) ?? '', /^ERR no such tenant/);
    assert.match((await tenants.apply({ op: 'drop', name: 'default' })) ?? '', /^ERR /);
    assert.equal(told.length, 1);
  });

  it('that cannot be kept do not happen', async () => {
    const { tenants, told } = registry(() => Promise.reject(new Error('disk full')));
    assert.match((await tenants.apply(creation('a'))) ?? '', /cannot be kept: disk full/);
    assert.deepEqual([tenants.state.records, told], [[], []]);
  });
});
