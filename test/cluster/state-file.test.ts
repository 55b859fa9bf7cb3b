import assert from 'node:assert/strict';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readState, StateFile, stateFilePath } from '../../src/cluster/state-file.js';
import { tenantJournalPath } from '../../src/cluster/cluster-files.js';
import { TenantJournal } from '../../src/tenancy/journal.js';
import type { ClusterState } from '../../src/cluster/state-file.js';
import { RedNodeError } from '../../src/errors.js';
import { recordOf } from '../tenancy/records.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const state: ClusterState = {
  version: 1,
  name: 'test',
  host: '127.0.0.1',
  masters: 1,
  replicasPerMaster: 1,
  epoch: 4,
  members: [
    { name: 'n1', id: 'a'.repeat(40), port: 7379, role: 'master' },
    { name: 'n2', id: 'b'.repeat(40), port: 7380, role: 'replica', masterName: 'n1' },
  ],
  tenants: [recordOf('acme', 1)],
  nextDatabase: 2,
  options: { maxMemoryBytes: 0, logLevel: 'info' },
  controlSocket: 'control.sock',
};

describe('state file', () => {
  it('gives back what was saved, and is for its owner only', async () => {
    await using folder = await temporaryFolder('state');
    await new StateFile(folder.path).save(state);
    assert.deepEqual(await readState(folder.path), state);
    assert.equal(statSync(stateFilePath(folder.path)).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder.path), ['state.json']);
  });

  it('holds the newest state after many saves at once', async () => {
    await using folder = await temporaryFolder('state');
    const file = new StateFile(folder.path);
    await Promise.all(Array.from({ length: 20 }, (_, index) => file.save({ ...state, epoch: index })));
    assert.equal((await readState(folder.path))?.epoch, 19);
  });

  it('holds what the journal of the tenants has beyond it', async () => {
    await using folder = await temporaryFolder('state');
    await new StateFile(folder.path).save(state);
    const journal = new TenantJournal(tenantJournalPath(folder.path), () => Promise.resolve());
    await journal.append({ op: 'put', record: recordOf('globex', 5) }, 1);
    await journal.append({ op: 'remove', database: 1 }, 2);
    const kept = await readState(folder.path);
    assert.deepEqual([kept?.tenants, kept?.nextDatabase], [[recordOf('globex', 5)], 6]);
  });

  it('is undefined where there is none', async () => {
    await using folder = await temporaryFolder('state');
    assert.equal(await readState(folder.path), undefined);
  });

  it('is refused when it is damaged, with the file, the reason and what to do', async () => {
    await using folder = await temporaryFolder('state');
    const damaged = {
      '{"version": 1, "name"': /is damaged: /,
      [JSON.stringify({ ...state, version: 2 })]: /version/,
      [JSON.stringify({ ...state, members: state.members.map((member) => ({ ...member, port: 99_999 })) })]:
        /members\[0\]\.port/,
      [JSON.stringify({ ...state, masters: 3 })]: /it lists 2 nodes/,
    };
    for (const [text, reason] of Object.entries(damaged)) {
      writeFileSync(stateFilePath(folder.path), text);
      await assert.rejects(readState(folder.path), (error) => {
        assert.ok(error instanceof RedNodeError);
        assert.deepEqual([error.code, error.exitCode], ['BAD_STATE_FILE', 6]);
        assert.ok(error.message.includes(stateFilePath(folder.path)));
        assert.match(error.message, reason);
        assert.match(error.hint ?? '', /remove that file/);
        return true;
      });
    }
  });

  it('says so when the folder cannot be written', async () => {
    await using folder = await temporaryFolder('state');
    const missing = new StateFile(join(folder.path, 'missing'));
    await assert.rejects(missing.save(state), (error) => error instanceof RedNodeError && error.code === 'FILE_ERROR');
  });
});
