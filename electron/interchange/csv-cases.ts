import { posix } from 'node:path'
import { keepFiles, layOut, readKeptFiles } from './case-files.ts'
import { type CasesRead, type ImportedCase, Remarks } from './case-forms.ts'
import { readCellAssertion, writeCell } from './csv-tests.ts'
import { columnOf, readTable, writeTable } from './csv-text.ts'
import { readText } from './parse-text.ts'
import { nameFrom } from './skill-creator-cases.ts'
import type { SourceTree } from './source-tree.ts'

const COLUMNS = {
  prompt: ['prompt', 'input', 'question', 'query', 'task'],
  name: ['name', 'title', 'description', 'case'],
  expected: ['expected', 'expected_output', 'answer', 'reference', 'ideal'],
  tags: ['tags', 'labels'],
  weight: ['weight'],
  key: ['id', 'key'],
  files: ['files'],
} as const

/**
 * A table with a row for each case: prompt (or input, question, …), name, expected, tags (separated by line breaks or
 * semicolons), weight, id, and any number of `__expected…` columns with an assertion each.
 */
export function readCsvCases(tree: SourceTree, path: string): CasesRead {
  const decoded = readText(tree, path)
  if (!decoded.ok) return decoded
  const table = readTable(decoded.text)
  if (!table) return { ok: false, message: `“${path}” is no table that can be read.` }
  const { header, rows, problems } = table
  const at = (names: readonly string[]) => columnOf(header, names)
  const columns = {
    prompt: at(COLUMNS.prompt),
    name: at(COLUMNS.name) === -1 ? header.indexOf('__description') : at(COLUMNS.name),
    expected: at(COLUMNS.expected),
    tags: at(COLUMNS.tags),
    weight: at(COLUMNS.weight),
    key: at(COLUMNS.key),
    files: at(COLUMNS.files),
  }
  if (columns.prompt === -1)
    return { ok: false, message: `“${path}” has no column called prompt (or input, question, query, task).` }
  const remarks = new Remarks()
  for (const problem of problems) remarks.add(`${path}: row ${problem.row}`, `${problem.message}.`)
  const used = new Set(Object.values(columns))
  for (const [column, title] of header.entries())
    if (!used.has(column) && !isAssertion(title) && title !== '')
      remarks.add(`${path}: column ${title}`, 'Not understood, so not taken.')
  const cases = rows.flatMap((row, index) => readRow(tree, row, index, columns, header, path, remarks) ?? [])
  return { ok: true, form: 'csv', file: path, cases, remarks: remarks.list }
}

const isAssertion = (title: string): boolean => /^(__expected\d*|assert\d*)$/i.test(title)

function readRow(
  tree: SourceTree,
  row: readonly string[],
  index: number,
  columns: Record<keyof typeof COLUMNS, number>,
  header: readonly string[],
  path: string,
  remarks: Remarks,
): ImportedCase | undefined {
  const where = `${path}: row ${index + 2}`
  if (row.every(cell => cell === '')) return undefined
  const cell = (column: number) => (column === -1 ? '' : (row[column] ?? ''))
  const prompt = cell(columns.prompt)
  if (prompt === '') {
    remarks.add(where, 'It has no prompt, so it was left out.')
    return undefined
  }
  const weight = cell(columns.weight).trim()
  const number = Number(weight)
  const weighs = weight !== '' && Number.isFinite(number) && number >= 0 && number <= 1_000
  if (weight !== '' && !weighs) remarks.add(`${where}, weight`, `“${weight.slice(0, 40)}” is no weight; 1 was taken.`)
  const key = cell(columns.key).trim()
  return {
    key: key === '' ? null : key,
    name: cell(columns.name).trim() || nameFrom(prompt, key || String(index + 1)),
    prompt,
    expectedOutput: cell(columns.expected) || null,
    assertions: header.flatMap((title, column) => {
      if (!isAssertion(title) || cell(column) === '') return []
      const { assertion, remark } = readCellAssertion(cell(column))
      if (remark !== undefined) remarks.add(`${where}, ${title}`, remark)
      return assertion ?? []
    }),
    files: readKeptFiles(tree, filesIn(cell(columns.files)), posix.dirname(path), where, remarks),
    tags: cell(columns.tags)
      .split(cell(columns.tags).includes('\n') ? '\n' : ';')
      .map(tag => tag.trim())
      .filter(tag => tag !== ''),
    weight: weighs ? number : 1,
  }
}

/** One a line, or JSON where a file lies elsewhere than it is called. */
function filesIn(cell: string): unknown[] {
  if (!cell.startsWith('[')) return cell.split('\n').filter(name => name !== '')
  try {
    const list: unknown = JSON.parse(cell)
    return Array.isArray(list) ? list : []
  } catch {
    return [cell]
  }
}

export function writeCsvCases(cases: readonly ImportedCase[]): string {
  const most = cases.reduce((longest, one) => Math.max(longest, one.assertions.length), 1)
  const laidOut = layOut(cases)
  const withFiles = cases.some(one => one.files.length > 0)
  const header = [
    'id',
    'name',
    'prompt',
    'expected',
    'tags',
    'weight',
    ...(withFiles ? ['files'] : []),
    ...Array.from({ length: most }, (_, n) => `__expected${n + 1}`),
  ]
  const rows = cases.map((one, n) => [
    one.key,
    one.name,
    one.prompt,
    one.expectedOutput,
    // A line break at the end says that it is line breaks that separate.
    one.tags.length === 0 ? null : `${one.tags.join('\n')}\n`,
    one.weight,
    ...(withFiles ? [one.files.length === 0 ? null : JSON.stringify(keepFiles(laidOut[n] ?? []))] : []),
    ...Array.from({ length: most }, (_, n) => (one.assertions[n] ? writeCell(one.assertions[n]) : null)),
  ])
  return writeTable(header, rows)
}
