import assert from 'node:assert/strict';
import { loggerLevel } from '../../src/config/parameter-values.js';
import { parameterNamed, parameters } from '../../src/config/parameters.js';
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

  it('takes back what it tells, and tells what it took', () => {
    for (const { name, read, change } of parameters) {
      if (change === undefined) continue;
      const told = read(defaultServerConfig);
      assert.equal(read({ ...defaultServerConfig, ...change(told, defaultServerConfig) }), told, name);
    }
  });

  it('names the levels of the log in the words of Redis, whichever it was started with', () => {
    const parameter = parameterNamed('LOGLEVEL');
    const told = (logLevel: string): string | undefined => parameter?.read({ ...defaultServerConfig, logLevel });
    assert.deepEqual(['debug', 'info', 'warn', 'verbose', 'notice', 'silent'].map(told), [
      'debug',
      'notice',
      'warning',
      'verbose',
      'notice',
      'silent',
    ]);
    assert.deepEqual(['verbose', 'notice', 'warning', 'debug', 'silent'].map(loggerLevel), [
      'debug',
      'info',
      'warn',
      'debug',
      'silent',
    ]);
  });

  it('keeps the admin password to itself', () => {
    const config = { ...defaultServerConfig, adminPasswordHash: 'abc123' };
    for (const { name, read } of parameters) assert.doesNotMatch(read(config), /abc123/, name);
  });
});
