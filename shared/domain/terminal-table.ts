import stringWidth from 'string-width'
import { oneLine } from './visible.ts'

/** Columns of a table for a terminal, in which a Chinese character takes two cells and an accent none; the last one as long as it is. */
export function terminalTable(cells: readonly (readonly string[])[]): string[] {
  const rows = cells.map(row => row.map(oneLine))
  const widths = (rows[0] ?? []).map((_, column) =>
    rows.reduce((most, row) => Math.max(most, stringWidth(row[column] ?? '')), 0),
  )
  return rows.map(row =>
    row
      .map((cell, column) => padded(cell, widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

const padded = (cell: string, width: number): string => cell + ' '.repeat(Math.max(0, width - stringWidth(cell)))
