import { type Assertion, assertion } from '../../shared/domain/benchmark/assertion.ts'
import type { Remarks } from './case-forms.ts'
import { readTable } from './csv-text.ts'
import { readPromptfooAssertion, writePromptfooAssertion } from './promptfoo-assertions.ts'
import type { Test } from './promptfoo-config.ts'

/** Our own exact form in a cell: nothing of promptfoo's begins so. */
const EXACT = 'assert:'
const NAMED =
  /^(not-)?(equals|i?contains-any|i?contains-all|i?contains|contains-json|is-json|regex|similar|starts-with|llm-rubric|word-count|latency|cost|[a-z]+(?:-[a-z]+)+)(?:\((\d+(?:\.\d+)?)\))?(?::([\s\S]*))?$/

/** promptfoo's short form in a cell (`icontains:hello`, `similar(0.8):hi`, `latency(500)`); plain text is `equals`. */
export function readCell(cell: string): unknown {
  const script = /^(?:javascript|fn|eval):([\s\S]*)$/.exec(cell)?.[1]
  if (script !== undefined) return { type: 'javascript', value: script }
  const graded = /^grade:([\s\S]*)$/.exec(cell)?.[1]
  if (graded !== undefined) return { type: 'llm-rubric', value: graded }
  const [, not = '', type, threshold, value] = NAMED.exec(cell) ?? []
  const bare = type === 'is-json' || type === 'contains-json' || threshold !== undefined
  if (type === undefined || (value === undefined && !bare)) return { type: 'equals', value: cell }
  return {
    type: `${not}${type}`,
    ...(value !== undefined && value !== '' && { value }),
    ...(threshold !== undefined && { threshold: Number(threshold) }),
  }
}

/** An assertion from a cell of a case file, with a remark where it is not graded here. */
export function readCellAssertion(cell: string): { assertion?: Assertion; remark?: string } {
  if (cell.startsWith(EXACT)) {
    const exact = assertion.safeParse(parsed(cell.slice(EXACT.length)))
    return exact.success ? { assertion: exact.data } : { remark: 'Not an assertion, so not taken.' }
  }
  return readPromptfooAssertion(readCell(cell), { render: text => text, load: () => undefined })
}

/** The short form where it says everything, the exact one elsewhere. */
export function writeCell(one: Assertion): string {
  const { type, value, threshold } = writePromptfooAssertion(one)
  const short = `${type}${threshold === undefined ? '' : `(${threshold})`}${typeof value === 'string' ? `:${value}` : ''}`
  const back = one.type === 'unsupported' || one.weight !== undefined ? undefined : readCellAssertion(short).assertion
  return back !== undefined && JSON.stringify(back) === JSON.stringify(one) ? short : `${EXACT}${JSON.stringify(one)}`
}

/** promptfoo's tests as a table: columns are variables, but for those that begin with two underscores. */
export function readCsvTests(text: string, name: string, remarks: Remarks): Test[] {
  const table = readTable(text)
  if (!table) {
    remarks.add(name, 'It is no table that can be read.')
    return []
  }
  return table.rows.flatMap((row, at) => {
    if (row.every(cell => cell === '')) return []
    const where = `${name}: row ${at + 2}`
    const vars = new Map<string, unknown>()
    const assert: unknown[] = []
    let description: string | undefined
    for (const [column, title] of table.header.entries()) {
      const cell = row[column] ?? ''
      if (/^__expected\d*$/.test(title)) {
        if (cell !== '') assert.push(readCell(cell))
      } else if (title === '__description') description = cell || undefined
      else if (title.startsWith('__')) {
        if (cell !== '') remarks.add(`${where}, ${title}`, 'Not understood, so not taken.')
      } else if (title !== '') vars.set(title, cell)
    }
    return [{ where, number: 0, description, vars, assert, metadata: undefined }]
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
