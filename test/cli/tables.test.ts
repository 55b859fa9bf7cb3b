import assert from 'node:assert/strict';
import { renderTable, type Column } from '../../src/cli/tables.js';
import { createTheme } from '../../src/cli/theme.js';

const theme = createTheme({ isTTY: false });
const rows = [
  { name: 'acme', keys: 7, note: 'x' },
  { name: '日本', keys: 12_345, note: '' },
];
const columns: readonly Column<(typeof rows)[number]>[] = [
  { title: 'tenant', value: ({ name }) => name },
  { title: 'keys', value: ({ keys }) => String(keys), align: 'right' },
  { title: 'nothing', value: () => '' },
  { title: 'note', value: ({ note }) => note },
];

describe('tables', () => {
  it('line their columns up, and leave out those without a value', async () => {
    const table = await renderTable(rows, columns, theme);
    assert.equal(table, ['tenant   keys  note', 'acme        7  x', '日本    12345'].join('\n'));
  });

  it('of thousands of rows look as short ones do', async () => {
    const short = (await renderTable(rows, columns, theme)).split('\n');
    const long = await renderTable(
      Array.from({ length: 2000 }, (_, index) => rows[index % 2]),
      columns,
      theme,
    );
    const lines = long.split('\n');
    assert.equal(lines.length, 2001);
    assert.deepEqual(lines.slice(0, 3), short);
  });
});
