import assert from 'node:assert/strict';
import { TenantRegistry } from '../../src/tenancy/registry.js';
import { hashSecret, makeToken, tokenOf } from '../../src/tenancy/tokens.js';
import { recordOf } from './records.js';

const token = makeToken('acme');
const acme = recordOf('acme', 1, { tokens: [tokenOf(token, 5)] });
const NOW_MS = 1000;

function authenticate(
  registry: TenantRegistry,
  username: string | undefined,
  password: string,
  nowMs = NOW_MS,
): string {
  const outcome = registry.authenticate(username, Buffer.from(password), nowMs);
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

  it('lets a tenant in by any of its own tokens, and by nothing else', () => {
    const registry = new TenantRegistry(hashSecret('s3cret'));
    registry.put({ ...acme, tokens: [...acme.tokens, tokenOf('second', 6)] });
    registry.put(recordOf('globex', 2, { tokens: [tokenOf('other', 5)] }));
    registry.put(recordOf('bare', 3));
    assert.equal(authenticate(registry, 'acme', token), 'acme');
    assert.equal(authenticate(registry, 'acme', 'second'), 'acme');
    assert.equal(authenticate(registry, 'globex', token), 'WRONGPASS');
    assert.equal(authenticate(registry, 'acme', 's3cret'), 'WRONGPASS');
    assert.equal(authenticate(registry, 'nosuch', ''), 'WRONGPASS');
    assert.equal(authenticate(registry, 'bare', ''), 'WRONGPASS');
  });

  it('a token lets nobody in from its last moment on', () => {
    const registry = new TenantRegistry(undefined);
    registry.put({ ...acme, tokens: [tokenOf(token, 5, { expiresAtMs: 2000 })] });
    assert.equal(authenticate(registry, 'acme', token, 1999), 'acme');
    assert.equal(authenticate(registry, 'acme', token, 2000), 'WRONGPASS');
  });

  it('a tenant is one object through all its changes, and finds itself renamed', () => {
    const registry = new TenantRegistry(undefined);
    const tenant = registry.put(acme);
    assert.equal(registry.put({ ...acme, name: 'beta' }), tenant);
    assert.deepEqual([tenant.name, registry.find('beta'), registry.find('acme')], ['beta', tenant, undefined]);
  });

  it('sees a tenant that was dropped and made anew as another one', () => {
    const registry = new TenantRegistry(undefined);
    const first = registry.put(acme);
    assert.equal(registry.remove(1), first);
    assert.equal(registry.remove(1), undefined);
    assert.equal(registry.remove(0), undefined);
    assert.notEqual(registry.put({ ...acme, database: 2 }), first);
    assert.equal(registry.find('acme')?.database, 2);
    assert.equal(registry.size, 2);
  });

  it('two tenants may change their names with one another', () => {
    const registry = new TenantRegistry(undefined);
    const [acmes, globexes] = [registry.put(acme), registry.put(recordOf('globex', 2))];
    registry.put({ ...acme, name: 'spare' });
    registry.put(recordOf('acme', 2));
    registry.put({ ...acme, name: 'globex' });
    assert.deepEqual(
      [registry.find('acme'), registry.find('globex'), registry.find('spare')],
      [globexes, acmes, undefined],
    );
  });

  it('makes tokens that name their tenant and differ', () => {
    assert.match(token, /^rn_acme_[\w-]{32}$/);
    assert.notEqual(makeToken('acme'), token);
  });
});
