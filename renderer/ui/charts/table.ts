import type { Cell, Column } from './model.ts'

/** As a person reads it; a dash where nothing was measured. */
export function writeCell(cell: Cell | undefined, column: Column | undefined): string {
  if (cell === null || cell === undefined) return '–'
  if (typeof cell === 'string') return cell
  return column?.format ? column.format(cell) : String(cell)
}

/**
 * RFC 4180, with numbers in full and nothing where nothing was measured. A cell that a spreadsheet would run as a formula
 * gets an apostrophe before it: names come from skills, and skills from anywhere.
 */
export function writeCsv(columns: readonly Column[], rows: readonly (readonly Cell[])[]): string {
  const write = (cell: Cell): string => {
    if (cell === null) return ''
    if (typeof cell === 'number') return String(cell)
    const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
  }
  return [columns.map(column => column.label), ...rows]
    .map(row => row.map(write).join(','))
    .join('\r\n')
    .concat('\r\n')
}
