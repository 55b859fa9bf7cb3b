/** Connection URLs. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { addressOf, formatEndpoint, parseEndpoint, redactUrl } from '../../src/client/endpoint.js';
import { RedNodeError } from '../../src/errors.js';

describe('a connection URL', () => {
  it('has defaults for everything but the scheme', () => {
    assert.deepEqual(parseEndpoint('redis://'), { host: '127.0.0.1', port: 6379 });
    assert.deepEqual(parseEndpoint('redis://db.example'), { host: 'db.example', port: 6379 });
    assert.deepEqual(parseEndpoint('redis://:7379'), { host: '127.0.0.1', port: 7379 });
  });

  it('names a tenant, and its token behind a colon', () => {
    assert.deepEqual(parseEndpoint('redis://acme@h:1'), { host: 'h', port: 1, username: 'acme' });
    assert.deepEqual(parseEndpoint('redis://acme:tok@h:1'), { host: 'h', port: 1, username: 'acme', password: 'tok' });
    assert.deepEqual(parseEndpoint('redis://:tok@h:1'), { host: 'h', port: 1, password: 'tok' });
  });

  it('asks for TLS by its scheme', () => {
    assert.deepEqual(parseEndpoint('rediss://h'), { host: 'h', port: 6379, tls: true });
  });

  it('takes an IPv6 address in brackets', () => {
    const endpoint = parseEndpoint('redis://[::1]:7000');
    assert.deepEqual(endpoint, { host: '::1', port: 7000 });
    assert.equal(addressOf(endpoint), '[::1]:7000');
  });

  it('carries any tenant and token, percent-encoded', () => {
    const text = fc.string({ minLength: 1, unit: 'grapheme' });
    fc.assert(
      fc.property(text, text, (username, password) => {
        const url = `redis://${encodeURIComponent(username)}:${encodeURIComponent(password)}@h:1`;
        assert.deepEqual(parseEndpoint(url), { host: 'h', port: 1, username, password });
      }),
    );
  });

  for (const [url, reason] of [
    ['acme:s3cret@h:1', /not of the form/],
    ['http://acme:s3cret@h', /the scheme is http/],
    ['redis://acme:s3cret@h:port', /the port must be a number from 1 to 65535/],
    ['redis://acme:s3cret@h:70000', /the port must be a number/],
    ['redis://acme:s3cret@h/3', /only database 0/],
    ['redis://acme:s3cret%zz@h', /percent-encoding/],
    ['redis://acme:s3cret@::1:7000', /brackets/],
  ] as const) {
    it(`is refused without its token being shown: ${url.replace('s3cret', '...')}`, () => {
      assert.throws(
        () => parseEndpoint(url),
        (error) => {
          assert.ok(error instanceof RedNodeError);
          assert.equal(error.code, 'BAD_URL');
          assert.equal(error.exitCode, 2);
          assert.match(error.message, reason);
          assert.doesNotMatch(JSON.stringify([error.message, error.hint, error.context, error.cause]), /s3cret/);
          return true;
        },
      );
    });
  }

  it('is shown without the token, even one that contains an @', () => {
    assert.equal(redactUrl('redis://acme:p@ss@h:1'), 'redis://acme:***@h:1');
    assert.equal(
      formatEndpoint({ host: 'h', port: 1, username: 'a b', password: 's3cret', tls: true }),
      'rediss://a%20b@h:1',
    );
  });
});
