/** Output limits of replicas: one that does not take the log is given up, and counted. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { defaultOutputLimits, type OutputLimit } from '../../src/config/output-limits.js';
import { ConnectionWatch } from '../../src/server/connection-watch.js';
import type { RunningServer } from '../../src/server/server.js';
import { socketPair } from '../replication/duplex-pairs.js';
import { frameOf } from '../support/command-words.js';
import { eventually } from '../support/eventually.js';
import { ask, TestServers, untilEven } from './linked-servers.js';

const MIB = 1024 * 1024;

describe('a replica that does not take the log', function () {
  this.timeout(30_000);
  const servers = new TestServers();
  let aheadMs = 0;
  const clock = { now: () => Date.now() + aheadMs };

  afterEach(() => servers.stop());

  async function start(replica: OutputLimit): Promise<{ master: RunningServer; far: Socket; replica: RunningServer }> {
    aheadMs = 0;
    const outputLimits = { ...defaultOutputLimits, replica };
    const master = await servers.start({ clock, outputLimits, backlogBytes: MIB });
    const follower = await servers.start();
    const [near, far] = await socketPair();
    master.instance.replication.serve('replica', near);
    follower.instance.replication.follow('master', far);
    await eventually(() => follower.instance.replication.isInSync);
    return { master, far, replica: follower };
  }

  /** More than the system takes in the place of the replica. */
  async function write(master: RunningServer): Promise<void> {
    const writer = await servers.connect(master);
    for (let count = 0; count < 48; count++) writer.send(frameOf(['SET', 'large', Buffer.alloc(MIB)]));
    await writer.replies(48);
  }

  async function disconnections(master: RunningServer): Promise<string> {
    const [info] = await ask(await servers.connect(master), 'INFO stats');
    return /client_output_buffer_limit_disconnections:(\d+)/.exec(info)?.[1] ?? '';
  }

  it('stays as long as its soft limit allows, and goes then', async () => {
    const { master, far } = await start({ hardBytes: 0, softBytes: 4 * MIB, softMs: 10_000 });
    const watch = new ConnectionWatch(master.instance);
    const { replication } = master.instance;
    far.pause();
    await write(master);
    watch.sweep();
    aheadMs += 9_000;
    watch.sweep();
    assert.equal(replication.replicas.length, 1);
    aheadMs += 2_000;
    watch.sweep();
    assert.equal(replication.replicas.length, 0);
    assert.equal(await disconnections(master), '1');
  });

  it('stays when it catches up in time, and has its time anew', async () => {
    const { master, far, replica } = await start({ hardBytes: 0, softBytes: 4 * MIB, softMs: 10_000 });
    const watch = new ConnectionWatch(master.instance);
    for (let round = 0; round < 2; round++) {
      far.pause();
      await write(master);
      watch.sweep();
      aheadMs += 9_000;
      far.resume();
      await untilEven(master, replica);
      watch.sweep();
    }
    assert.equal(master.instance.replication.replicas.length, 1);
    assert.equal(await disconnections(master), '0');
  });

  it('goes at once above its hard limit', async () => {
    const { master, far } = await start({ hardBytes: 8 * MIB, softBytes: 0, softMs: 0 });
    far.pause();
    await write(master);
    assert.equal(master.instance.replication.replicas.length, 0);
    assert.equal(await disconnections(master), '1');
  });
});
