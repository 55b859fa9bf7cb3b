/** Tables without borders: a dim head, columns lined up, two blanks between them. */
import type { Theme } from './theme.js';

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  readonly align?: 'left' | 'right';
}

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
  const { default: Table } = await import('cli-table3');
  const shown = columns.filter((column) => rows.some((row) => column.value(row) !== ''));
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

/** `name   value` lines, the names dim and padded to one width. */
export function renderFields(fields: readonly (readonly [string, string])[], theme: Theme, indent = '  '): string {
  const width = Math.max(0, ...fields.map(([name]) => name.length));
  return fields.map(([name, value]) => `${indent}${theme.dim(name.padEnd(width))}  ${value}`).join('\n');
}
