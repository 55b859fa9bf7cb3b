/** Rows of text in aligned columns. */
import { displayWidth, padToWidth } from './display-width.js';
import { hangingIndent } from './wrap-words.js';

const COLUMN_GAP = 2;
/** Where the last cell would have less room, it stands below its row. */
const LAST_CELL_COLUMNS_MIN = 24;

export interface ColumnLayout {
  readonly indent: number;
  /** Columns of the terminal: the last cell of a row is wrapped to them. Unlimited unless given. */
  readonly columns?: number;
}

/** Each row's cells padded to the widest of their column; the last cell of a row is not padded. Cells may carry colour. */
export function alignColumns(rows: readonly (readonly string[])[], layout: ColumnLayout): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, displayWidth(cell));
    });
  }
  return rows
    .map((row) => {
      const padded = row.slice(0, -1).map((cell, column) => padToWidth(cell, widths[column] + COLUMN_GAP));
      return withLastCell(' '.repeat(layout.indent) + padded.join(''), row.at(-1) ?? '', layout).trimEnd();
    })
    .join('\n');
}

function withLastCell(head: string, cell: string, { indent, columns = Infinity }: ColumnLayout): string {
  const room = columns - displayWidth(head);
  if (displayWidth(cell) <= room || room >= LAST_CELL_COLUMNS_MIN) return hangingIndent(head, cell, columns);
  return `${head.trimEnd()}\n${hangingIndent(' '.repeat(indent + COLUMN_GAP), cell, columns)}`;
}
