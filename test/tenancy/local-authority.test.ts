import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../../src/clock.js';
import type { TenantRecord } from '../../src/ipc/messages.js';
import { LocalAuthority } from '../../src/tenancy/local-authority.js';

describe('the tenant registry of a lone node', () => {
  let folder: string;
  let seen: readonly TenantRecord[];
  const open = (): Promise<LocalAuthority> =>
    LocalAuthority.open(folder, new ManualClock(), (records) => {
      seen = records;
    });
  const names = (): string[] => seen.map(({ name }) => name);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rednode-tenants-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('survives a restart, and never gives a database number twice', async () => {
    const first = await open();
    await first.apply({ op: 'create', name: 'acme', tokenHash: 'aa' });
    await first.apply({ op: 'drop', name: 'acme' });
    await first.apply({ op: 'create', name: 'globex', tokenHash: 'bb' });
    const second = await open();
    assert.deepEqual(names(), ['globex']);
    await second.apply({ op: 'create', name: 'acme', tokenHash: 'aa' });
    assert.deepEqual(
      seen.map(({ database }) => database),
      [2, 3],
    );
  });

  it('is kept in a file that only its owner can read, without the tokens', async () => {
    const authority = await open();
    await authority.apply({ op: 'create', name: 'acme', tokenHash: 'aa' });
    const file = join(folder, 'tenants.json');
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.doesNotMatch(await readFile(file, 'utf8'), /rn_/);
  });

  it('applies changes one after the other, and goes on after a refused one', async () => {
    const authority = await open();
    const twice = [1, 2].map(() => authority.apply({ op: 'create', name: 'acme', tokenHash: 'aa' }));
    const outcomes = await Promise.allSettled(twice);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected'],
    );
    await authority.apply({ op: 'create', name: 'globex', tokenHash: 'bb' });
    assert.deepEqual(names(), ['acme', 'globex']);
  });

  it('a damaged file stops the start with the name of the file', async () => {
    await writeFile(join(folder, 'tenants.json'), '{"nextDatabase": "x"');
    await assert.rejects(open(), /cannot read the tenants from .*tenants\.json: it is damaged/);
  });
});
