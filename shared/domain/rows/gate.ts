import { columnTest, type Strictness, sayRule } from './columns.ts'
import { rulesOf, type SyncedName } from './synced.ts'
import { isLine, plainLine } from './text.ts'

/** A column that breaks its rule, and what the rule is: 'tags must be a list …'. */
export type RowProblem = { column: string; rule: string }
export type AdmittedRow = { readonly [column: string]: string | number | null }
export type Admitted = { kind: 'row'; row: AdmittedRow } | { kind: 'invalid'; problems: RowProblem[] }

type Columns = readonly { column: string; says: string; fits: (value: unknown) => boolean; isLine: boolean }[]
const made = new Map<string, Columns>()

/** The columns of a table with their tests, made once. */
function columnsOf(name: SyncedName, strictness: Strictness): Columns {
  const key = `${name} ${strictness}`
  let columns = made.get(key)
  if (!columns) {
    columns = rulesOf(name).map(([column, rule]) => ({
      column,
      says: sayRule(rule),
      fits: columnTest(rule, strictness),
      isLine: rule.kind === 'line',
    }))
    made.set(key, columns)
  }
  return columns
}

/**
 * The gate that each row of a registry passes before it touches the library: known columns alone, each as it must be. Of
 * rows that change, lines lose their control characters; a version never changes, so it is kept as it came and shown
 * through plainLine.
 *
 * @param row what came; nothing is known of it.
 */
export function admitRow(name: SyncedName, row: unknown): Admitted {
  if (typeof row !== 'object' || row === null)
    return { kind: 'invalid', problems: [{ column: name, rule: 'is no row' }] }
  const came: { readonly [column: string]: unknown } = { ...row }
  const admitted: { [column: string]: string | number | null } = {}
  const problems: RowProblem[] = []
  for (const { column, says, fits, isLine: named } of columnsOf(name, 'received')) {
    const value = came[column]
    if (!fits(value)) problems.push({ column, rule: says })
    else if (typeof value === 'number') admitted[column] = value
    else if (typeof value !== 'string') admitted[column] = null
    else if (!named || name === 'skill_versions' || isLine(value)) admitted[column] = value
    // A name of nothing but control characters is still somebody's or something's name.
    else admitted[column] = plainLine(value) || '?'
  }
  return problems.length > 0 ? { kind: 'invalid', problems } : { kind: 'row', row: admitted }
}

/** A row of ours as it may go: names may have come from a file, a commit or another tool. */
export function plainRow(name: SyncedName, row: AdmittedRow): AdmittedRow {
  let plain: { [column: string]: string | number | null } | undefined
  for (const { column, isLine: named } of columnsOf(name, 'stored')) {
    const value = row[column]
    if (!named || typeof value !== 'string' || isLine(value)) continue
    plain ??= { ...row }
    plain[column] = plainLine(value) || '?'
  }
  return plain ?? row
}

/** What of a row the registry's rules refuse; empty where it would be taken. */
export function rowProblems(name: SyncedName, row: AdmittedRow): RowProblem[] {
  return columnsOf(name, 'stored').flatMap(({ column, says, fits }) =>
    fits(row[column] ?? null) ? [] : [{ column, rule: says }],
  )
}
