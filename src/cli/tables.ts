/** Tables without borders: a dim head, columns lined up, two blanks between them. */
import { alignColumns } from '../shell/columns.js';
import { displayWidth } from '../shell/display-width.js';
import type { Theme } from './theme.js';

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  readonly align?: 'left' | 'right';
}

const LONG_TABLE_ROWS = 200;

const NO_BORDER = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** The rows as text, without a line feed at the end. A column in which every cell is empty is left out. */
export async function renderTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  theme: Theme,
): Promise<string> {
  const shown = columns.filter((column) => rows.some((row) => column.value(row) !== ''));
  if (rows.length > LONG_TABLE_ROWS) return renderLongTable(rows, shown, theme);
  const { default: Table } = await import('cli-table3');
  const table = new Table({
    chars: NO_BORDER,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
    colAligns: shown.map((column) => column.align ?? 'left'),
    head: shown.map((column) => theme.dim(column.title)),
  });
  for (const row of rows) table.push(shown.map((column) => column.value(row)));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Looks the same: the package takes seconds for 10,000 rows. */
function renderLongTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[], theme: Theme): string {
  const cells = rows.map((row) => columns.map((column) => column.value(row)));
  const aligned = columns.map(({ align, title }, index) => {
    const width = cells.reduce((most, row) => Math.max(most, displayWidth(row[index])), displayWidth(title));
    return (text: string): string => (align === 'right' ? ' '.repeat(width - displayWidth(text)) + text : text);
  });
  const head = columns.map(({ title }, index) => aligned[index](theme.dim(title)));
  return alignColumns([head, ...cells.map((row) => row.map((cell, index) => aligned[index](cell)))], { indent: 0 });
}

/** `name   value` lines, the names dim and padded to one width. */
export function renderFields(fields: readonly (readonly [string, string])[], theme: Theme, indent = '  '): string {
  const width = Math.max(0, ...fields.map(([name]) => name.length));
  return fields.map(([name, value]) => `${indent}${theme.dim(name.padEnd(width))}  ${value}`).join('\n');
}
