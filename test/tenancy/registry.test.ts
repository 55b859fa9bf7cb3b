import assert from 'node:assert/strict';
import { TenantRegistry } from '../../src/tenancy/registry.js';
import { hashSecret, makeToken } from '../../src/tenancy/tokens.js';

const token = makeToken('acme');
const acme = { name: 'acme', database: 1, tokenHashes: [hashSecret(token)], createdAtMs: 5 };

function authenticate(registry: TenantRegistry, username: string | undefined, password: string): string {
  const outcome = registry.authenticate(username, Buffer.from(password));
  if ('refusal' in outcome) return outcome.refusal.split(' ')[0];
  return `${outcome.principal.tenant.name}${outcome.principal.isAdmin ? ' (admin)' : ''}`;
}

describe('the tenant registry', () => {
  it('lets anyone be the admin where there is no admin password', () => {
    const registry = new TenantRegistry(undefined);
    assert.equal(registry.initialPrincipal?.isAdmin, true);
    assert.equal(authenticate(registry, 'default', 'whatever'), 'default (admin)');
    assert.equal(authenticate(registry, undefined, 'whatever'), 'ERR');
  });

  it('asks for the admin password where there is one', () => {
    const registry = new TenantRegistry(hashSecret('s3cret'));
    assert.equal(registry.initialPrincipal, undefined);
    assert.equal(authenticate(registry, undefined, 's3cret'), 'default (admin)');
    assert.equal(authenticate(registry, 'default', 's3cret'), 'default (admin)');
    assert.equal(authenticate(registry, 'default', 'S3cret'), 'WRONGPASS');
    assert.equal(authenticate(registry, undefined, ''), 'WRONGPASS');
  });

  it('lets a tenant in by its own token alone', () => {
    const registry = new TenantRegistry(hashSecret('s3cret'));
    registry.replaceAll([acme, { ...acme, name: 'globex', database: 2, tokenHashes: [hashSecret('other')] }]);
    assert.equal(authenticate(registry, 'acme', token), 'acme');
    assert.equal(authenticate(registry, 'globex', token), 'WRONGPASS');
    assert.equal(authenticate(registry, 'acme', 's3cret'), 'WRONGPASS');
    assert.equal(authenticate(registry, 'nosuch', ''), 'WRONGPASS');
  });

  it('reports the tenants that a new state of the registry leaves out', () => {
    const registry = new TenantRegistry(undefined);
    assert.deepEqual(registry.replaceAll([acme]), []);
    assert.deepEqual(registry.replaceAll([]), [acme]);
    assert.deepEqual(
      registry.list().map(({ name }) => name),
      ['default'],
    );
  });

  it('sees a tenant that was dropped and made anew as another one', () => {
    const registry = new TenantRegistry(undefined);
    registry.replaceAll([acme]);
    assert.deepEqual(registry.replaceAll([{ ...acme, database: 2 }]), [acme]);
    assert.equal(registry.find('acme')?.database, 2);
  });

  it('makes tokens that name their tenant and differ', () => {
    assert.match(token, /^rn_acme_[\w-]{32}$/);
    assert.notEqual(makeToken('acme'), token);
  });
});
