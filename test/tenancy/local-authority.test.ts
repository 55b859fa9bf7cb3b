import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../../src/clock.js';
import { LocalAuthority } from '../../src/tenancy/local-authority.js';
import { TenantRecords } from '../../src/tenancy/records.js';
import { creation, tokenWith } from './records.js';

describe('the tenant registry of a lone node', () => {
  let folder: string;
  let seen: TenantRecords;
  const open = (): Promise<LocalAuthority> =>
    LocalAuthority.open(folder, new ManualClock(), {
      onAll: (state) => {
        seen = new TenantRecords(state);
      },
      onEffect: (effect) => {
        seen.apply(effect);
      },
    });
  const names = (): string[] => seen.state.records.map(({ name }) => name);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rednode-tenants-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('survives a restart, and never gives a database number twice', async () => {
    const first = await open();
    await first.apply(creation('acme'));
    await first.apply({ op: 'drop', name: 'acme' });
    await first.apply(creation('globex'));
    const second = await open();
    assert.deepEqual(names(), ['globex']);
    await second.apply(creation('acme'));
    await open();
    assert.deepEqual(
      seen.state.records.map(({ database }) => database),
      [2, 3],
    );
  });

  it('is kept in files that only their owner can read', async () => {
    const authority = await open();
    await authority.apply(creation('acme'));
    assert.equal((await stat(join(folder, 'tenants.journal'))).mode & 0o777, 0o600);
    await open();
    const file = join(folder, 'tenants.json');
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.match(await readFile(file, 'utf8'), /"acme"/);
  });

  it('writes a line per change, and the file now and then', async () => {
    const authority = await open();
    for (let number = 0; number < 1002; number++) await authority.apply(creation(`t${number}`));
    const lines = (await readFile(join(folder, 'tenants.journal'), 'utf8')).trim().split('\n');
    assert.deepEqual([lines.length, names().length], [2, 1002]);
    await open();
    assert.equal(names().length, 1002);
  }).timeout(60_000);

  it('a line that a crash cut off was never answered, and is not there', async () => {
    const authority = await open();
    await authority.apply(creation('acme'));
    await appendFile(join(folder, 'tenants.journal'), '{"op":"put","record":{"name":"glo');
    await open();
    assert.deepEqual(names(), ['acme']);
  });

  it('reads the tenants of earlier versions, which kept the hashes of tokens alone', async () => {
    const tenants = [{ name: 'acme', database: 3, tokenHashes: ['0123456789abcdef'], createdAtMs: 5 }];
    await writeFile(join(folder, 'tenants.json'), JSON.stringify({ nextDatabase: 4, tenants }));
    await open();
    assert.deepEqual(seen.find('acme'), {
      name: 'acme',
      database: 3,
      tokens: [{ id: '01234567', hash: '0123456789abcdef', createdAtMs: 5 }],
      limits: {},
      createdAtMs: 5,
    });
  });

  it('applies changes one after the other, and goes on after a refused one', async () => {
    const authority = await open();
    const outcomes = await Promise.allSettled([1, 2].map(() => authority.apply(creation('acme'))));
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected'],
    );
    await authority.apply({ op: 'add-token', name: 'acme', token: tokenWith('bb') });
    assert.deepEqual(
      seen.find('acme')?.tokens.map(({ id }) => id),
      ['aa', 'bb'],
    );
  });

  it('a damaged file stops the start with the name of the file', async () => {
    await writeFile(join(folder, 'tenants.json'), '{"nextDatabase": "x"');
    await assert.rejects(open(), /cannot read the tenants from .*tenants\.json: it is damaged/);
    await rm(join(folder, 'tenants.json'));
    await writeFile(join(folder, 'tenants.journal'), '{"op":"nonsense"}\n');
    await assert.rejects(open(), /cannot read the tenants from .*tenants\.journal: it is damaged/);
  });
});
