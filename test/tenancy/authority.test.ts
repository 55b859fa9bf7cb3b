import assert from 'node:assert/strict';
import { changedRegistry } from '../../src/tenancy/authority.js';

const acme = { name: 'acme', database: 1, tokenHashes: ['aa'], createdAtMs: 5 };

function refusalOf(outcome: ReturnType<typeof changedRegistry>): string | undefined {
  return 'refusal' in outcome ? outcome.refusal : undefined;
}

describe('changes of the tenant registry', () => {
  it('a new tenant gets the next database number', () => {
    const outcome = changedRegistry([acme], { op: 'create', name: 'globex', tokenHash: 'bb' }, 7, 9);
    assert.deepEqual(outcome, {
      records: [acme, { name: 'globex', database: 7, tokenHashes: ['bb'], createdAtMs: 9 }],
    });
  });

  it('names that exist, are reserved or are malformed are refused', () => {
    for (const name of ['acme', 'default', '', '-x', 'a b', 'x'.repeat(64)]) {
      const refusal = refusalOf(changedRegistry([acme], { op: 'create', name, tokenHash: 'bb' }, 2, 9));
      assert.match(refusal ?? '', /^ERR .*(exists already|invalid tenant name)/, name);
    }
  });

  it('a tenant can be dropped once, and the default one never', () => {
    assert.deepEqual(changedRegistry([acme], { op: 'drop', name: 'acme' }, 2, 9), { records: [] });
    assert.equal(refusalOf(changedRegistry([], { op: 'drop', name: 'acme' }, 2, 9)), "ERR no such tenant 'acme'");
    assert.match(refusalOf(changedRegistry([], { op: 'drop', name: 'default' }, 2, 9)) ?? '', /cannot be dropped/);
  });
});
