/** The real redis-benchmark, which sends whatever it likes: against a node, a cluster, and as a tenant. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startCluster, startServer } from '../../src/library/index.js';
import { redisAvailable } from '../support/redis-server.js';

const TIMEOUT_MS = 30_000;
const TESTS = ['PING_INLINE', 'PING_MBULK', 'SET', 'GET', 'INCR', 'MSET (10 keys)'];

/** Name of each test that was run -> its requests per second. */
async function benchmark(url: string, options: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const { port, username, password } = new URL(url);
  const credentials = username === '' ? [] : ['--user', username, '-a', password];
  const load = ['-n', '2000', '-c', '10', '-r', '1000', '-t', 'ping,set,get,incr,mset', '--csv'];
  const words = ['-p', port, ...credentials, ...load, ...options];
  const { stdout, stderr } = await promisify(execFile)('redis-benchmark', words, { timeout: TIMEOUT_MS });
  // A tenant may not read the configuration, which redis-benchmark would only print.
  const complaints = `${stdout}${stderr}`.replace(/^WARNING: Could not fetch (?:server|node) CONFIG.*$/gm, '');
  assert.doesNotMatch(complaints, /error|warning/i);
  const rows = [...stdout.matchAll(/^"([^"]+)","([\d.]+)"/gm)];
  return new Map(rows.map(([, name, perSecond]) => [name, Number(perSecond)]));
}

function assertComplete(results: ReadonlyMap<string, number>, tests: readonly string[]): void {
  assert.deepEqual([...results.keys()], tests);
  for (const [name, perSecond] of results) assert.ok(perSecond > 0, name);
}

describe('redis-benchmark', function () {
  this.timeout(60_000);

  before(function () {
    if (!redisAvailable()) this.skip();
  });

  for (const pipeline of ['1', '16']) {
    it(`completes against a node, ${pipeline} at a time, as the admin and as a tenant`, async () => {
      await using server = await startServer({ tenants: ['acme'] });
      assertComplete(await benchmark(server.url, ['-P', pipeline]), TESTS);
      assertComplete(await benchmark(server.tenants.acme.url, ['-P', pipeline]), TESTS);
    });
  }

  it('completes against a cluster, as the admin and as a tenant', async () => {
    await using cluster = await startCluster({ masters: 3, tenants: ['acme'] });
    assertComplete(await benchmark(cluster.url, ['--cluster']), TESTS);
    assertComplete(await benchmark(cluster.tenants.acme.url, ['--cluster']), TESTS);
  });
});
