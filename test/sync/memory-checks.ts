import { rowProblems } from '../../shared/domain/rows/gate.ts'
import { RegistryError, type Row, SHAPES, type TableName, type Transaction } from './memory-state.ts'

/** What migrations/postgres say of single rows: not-nulls, foreign keys, and the rules of rows (0170), by the same SQLSTATEs. */
export function checkRow(tx: Transaction, table: TableName, row: Row): void {
  for (const { name, required } of SHAPES[table].columns) {
    const value = row[name] ?? null
    if (typeof value === 'string' && value.includes('\u0000'))
      throw new RegistryError('22021', 'invalid byte sequence for encoding "UTF8": 0x00')
    if (required && value === null)
      throw new RegistryError(
        '23502',
        `null value in column "${name}" of relation "${table}" violates not-null constraint`,
      )
  }
  const [problem] = rowProblems(table, row)
  if (problem) violated(table, `${problem.column}_rule`)
  if (table === 'skills' && row.visibility !== 'tenant') violated(table, 'visibility_limit')
  for (const [name, target] of REFERS[table] ?? []) {
    const to = row[name]
    if (typeof to === 'string' && tx.find(target, to) === undefined)
      throw new RegistryError(
        '23503',
        `insert or update on table "${table}" violates foreign key constraint "${table}_${name}_fkey"`,
      )
  }
}

function violated(table: string, what: string): never {
  throw new RegistryError('23514', `new row for relation "${table}" violates check constraint "${table}_${what}"`)
}

const OF_SKILL: [string, TableName][] = [
  ['skill_id', 'skills'],
  ['skill_version_id', 'skill_versions'],
]
const REFERS: Partial<Record<TableName, [column: string, target: TableName][]>> = {
  skills: [
    ['forked_from_id', 'skills'],
    ['author_id', 'users'],
  ],
  ratings: [...OF_SKILL, ['user_id', 'users']],
  skill_feedback: [
    ...OF_SKILL,
    ['user_id', 'users'],
    ['reviewed_by', 'users'],
    ['implemented_by_version_id', 'skill_versions'],
  ],
  token_measurements: OF_SKILL,
  usage_events: OF_SKILL,
  benchmark_cases: [
    ['skill_id', 'skills'],
    ['source_feedback_id', 'skill_feedback'],
  ],
  benchmark_runs: OF_SKILL,
  benchmark_results: [
    ['run_id', 'benchmark_runs'],
    ['case_id', 'benchmark_cases'],
  ],
}
