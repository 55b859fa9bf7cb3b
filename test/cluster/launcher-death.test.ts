import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isProcessAlive } from '../../src/cluster/lock.js';
import { readState } from '../../src/cluster/state-file.js';
import type { ClusterOptions } from '../../src/cluster/types.js';
import { eventually } from '../support/eventually.js';
import { freePortBlock } from '../support/free-port.js';
import { FakeClusters, fakeNodeEntry } from './fake-cluster.js';

const program = fileURLToPath(new URL('launcher-process.ts', import.meta.url));
const START_TIMEOUT_MS = 40_000;

/** Starts a launcher in its own process; resolves with it and the pids of its nodes. */
async function startElsewhere(options: ClusterOptions): Promise<{ launcher: ChildProcess; pids: number[] }> {
  const words = ['--import', 'tsx', program, JSON.stringify(options), fakeNodeEntry];
  const launcher = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(launcher.stdout, 'data', { signal: AbortSignal.timeout(START_TIMEOUT_MS) })) as [Buffer];
  return { launcher, pids: JSON.parse(line.toString()) as number[] };
}

async function end(launcher: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const exited = once(launcher, 'exit', { signal: AbortSignal.timeout(START_TIMEOUT_MS) });
  launcher.kill(signal);
  const [code] = (await exited) as [number | null];
  return code;
}

describe('death of the launcher', function () {
  this.timeout(120_000);
  this.slow(30_000);

  it('by SIGKILL ends its nodes too, and the next start takes over name, ports and identity', async () => {
    await using clusters = await FakeClusters.create();
    const options = clusters.options({ port: await freePortBlock(6) });
    const { launcher, pids } = await startElsewhere(options);
    assert.equal(pids.length, 4);
    await end(launcher, 'SIGKILL');
    await eventually(() => !pids.some(isProcessAlive), { timeoutMs: 20_000 });
    const before = await readState(options.directory);
    await clusters.start({ port: options.port });
    const after = await readState(options.directory);
    assert.deepEqual(
      after?.members.map(({ id, port }) => [id, port]),
      before?.members.map(({ id, port }) => [id, port]),
    );
  });

  it('by SIGINT or SIGTERM is a proper stop: no process is left, and the state is kept', async () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      await using clusters = await FakeClusters.create();
      const options = clusters.options({ port: await freePortBlock(6) });
      const { launcher, pids } = await startElsewhere(options);
      assert.equal(await end(launcher, signal), 0);
      assert.deepEqual(pids.filter(isProcessAlive), []);
      assert.equal((await readState(options.directory))?.members.length, 4);
    }
  });
});
