/** Rows of text in aligned columns. */
import { displayWidth, padToWidth } from './display-width.js';

const COLUMN_GAP = 2;

/** Each row's cells padded to the widest of their column; the last cell of a row is not padded. Cells may carry colour. */
export function alignColumns(rows: readonly (readonly string[])[], indent = 0): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, displayWidth(cell));
    });
  }
  return rows
    .map((row) => {
      const cells = row.map((cell, column) =>
        column === row.length - 1 ? cell : padToWidth(cell, widths[column] + COLUMN_GAP),
      );
      return (' '.repeat(indent) + cells.join('')).trimEnd();
    })
    .join('\n');
}
