import assert from 'node:assert/strict';
import { parameters } from '../../src/config/parameters.js';
import { defaultServerConfig } from '../../src/config/server-config.js';

describe('the configuration of a node', () => {
  it('tells every bound by CONFIG GET, under a name of its own', () => {
    const names = parameters.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    for (const { name, read } of parameters) assert.equal(typeof read(defaultServerConfig), 'string', name);
  });

  it('follows the settings', () => {
    const config = { ...defaultServerConfig, maxMemoryBytes: 123, replicationTimeoutMs: 5000 };
    const values = new Map(parameters.map(({ name, read }) => [name, read(config)]));
    assert.equal(values.get('maxmemory'), '123');
    assert.equal(values.get('repl-timeout'), '5');
  });

  it('keeps the admin password to itself', () => {
    const config = { ...defaultServerConfig, adminPasswordHash: 'abc123' };
    for (const { name, read } of parameters) assert.doesNotMatch(read(config), /abc123/, name);
  });
});
