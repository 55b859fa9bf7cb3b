import assert from 'node:assert/strict';
import type { TenantChange } from '../../src/ipc/messages.js';
import { decide, type Decision } from '../../src/tenancy/authority.js';
import { TenantRecords } from '../../src/tenancy/records.js';
import { creation, recordOf, tokenWith } from './records.js';

const acme = recordOf('acme', 1, { tokens: [tokenWith('aa')], limits: { maxKeys: 10, evict: 'allkeys-lru' } });
const records = (): TenantRecords => new TenantRecords({ records: [acme], nextDatabase: 7 });

function refusalOf(outcome: Decision): string | undefined {
  return 'refusal' in outcome ? outcome.refusal : undefined;
}

/** The record of acme after a change. */
function changed(change: TenantChange): unknown {
  const decision = decide(records(), change, 9);
  return 'effect' in decision && decision.effect.op === 'put' ? decision.effect.record : decision;
}

describe('changes of the tenant registry', () => {
  it('a new tenant gets the next database number, its token and its limits', () => {
    const change: TenantChange = {
      op: 'create',
      name: 'globex',
      token: tokenWith('bb'),
      limits: { maxOpsPerSecond: 5 },
    };
    assert.deepEqual(changed(change), {
      name: 'globex',
      database: 7,
      tokens: [tokenWith('bb')],
      limits: { maxOpsPerSecond: 5 },
      createdAtMs: 9,
    });
  });

  it('names that exist, are reserved or are malformed are refused, for new tenants and for renamed ones', () => {
    for (const name of ['acme', 'default', '', '-x', 'a b', 'x'.repeat(64)]) {
      for (const change of [creation(name), { op: 'rename', name: 'acme', newName: name } as const]) {
        assert.match(
          refusalOf(decide(records(), change, 9)) ?? '',
          /^ERR .*(exists already|invalid tenant name)/,
          name,
        );
      }
    }
  });

  it('whatever is asked of a tenant that does not exist is refused', () => {
    const changes: TenantChange[] = [
      { op: 'drop', name: 'x' },
      { op: 'flush', name: 'x' },
      { op: 'rename', name: 'x', newName: 'y' },
      { op: 'limit', name: 'x', limits: {}, cleared: [] },
      { op: 'add-token', name: 'x', token: tokenWith('bb') },
      { op: 'revoke-token', name: 'x', id: 'aa' },
    ];
    for (const change of changes) assert.equal(refusalOf(decide(records(), change, 9)), "ERR no such tenant 'x'");
  });

  it('the default tenant can be flushed, and nothing else', () => {
    assert.deepEqual(decide(records(), { op: 'flush', name: 'default' }, 9), { effect: { op: 'flush', database: 0 } });
    const changes: TenantChange[] = [
      { op: 'drop', name: 'default' },
      { op: 'rename', name: 'default', newName: 'y' },
      { op: 'limit', name: 'default', limits: { maxKeys: 1 }, cleared: [] },
      { op: 'add-token', name: 'default', token: tokenWith('bb') },
    ];
    for (const change of changes) {
      assert.match(refusalOf(decide(records(), change, 9)) ?? '', /^ERR tenant 'default' (cannot be|has no tokens)/);
    }
  });

  it('limits are changed one by one, and lifted one by one', () => {
    const change: TenantChange = { op: 'limit', name: 'acme', limits: { maxConnections: 3 }, cleared: ['evict'] };
    assert.deepEqual(changed(change), { ...acme, limits: { maxKeys: 10, maxConnections: 3 } });
  });

  it('a tenant has several tokens at once, up to a bound, each with an id of its own', () => {
    const add = (id: string): TenantChange => ({ op: 'add-token', name: 'acme', token: tokenWith(id) });
    assert.deepEqual(changed(add('bb')), { ...acme, tokens: [tokenWith('aa'), tokenWith('bb')] });
    assert.match(refusalOf(decide(records(), add('aa'), 9)) ?? '', /has a token 'aa' already/);
    const full = new TenantRecords();
    full.apply({ op: 'put', record: { ...acme, tokens: Array.from({ length: 64 }, (_, id) => tokenWith(`t${id}`)) } });
    assert.match(refusalOf(decide(full, add('bb'), 9)) ?? '', /has 64 tokens already/);
  });

  it('a revoked token is gone, and one that is not there cannot be revoked', () => {
    assert.deepEqual(changed({ op: 'revoke-token', name: 'acme', id: 'aa' }), { ...acme, tokens: [] });
    const refusal = refusalOf(decide(records(), { op: 'revoke-token', name: 'acme', id: 'zz' }, 9));
    assert.equal(refusal, "ERR tenant 'acme' has no token 'zz'");
  });

  it('a renamed tenant is found by its new name alone, and keeps its database', () => {
    const all = records();
    const decision = decide(all, { op: 'rename', name: 'acme', newName: 'beta' }, 9);
    assert.ok('effect' in decision);
    all.apply(decision.effect);
    assert.equal(all.find('acme'), undefined);
    assert.deepEqual(all.find('beta'), { ...acme, name: 'beta' });
    assert.equal(all.size, 1);
  });

  it('effects may be applied again from any point on: the outcome is that of the last', () => {
    const effects = [
      { op: 'put', record: acme },
      { op: 'put', record: recordOf('globex', 7) },
      { op: 'put', record: { ...acme, name: 'beta' } },
      { op: 'remove', database: 7 },
      { op: 'put', record: recordOf('acme', 8) },
    ] as const;
    const once = new TenantRecords();
    for (const effect of effects) once.apply(effect);
    for (let from = 0; from < effects.length; from++) for (const effect of effects.slice(from)) once.apply(effect);
    const { records: kept, nextDatabase } = once.state;
    assert.deepEqual(
      [kept.map(({ name, database }) => [name, database]), nextDatabase],
      [
        [
          ['beta', 1],
          ['acme', 8],
        ],
        9,
      ],
    );
  });
});
