import assert from 'node:assert/strict';
import { withIdentity } from '../../src/cli/target.js';

const server = { host: '127.0.0.1', port: 7379 };

describe('as whom a command acts', () => {
  it('is the admin on the default tenant when nothing is said', () => {
    assert.deepEqual(withIdentity(server, 'default', undefined, {}), {
      endpoint: server,
      name: 'default',
      tenantToEnter: undefined,
    });
  });

  it('a tenant with its token authenticates', () => {
    const { endpoint, tenantToEnter } = withIdentity(server, 'default', 'acme', { REDNODE_TOKEN: 't' });
    assert.deepEqual(endpoint, { ...server, username: 'acme', password: 't' });
    assert.equal(tenantToEnter, undefined);
  });

  it('a tenant without a token is entered by the admin', () => {
    assert.equal(withIdentity(server, 'default', 'acme', {}).tenantToEnter, 'acme');
    const asAdmin = withIdentity(server, 'default', 'acme', { REDNODE_ADMIN_PASSWORD: 'p' });
    assert.deepEqual(asAdmin.endpoint, { ...server, password: 'p' });
    assert.equal(asAdmin.tenantToEnter, 'acme');
  });

  it('credentials of a URL are used as they are', () => {
    const endpoint = { ...server, username: 'acme', password: 'secret' };
    assert.deepEqual(withIdentity(endpoint, 'x', undefined, { REDNODE_ADMIN_PASSWORD: 'p' }).endpoint, endpoint);
    assert.equal(withIdentity(endpoint, 'x', 'acme', {}).tenantToEnter, undefined);
  });

  it('a token without a tenant is a usage error', () => {
    assert.throws(() => withIdentity(server, 'x', undefined, { REDNODE_TOKEN: 't' }), /no tenant is named/);
  });
});
