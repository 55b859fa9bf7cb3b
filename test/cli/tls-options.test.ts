import assert from 'node:assert/strict';
import path from 'node:path';
import { openNodeWarning } from '../../src/cli/open-node-warning.js';
import { tlsClientOptions } from '../../src/cli/tls-client.js';
import { tlsConfig } from '../../src/cli/tls-options.js';

describe('the flags of a server about TLS', () => {
  const needed = { 'tls-port': 7000, 'tls-cert': 'a.crt', 'tls-key': '/b.key' };

  it('ask for nothing when none is given', () => {
    assert.equal(tlsConfig({ 'tls-only': false }), undefined);
  });

  it('ask for client certificates when there is a CA, unless told otherwise', () => {
    assert.equal(tlsConfig(needed)?.authClients, 'no');
    assert.equal(tlsConfig({ ...needed, 'tls-ca': 'ca.crt' })?.authClients, 'yes');
    assert.equal(tlsConfig({ ...needed, 'tls-ca': 'ca.crt', 'tls-auth-clients': 'optional' })?.authClients, 'optional');
  });

  it('name files from the current folder', () => {
    const config = tlsConfig(needed);
    assert.equal(config?.certFile, path.resolve('a.crt'));
    assert.equal(config.keyFile, '/b.key');
  });

  it('say which one is missing', () => {
    for (const name of ['tls-port', 'tls-cert', 'tls-key']) {
      const rest = Object.fromEntries(Object.entries(needed).filter(([given]) => given !== name));
      assert.throws(() => tlsConfig(rest), { code: 'USAGE', message: new RegExp(`needs --${name} as well`) });
    }
  });
});

describe('the flags of a client about TLS', () => {
  const secure = { host: '127.0.0.1', port: 6380, tls: true };

  it('go with a rediss:// server only', () => {
    assert.throws(() => tlsClientOptions({ ...secure, tls: false }, { insecure: true }, {}), { code: 'USAGE' });
  });

  it('take the CA from the environment where there is no flag', () => {
    const own = import.meta.filename;
    assert.ok(tlsClientOptions(secure, {}, { REDNODE_TLS_CA: own }).ca?.includes('REDNODE_TLS_CA'));
    assert.equal(tlsClientOptions(secure, {}, { REDNODE_TLS_CA: '' }).ca, undefined);
  });

  it('name a file that cannot be read', () => {
    assert.throws(() => tlsClientOptions(secure, { 'tls-ca': '/no/such.pem' }, {}), {
      code: 'TLS_FILE_UNREADABLE',
      message: 'cannot read the TLS CA certificate /no/such.pem: there is no such file',
    });
  });

  it('want a certificate and its key together', () => {
    assert.throws(() => tlsClientOptions(secure, { 'tls-cert': 'a' }, {}), { code: 'USAGE' });
  });
});

describe('the warning of an open node', () => {
  it('is given beyond loopback without a password, and says whether protected mode helps', () => {
    for (const host of ['127.0.0.1', '::1', 'localhost'])
      assert.equal(openNodeWarning({ host, hasPassword: false, isProtected: true }), undefined);
    assert.equal(openNodeWarning({ host: '0.0.0.0', hasPassword: true, isProtected: false }), undefined);
    assert.match(
      openNodeWarning({ host: '0.0.0.0', hasPassword: false, isProtected: true }) ?? '',
      /protected mode refuses/,
    );
    assert.match(
      openNodeWarning({ host: '::', hasPassword: false, isProtected: false }) ?? '',
      /read and change everything/,
    );
  });
});
