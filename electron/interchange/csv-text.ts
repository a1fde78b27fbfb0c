import Papa from 'papaparse'

export type Table = { header: string[]; rows: string[][]; problems: { row: number; message: string }[] }

/** More rows than a person ever looks at. */
const MOST_ROWS = 100_000

/**
 * RFC 4180, with the separator told from the text (comma, semicolon, tab). Rows without a single value are passed over; row
 * numbers count from 2, as a spreadsheet shows them, where no cell has line breaks.
 */
export function readTable(text: string): Table | undefined {
  const parsed = Papa.parse<string[]>(text, { skipEmptyLines: false, delimiter: delimiterOf(text) })
  const [header, ...rows] = parsed.data
  if (header === undefined || rows.length > MOST_ROWS) return undefined
  const problems = parsed.errors.flatMap(error =>
    error.type === 'Quotes' ? [{ row: (error.row ?? 0) + 1, message: error.message }] : [],
  )
  return { header: header.map(name => name.trim()), rows, problems }
}

/** Told by the header: a cell below may hold any of them. */
function delimiterOf(text: string): string {
  const header = (text.split('\n', 1)[0] ?? '').replace(/"[^"]*"/g, '')
  const counted = [',', ';', '\t'].map(mark => ({ mark, times: header.split(mark).length }))
  return counted.reduce((most, one) => (one.times > most.times ? one : most)).mark
}

/** Quoted where need be, with LF between rows; `null` is an empty cell. */
export const writeTable = (header: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string =>
  `${Papa.unparse({ fields: [...header], data: rows.map(row => [...row]) }, { newline: '\n', quotes: false })}\n`

/** A column by any of its names, whatever their case, spaces and underscores. */
export function columnOf(header: readonly string[], names: readonly string[]): number {
  const plain = (name: string) => name.toLowerCase().replace(/[\s_-]+/g, '')
  const wanted = names.map(plain)
  return header.findIndex(name => wanted.includes(plain(name)) && !name.startsWith('__'))
}
