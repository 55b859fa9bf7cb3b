import assert from 'node:assert/strict';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ClusterStatus, NodeActionResult } from '../../src/cluster/types.js';
import { eventually } from '../support/eventually.js';
import { freePortBlock } from '../support/free-port.js';
import { jsonErrorOf, Rednode } from './rednode.js';

const SLOT_COUNT = 16_384;

describe('a cluster in the background', function () {
  this.timeout(60_000);
  let rednode: Rednode;
  let port: number;

  const status = async (): Promise<ClusterStatus> => (await rednode.json(['cluster', 'status'])) as ClusterStatus;

  before(async () => {
    rednode = await Rednode.create('cluster');
    port = await freePortBlock(6);
    const { exitCode, stdout, stderr } = await rednode.run(['cluster', 'up', '--port', String(port), '--detach']);
    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, /data: in memory/);
    assert.match(stderr, /replication .*3 of 3/);
    assert.match(stdout, /ready in \d/);
    assert.match(stdout, new RegExp(`redis-cli -c -p ${port}`));
  });

  after(async () => {
    await rednode.dispose();
  });

  it('is ready when every slot has a master and every replica is in sync', async () => {
    const { state, slotsServed, nodes } = await status();
    assert.equal(state, 'ready');
    assert.equal(slotsServed, SLOT_COUNT);
    assert.deepEqual(
      nodes.map(({ name, role, health }) => `${name} ${role} ${health}`),
      [
        'n1 master online',
        'n2 master online',
        'n3 master online',
        'n4 replica online',
        'n5 replica online',
        'n6 replica online',
      ],
    );
  });

  it('is listed with its ports', async () => {
    const [entry] = (await rednode.json(['cluster', 'ls'])) as { name: string; state: string; firstPort: number }[];
    assert.deepEqual([entry.name, entry.state, entry.firstPort], ['default', 'running', port]);
    assert.match(await rednode.ok(['cluster', 'ls']), /default +running +3 masters \+ 3 replicas/);
  });

  it('keeps its files to its owner', async () => {
    const folder = path.join(rednode.home, 'clusters', 'default');
    for (const file of await readdir(folder)) {
      const { mode } = await stat(path.join(folder, file));
      assert.equal(mode & 0o077, 0, `${file} is ${(mode & 0o777).toString(8)}`);
    }
  });

  it('status is a table within 80 columns', async () => {
    const text = await rednode.ok(['cluster', 'status']);
    assert.match(text, /^cluster default {3}ready {3}all slots served/);
    for (const line of text.split('\n')) assert.ok(line.length <= 80, line);
  });

  it('status --watch prints again and again, and ends on Ctrl-C', async () => {
    const watching = rednode.start(['cluster', 'status', '--watch', '--json']);
    const [, first, second] = await watching.seen('stdout', /^(\{.*\})\n(\{.*\})\n/);
    for (const line of [first, second]) assert.equal((JSON.parse(line) as ClusterStatus).name, 'default');
    watching.kill('SIGINT');
    assert.equal((await watching.finished).exitCode, 130);
  });

  for (const [signal, exitCode] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`what is followed ends with ${exitCode} on ${signal}`, async () => {
      const logs = rednode.start(['cluster', 'logs', '--follow', 'n1', '--json']);
      await logs.seen('stdout', /listening/);
      const messages = rednode.start(['subscribe', 'news']);
      await messages.seen('stderr', /subscribed to news/);
      const status = rednode.start(['cluster', 'status', '--watch']);
      await status.seen('stdout', /cluster default/);
      for (const program of [logs, messages, status]) {
        program.kill(signal);
        assert.equal((await program.finished).exitCode, exitCode);
      }
    });
  }

  it('ring shows a bar for each master, and adds up to all slots as JSON', async () => {
    const text = await rednode.ok(['cluster', 'ring']);
    assert.equal(text.split('\n').filter((line) => /\d slots +\d/.test(line)).length, 3);
    const entries = (await rednode.json(['cluster', 'ring'])) as { slotCount: number }[];
    assert.equal(
      entries.reduce((sum, entry) => sum + entry.slotCount, 0),
      SLOT_COUNT,
    );
  });

  it('logs shows the lines of one node, or of all with their names', async () => {
    const one = await rednode.ok(['cluster', 'logs', 'n1']);
    assert.notEqual(one, '');
    assert.match(await rednode.ok(['cluster', 'logs']), /^n\d /m);
    assert.equal((await rednode.run(['cluster', 'logs', 'n9'])).exitCode, 3);
  });

  it('a second launcher of the same name is refused', async () => {
    const second = await rednode.run(['cluster', 'up', '--json']);
    assert.equal(second.exitCode, 4);
    assert.equal(second.stdout, '');
    assert.equal(jsonErrorOf(second).exitCode, 4);
  });

  it('a taken port that was asked for is an error, and leaves nothing behind', async () => {
    const result = await rednode.run([
      'cluster',
      'up',
      'other',
      '--port',
      String(port),
      '--masters',
      '1',
      '--replicas',
      '0',
      '-d',
    ]);
    assert.equal(result.exitCode, 4);
    assert.match(result.stderr, new RegExp(`port ${port} is in use`));
    const entries = (await rednode.json(['cluster', 'ls'])) as { name: string }[];
    assert.deepEqual(
      entries.map((entry) => entry.name),
      ['default'],
    );
  });

  it('a killed master is replaced by its replica and comes back as one', async () => {
    await rednode.ok(['set', 'kept', 'value']);
    const text = await rednode.ok(['cluster', 'kill', 'n2']);
    assert.match(text, /^n2 killed \(pid \d+\)\nn5 promoted after .*\nn2 back as replica of n5 after /);
    await eventually(async () => (await status()).state === 'ready', { timeoutMs: 20_000 });
    const roles = new Map((await status()).nodes.map((node) => [node.name, node.role]));
    assert.equal(roles.get('n5'), 'master');
    assert.equal(roles.get('n2'), 'replica');
    assert.equal(await rednode.ok(['get', 'kept']), 'value');
  });

  it('a restarted node is back with another process', async () => {
    const before = (await status()).nodes.find((node) => node.name === 'n6')?.pid;
    const result = (await rednode.json(['cluster', 'restart', 'n6'])) as NodeActionResult;
    assert.equal(result.node, 'n6');
    assert.equal(result.pid, before);
    await eventually(async () => (await status()).state === 'ready', { timeoutMs: 20_000 });
    assert.notEqual((await status()).nodes.find((node) => node.name === 'n6')?.pid, before);
  });

  it('a node that does not exist cannot be killed', async () => {
    const result = await rednode.run(['cluster', 'kill', 'n9']);
    assert.notEqual(result.exitCode, 0);
    assert.match(result.stderr, /n9/);
  });

  it('purging needs --yes where nobody can be asked', async () => {
    const refused = await rednode.run(['cluster', 'down', '--purge']);
    assert.equal(refused.exitCode, 2);
    assert.match(refused.stderr, /--yes/);
    assert.equal((await status()).state, 'ready');
  });

  it('down stops it, and the processes are gone; a kept cluster starts again with its ports', async () => {
    const pids = (await status()).nodes.flatMap((node) => (node.pid === undefined ? [] : [node.pid]));
    assert.match(await rednode.ok(['cluster', 'down']), /^default stopped in /);
    for (const pid of pids) assert.throws(() => process.kill(pid, 0), /ESRCH/);
    assert.equal((await rednode.run(['cluster', 'status'])).exitCode, 3);
    const again = (await rednode.json(['cluster', 'up', '-d'])) as ClusterStatus;
    assert.equal(again.nodes[0].port, port);
    await rednode.ok(['cluster', 'down', '--purge', '--yes']);
    assert.deepEqual(await rednode.json(['cluster', 'ls']), []);
  });
});
