import Papa from 'papaparse'

export type Table = { header: string[]; rows: string[][]; problems: { row: number; message: string }[] }

/** More rows than a person ever looks at, and more columns than any form has. */
export const TABLE_LIMITS = { rows: 100_000, columns: 600, cells: 1_000_000 } as const

/**
 * A spreadsheet runs a cell that begins so. An apostrophe before it makes it text there, and is taken off again when it is read; one
 * that stood there already gets another.
 */
const RUN = /^'*[=+\-@\t\r]/
const asText = (cell: string): string => (RUN.test(cell) ? `'${cell}` : cell)
const asWritten = (cell: string): string => (cell.startsWith("'") && RUN.test(cell) ? cell.slice(1) : cell)

/**
 * RFC 4180, with the separator told from the text (comma, semicolon, tab). Rows without a single value are passed over; row
 * numbers count from 2, as a spreadsheet shows them, where no cell has line breaks. Undefined beyond the limits.
 */
export function readTable(text: string): Table | undefined {
  const delimiter = delimiterOf(text)
  if (holdsMore(text, [delimiter, '\n', '\r'], TABLE_LIMITS.cells)) return undefined
  const parsed = Papa.parse<string[]>(text, { skipEmptyLines: false, delimiter, preview: TABLE_LIMITS.rows + 2 })
  const [header, ...rows] = parsed.data.map(row => row.map(asWritten))
  if (header === undefined || rows.length > TABLE_LIMITS.rows || header.length > TABLE_LIMITS.columns) return undefined
  const problems = parsed.errors.flatMap(error =>
    error.type === 'Quotes' ? [{ row: (error.row ?? 0) + 1, message: error.message }] : [],
  )
  return { header: header.map(name => name.trim()), rows, problems }
}

/** Whether these characters occur more often than that. */
function holdsMore(text: string, marks: readonly string[], most: number): boolean {
  let found = 0
  for (const mark of marks)
    for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at + 1)) if (++found > most) return true
  return false
}

/** Told by the header: a cell below may hold any of them. */
function delimiterOf(text: string): string {
  const header = (text.split('\n', 1)[0] ?? '').replace(/"[^"]*"/g, '')
  const counted = [',', ';', '\t'].map(mark => ({ mark, times: header.split(mark).length }))
  return counted.reduce((most, one) => (one.times > most.times ? one : most)).mark
}

/** Quoted where need be, with LF between rows; `null` is an empty cell. Numbers are numbers, and no text is a formula. */
export function writeTable(header: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  const data = rows.map(row => row.map(cell => (typeof cell === 'string' ? asText(cell) : cell)))
  return `${Papa.unparse({ fields: header.map(asText), data }, { newline: '\n', quotes: false })}\n`
}

/** A column by any of its names, whatever their case, spaces and underscores. */
export function columnOf(header: readonly string[], names: readonly string[]): number {
  const plain = (name: string) => name.toLowerCase().replace(/[\s_-]+/g, '')
  const wanted = names.map(plain)
  return header.findIndex(name => wanted.includes(plain(name)) && !name.startsWith('__'))
}
