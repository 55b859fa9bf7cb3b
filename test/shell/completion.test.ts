import assert from 'node:assert/strict';
import { commandTable } from '../../src/command-table/index.js';
import { complete, type CompletionSources } from '../../src/shell/completion.js';

const sources: CompletionSources = {
  table: commandTable,
  tenants: () => Promise.resolve(['acme', 'Alpha', 'default']),
};
const candidates = async (line: string): Promise<readonly string[]> => (await complete(line, sources)).candidates;

describe('completion', () => {
  it('completes the name of a command in the case that is typed', async () => {
    assert.deepEqual(await candidates('strl'), ['strlen ']);
    assert.deepEqual(await candidates('STRL'), ['STRLEN ']);
    assert.deepEqual(await candidates('mge'), ['mget ']);
  });

  it('offers the words of the shell beside the commands', async () => {
    assert.deepEqual(await candidates('expl'), ['explain ']);
    assert.deepEqual(await candidates(':st'), [':stats ']);
    assert.ok((await candidates('e')).includes('exists'));
    assert.ok((await candidates('e')).includes('exit'));
  });

  it('offers everything for an empty line', async () => {
    assert.equal((await candidates('')).filter((name) => name === 'get' || name === 'explain').length, 2);
  });

  it('completes subcommands', async () => {
    assert.deepEqual(await candidates('tenant cr'), ['create ']);
    assert.deepEqual(await candidates('CLUSTER KEYS'), ['KEYSLOT ']);
  });

  it('offers the options of a command, and none that excludes one already given', async () => {
    const all = await candidates('SET k v ');
    assert.ok(all.includes('NX') && all.includes('XX') && all.includes('EX'));
    const afterNx = await candidates('SET k v NX ');
    assert.ok(!afterNx.includes('NX') && !afterNx.includes('XX') && afterNx.includes('EX'));
    assert.deepEqual((await complete('set k v ex 10 k', sources)).candidates, []);
  });

  it('offers nothing where a value is expected', async () => {
    assert.deepEqual(await candidates('set '), []);
    assert.deepEqual(await candidates('set k v ex '), []);
    assert.deepEqual(await candidates('get k '), []);
  });

  it('offers the names of tenants after use, in their own case', async () => {
    assert.deepEqual(await candidates('use '), ['Alpha', 'acme', 'default']);
    assert.deepEqual(await candidates('USE AL'), ['Alpha ']);
    assert.deepEqual(await candidates('tenant drop ac'), ['acme ']);
    assert.deepEqual(await candidates('tenant create '), []);
  });

  it('completes the command that is to be explained', async () => {
    assert.deepEqual(await candidates('explain strl'), ['strlen ']);
    assert.ok((await candidates('explain SET k v ')).includes('NX'));
    assert.deepEqual(await candidates('help cluster keys'), ['keyslot ']);
  });

  it('offers nothing for words that are no command, nor inside quotes', async () => {
    assert.deepEqual(await candidates('nonsense '), []);
    assert.deepEqual(await candidates('set "k'), []);
    assert.deepEqual(await candidates('"strl"'), []);
  });
});
