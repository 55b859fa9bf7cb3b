import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import path from 'node:path';
import type { ClusterStatus } from '../../src/cluster/types.js';
import { makeCertificates, type Certificates } from '../support/certificates.js';
import { Rednode } from './rednode.js';

/** Below the ports that the system gives to outgoing connections, which would be in the way of a whole block. */
const FIRST_PORT = 20_000;
const LAST_PORT = 30_000;

describe('a cluster that is started with TLS', function () {
  this.timeout(60_000);
  const port = randomInt(FIRST_PORT, LAST_PORT);
  let rednode: Rednode;
  let files: Certificates;

  before(async () => {
    files = await makeCertificates();
    rednode = await Rednode.create('tls-cluster');
  });

  after(async () => {
    await rednode.dispose();
    await files[Symbol.asyncDispose]();
  });

  function up(...flags: string[]): string[] {
    const shape = ['--port', String(port), '--masters', '2', '--replicas', '0'];
    return ['cluster', 'up', ...shape, '--detach', '--tls-key', files.server.keyFile, ...flags];
  }

  async function tlsUrls(): Promise<string[]> {
    const { nodes } = (await rednode.json(['cluster', 'status'])) as ClusterStatus;
    return nodes.map(({ tlsUrl }) => tlsUrl ?? '');
  }

  it('shows the URL of every node, serves by it, and has the same ones the next time', async () => {
    const flags = ['--tls-cert', files.server.certFile];
    const banner = await rednode.ok(up(...flags));
    const urls = await tlsUrls();
    for (const url of urls) assert.match(banner, new RegExp(`n\\d +redis://\\S+ +${url}`));
    for (const [index, url] of urls.entries()) {
      const there = ['--url', url, '--tls-ca', files.caFile];
      await rednode.ok(['set', 'greeting', `hello ${index}`, ...there]);
      assert.equal(await rednode.ok(['get', 'greeting', ...there]), `hello ${index}`);
    }
    await rednode.ok(['cluster', 'restart', 'n1']);
    assert.deepEqual(await tlsUrls(), urls);
    await rednode.ok(['cluster', 'down']);
    await rednode.ok(up(...flags));
    assert.deepEqual(await tlsUrls(), urls);
    await rednode.ok(['cluster', 'down', '--purge', '--yes']);
  });

  it('does not start when a file cannot be used, and says which one', async () => {
    const missing = path.join(files.folder, 'missing.crt');
    const absent = await rednode.run(up('--tls-cert', missing));
    assert.equal(absent.exitCode, 6);
    assert.match(absent.stderr, /cannot read the TLS certificate \S+missing\.crt: there is no such file/);
    assert.doesNotMatch(absent.stderr, /"level"/);
    const foreign = await rednode.run(up('--tls-cert', files.client.certFile));
    assert.equal(foreign.exitCode, 2);
    assert.match(foreign.stderr, /is not that of the certificate/);
  });

  it('asks for the flag that is missing', async () => {
    const { exitCode, stderr } = await rednode.run(up());
    assert.equal(exitCode, 2);
    assert.match(stderr, /--tls-key needs --tls-cert as well/);
  });

  it('is planned with its ports for TLS', async () => {
    const plan = (await rednode.json(up('--tls-cert', files.server.certFile, '--dry-run'))) as {
      nodes: { port: number; tlsPort: number }[];
    };
    const ports = plan.nodes.flatMap((node) => [node.port, node.tlsPort]);
    assert.equal(new Set(ports).size, 4);
    assert.ok(ports.every((planned) => planned >= port));
  });
});
