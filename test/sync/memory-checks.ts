import {
  bytesOf,
  RegistryError,
  type Row,
  SHAPES,
  type TableName,
  type Transaction,
  type Value,
} from './memory-state.ts'

/** What migrations/postgres/0020 says of single rows: its checks, not-nulls and foreign keys, by the same SQLSTATEs. */
export function checkRow(tx: Transaction, table: TableName, row: Row): void {
  for (const { name, required, choices } of SHAPES[table].columns) {
    const value = row[name] ?? null
    if (typeof value === 'string' && value.includes('\u0000'))
      throw new RegistryError('22021', 'invalid byte sequence for encoding "UTF8": 0x00')
    if (required && value === null)
      throw new RegistryError(
        '23502',
        `null value in column "${name}" of relation "${table}" violates not-null constraint`,
      )
    if (choices?.length && value !== null && !choices.includes(String(value))) violated(table, name)
  }
  const { id = null } = row
  if (bytesOf(id) < 1 || bytesOf(id) > 64) violated(table, 'id_limit')
  for (const name of JSON_COLUMNS) if (row[name] !== undefined && !isJson(row[name])) violated(table, name)
  for (const [name, most] of Object.entries(LIMITS[table] ?? {})) if (bytesOf(row[name]) > most) violated(table, name)
  for (const [name, least, most] of RANGES[table] ?? []) {
    const value = row[name]
    if (typeof value === 'number' && (value < least || value > most)) violated(table, name)
  }
  if (table === 'skills' && row.visibility !== 'tenant') violated(table, 'visibility_limit')
  if (table === 'ratings' && [...String(row.comment ?? '')].length > 2000) violated(table, 'comment')
  if (table === 'skill_versions' && !/^[0-9a-f]{64}$/.test(String(row.content_hash))) violated(table, 'hash_limit')
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

const JSON_COLUMNS = [
  'tags',
  'metadata',
  'assertions',
  'files',
  'models',
  'assertion_results',
  'settings',
  'provenance',
  'details',
]

function isJson(value: Value | undefined): boolean {
  try {
    JSON.parse(String(value))
    return true
  } catch {
    return false
  }
}

const MB = 1048576
const LIMITS: Partial<Record<TableName, Record<string, number>>> = {
  skills: { slug: 256, name: 1000, description: 20000, category: 400, tags: 20000, content: MB },
  skill_versions: { name: 1000, description: 20000, message: 40000, metadata: 65536, content_type: 200 },
  skill_feedback: {
    comment: 40000,
    review_notes: 40000,
    severity: 100,
    suggested_content: MB,
    suggested_diff: MB,
    example_input: MB,
    example_output: MB,
    expected_output: MB,
  },
  token_measurements: { model_name: 400, model_provider: 400, source: 100 },
  usage_events: { tool: 400 },
  benchmark_cases: { name: 2000, prompt: MB, expected_output: MB, assertions: MB, files: MB, tags: 20000 },
  benchmark_runs: { case_set_hash: 200, judge_model: 400, models: 20000, best_model: 400, cheapest_model: 400 },
  benchmark_results: {
    model_name: 400,
    input_used: MB,
    output_produced: MB,
    quality_notes: 40000,
    error_message: 40000,
  },
}

const RANGES: Partial<Record<TableName, [name: string, least: number, most: number][]>> = {
  skill_versions: [['version', 1, Number.POSITIVE_INFINITY]],
  ratings: [
    ['rating', 1, 5],
    ['hours_saved_estimate', 0, 1000],
  ],
  skill_feedback: [
    ['sentiment', -1, 1],
    ['quality_score', 1, 10],
  ],
  benchmark_cases: [['archived', 0, 1]],
  benchmark_results: [
    ['quality_score', 0, 100],
    ['matches_expected', 0, 1],
  ],
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
