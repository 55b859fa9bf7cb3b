import assert from 'node:assert/strict';
import type { ClusterStatus } from '../../src/cluster/types.js';
import { freePortBlock } from '../support/free-port.js';
import { Rednode } from './rednode.js';

const SMALL = ['--masters', '1', '--replicas', '0'];

describe('several clusters side by side', function () {
  this.timeout(60_000);
  let rednode: Rednode;

  before(async () => {
    rednode = await Rednode.create('several');
    for (const name of ['left', 'right']) {
      await rednode.ok(['cluster', 'up', name, ...SMALL, '--port', String(await freePortBlock(6)), '-d']);
    }
  });

  after(async () => {
    await rednode.dispose();
  });

  it('hold keys of their own', async () => {
    await rednode.ok(['set', 'side', 'l', '--cluster', 'left']);
    await rednode.ok(['set', 'side', 'r', '--cluster', 'right']);
    assert.equal(await rednode.ok(['get', 'side', '--cluster', 'left']), 'l');
    assert.equal(await rednode.ok(['get', 'side', '--cluster', 'right']), 'r');
  });

  const undecided: readonly (readonly [args: readonly string[], suggested: string])[] = [
    [['get', 'side'], 'rednode get --cluster left side'],
    [['exec', 'GET', 'side'], 'rednode exec --cluster left GET side'],
    [['cluster', 'status'], 'rednode cluster status --cluster left'],
    [['cluster', 'down'], 'rednode cluster down --cluster left'],
    [['cluster', 'logs'], 'rednode cluster logs --cluster left'],
    [['cluster', 'kill', 'n1'], 'rednode cluster kill --cluster left n1'],
  ];
  for (const [args, suggested] of undecided) {
    it(`${args.join(' ')} without a name lists them, and says what to type`, async () => {
      const result = await rednode.run(args);
      assert.equal(result.exitCode, 2);
      assert.equal(result.stderr, `error: several clusters are running: left, right\n  try  ${suggested}`);
    });
  }

  for (const command of ['status', 'ring']) {
    it(`cluster ${command} takes the name as its argument and as --cluster, but not two names`, async () => {
      assert.match(await rednode.ok(['cluster', command, 'right']), /cluster right/);
      assert.match(await rednode.ok(['cluster', command, '-c', 'right']), /cluster right/);
      const both = await rednode.run(['cluster', command, 'left', '--cluster', 'right']);
      assert.equal(both.exitCode, 2);
      assert.match(both.stderr, /name two clusters/);
    });
  }

  it('a name that nobody has is told', async () => {
    const result = await rednode.run(['cluster', 'status', 'middle']);
    assert.equal(result.exitCode, 3);
    assert.match(result.stderr, /middle/);
  });

  it('a cluster in the foreground says what to do next, and stops on Ctrl-C with 0', async () => {
    const program = rednode.start(['cluster', 'up', 'front', ...SMALL, '--port', String(await freePortBlock(6))]);
    await program.seen('stdout', /rednode shell --cluster front[^]*Ctrl-C stops the cluster/);
    program.kill('SIGINT');
    assert.equal((await program.finished).exitCode, 0);
    assert.equal((await rednode.run(['cluster', 'status', 'front'])).exitCode, 3);
  });

  it('--dry-run shows the plan and starts nothing', async () => {
    const text = await rednode.ok(['cluster', 'up', '--cluster', 'dry', '--dry-run']);
    assert.match(text, /n1 .*master/);
    assert.match(text, /n6 .*n3/);
    const names = ((await rednode.json(['cluster', 'ls'])) as { name: string }[]).map((entry) => entry.name);
    assert.ok(!names.includes('dry'));
  });

  it('an ephemeral cluster leaves nothing behind', async () => {
    const port = String(await freePortBlock(6));
    const { ephemeral } = (await rednode.json([
      'cluster',
      'up',
      'brief',
      ...SMALL,
      '--port',
      port,
      '--ephemeral',
      '-d',
    ])) as ClusterStatus;
    assert.equal(ephemeral, true);
    await rednode.ok(['cluster', 'down', 'brief']);
    const names = ((await rednode.json(['cluster', 'ls'])) as { name: string }[]).map((entry) => entry.name);
    assert.ok(!names.includes('brief'));
  });

  it('down --all stops them all', async () => {
    await rednode.ok(['cluster', 'down', '--all']);
    const states = ((await rednode.json(['cluster', 'ls'])) as { state: string }[]).map((entry) => entry.state);
    assert.ok(states.every((state) => state === 'stopped'));
  });
});
