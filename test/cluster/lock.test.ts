import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isProcessAlive, lockOwnerOf, takeLock } from '../../src/cluster/lock.js';
import type { Lock } from '../../src/cluster/lock.js';
import { eventually } from '../support/eventually.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const answers = (): Promise<boolean> => Promise.resolve(true);
const isSilent = (): Promise<boolean> => Promise.resolve(false);

/** The pid of a process that has just ended. */
function deadPid(): number {
  const { pid } = spawnSync(process.execPath, ['--version']);
  assert.equal(isProcessAlive(pid), false);
  return pid;
}

describe('cluster lock', () => {
  it('is held by one only, who is named to the others', async () => {
    await using folder = await temporaryFolder('lock');
    const path = join(folder.path, 'lock');
    const lock = await takeLock(path, answers);
    await assert.rejects(takeLock(path, answers), (error) => lockOwnerOf(error) === process.pid);
    await lock.release();
    assert.equal(existsSync(path), false);
    const again = await takeLock(path, answers);
    assert.equal(again.tookOver, false);
  });

  it('of a dead process is taken over, and nothing is left of the takeover', async () => {
    await using folder = await temporaryFolder('lock');
    const path = join(folder.path, 'lock');
    writeFileSync(path, JSON.stringify({ pid: deadPid(), nonce: 'old' }));
    const lock = await takeLock(path, answers);
    assert.equal(lock.tookOver, true);
    assert.deepEqual(readdirSync(folder.path), ['lock']);
  });

  it('of a dead process is taken over although its parent has not taken notice of the death', async function () {
    if (process.platform !== 'linux') this.skip();
    await using folder = await temporaryFolder('lock');
    const path = join(folder.path, 'lock');
    // The child ends when its parent has become `sleep`, which never asks for an exit code.
    const script = 'until grep -qx sleep /proc/$$/comm; do :; done & echo $!; exec sleep 60';
    const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [line] = (await once(parent.stdout, 'data')) as [Buffer];
      const pid = Number(line.toString());
      await eventually(() => !isProcessAlive(pid));
      process.kill(pid, 0);
      writeFileSync(path, JSON.stringify({ pid, nonce: 'old' }));
      assert.equal((await takeLock(path, isSilent)).tookOver, true);
    } finally {
      parent.kill('SIGKILL');
    }
  });

  it('of a dead process goes to exactly one of many that want it', async () => {
    await using folder = await temporaryFolder('lock');
    const path = join(folder.path, 'lock');
    for (let round = 0; round < 20; round++) {
      writeFileSync(path, JSON.stringify({ pid: deadPid(), nonce: `old-${round}` }));
      const attempts = await Promise.allSettled(Array.from({ length: 8 }, () => takeLock(path, answers)));
      const locks = attempts.filter(
        (attempt): attempt is PromiseFulfilledResult<Lock> => attempt.status === 'fulfilled',
      );
      assert.equal(locks.length, 1);
      await locks[0].value.release();
    }
  });

  it('is honoured for a moment when its owner lives and does not answer yet, and no longer', async () => {
    await using folder = await temporaryFolder('lock');
    const path = join(folder.path, 'lock');
    writeFileSync(path, JSON.stringify({ pid: process.ppid, nonce: 'other' }));
    await assert.rejects(takeLock(path, isSilent), (error) => lockOwnerOf(error) === process.ppid);
    const aMinuteAgo = new Date(Date.now() - 60_000);
    utimesSync(path, aMinuteAgo, aMinuteAgo);
    assert.equal((await takeLock(path, isSilent)).tookOver, true);
  });

  it('that was never filled is taken over', async () => {
    await using folder = await temporaryFolder('lock');
    const path = join(folder.path, 'lock');
    writeFileSync(path, '');
    assert.equal((await takeLock(path, answers)).tookOver, true);
  });
});
