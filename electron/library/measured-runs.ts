import type { Library } from './library.ts'
import type { BenchmarkRunRecord } from './schema.ts'

export type RunListed = BenchmarkRunRecord & {
  version_number: number | null
  results: number
  unjudged: number
  failed: number
  cost: number | null
  matched: number
  mismatched: number
}

const LISTED = `SELECT r.*, v.version AS version_number, count(b.id) AS results,
    count(b.id) - count(b.quality_score) AS unjudged, count(b.error_message) AS failed,
    CAST(round(avg(b.estimated_cost_microcents)) AS INTEGER) AS cost,
    coalesce(sum(b.matches_expected = 1), 0) AS matched, coalesce(sum(b.matches_expected = 0), 0) AS mismatched
  FROM benchmark_runs r LEFT JOIN skill_versions v ON v.id = r.skill_version_id LEFT JOIN benchmark_results b ON b.run_id = r.id`

/** Every run of a skill, newest first. */
export const listRuns = (library: Library, skillId: string): RunListed[] =>
  library.all<RunListed>(`${LISTED} WHERE r.skill_id = ? GROUP BY r.id ORDER BY r.created_at DESC, r.id DESC`, skillId)

/** Configurations that imported runs of several groups have: there the configuration alone names no run. */
export const listShared = (library: Library, skillId: string): string[] =>
  library
    .all<{ configuration: string }>(
      `SELECT configuration FROM benchmark_runs WHERE skill_id = ? AND configuration IS NOT NULL
       GROUP BY configuration HAVING count(DISTINCT provenance ->> 'group') > 1`,
      skillId,
    )
    .map(row => row.configuration)

export const findRun = (library: Library, id: string): RunListed | undefined =>
  library.find<RunListed>(`${LISTED} WHERE r.id = ? GROUP BY r.id`, id)

export type CellRow = {
  id: string
  case_id: string
  case_name: string
  model_name: string
  quality_score: number | null
  cost: number | null
  latency_ms: number | null
  total_tokens: number | null
}

/** Figures of a run's results without their texts, by case. */
export const listCells = (library: Library, runId: string): CellRow[] =>
  library.all<CellRow>(
    `SELECT b.id, b.case_id, c.name AS case_name, b.model_name, b.quality_score, b.estimated_cost_microcents AS cost, b.latency_ms,
       coalesce(b.total_tokens, b.input_tokens + b.output_tokens) AS total_tokens
     FROM benchmark_results b JOIN benchmark_cases c ON c.id = b.case_id WHERE b.run_id = ?
     ORDER BY c.name, b.case_id, b.model_name, b.repeat`,
    runId,
  )

export type ResultRow = {
  id: string
  run_id: string
  case_id: string
  case_name: string
  model_name: string
  model_provider: string
  repeat: number
  input_used: string | null
  output_produced: string | null
  expected_output: string | null
  input_tokens: number | null
  output_tokens: number | null
  estimated_cost_microcents: number | null
  latency_ms: number | null
  quality_score: number | null
  quality_notes: string | null
  error_message: string | null
  assertion_results: string
}

export const findResult = (library: Library, id: string): ResultRow | undefined =>
  library.find<ResultRow>(
    'SELECT b.*, c.name AS case_name FROM benchmark_results b JOIN benchmark_cases c ON c.id = b.case_id WHERE b.id = ?',
    id,
  )

export type ResultListed = Pick<
  ResultRow,
  'id' | 'case_id' | 'case_name' | 'model_name' | 'repeat' | 'quality_score' | 'quality_notes' | 'error_message'
> & { assertion_results: string | null }

/** Every result of a run by case, without its texts; how its assertions went only where it has no score. */
export const listResults = (library: Library, runId: string): ResultListed[] =>
  library.all<ResultListed>(
    `SELECT b.id, b.case_id, c.name AS case_name, b.model_name, b.repeat, b.quality_score, b.quality_notes, b.error_message,
       CASE WHEN b.quality_score IS NULL THEN b.assertion_results END AS assertion_results
     FROM benchmark_results b JOIN benchmark_cases c ON c.id = b.case_id WHERE b.run_id = ?
     ORDER BY c.name, b.case_id, b.model_name, b.repeat`,
    runId,
  )

export type AssertionRow = { case_id: string; case_name: string; model_name: string; assertion_results: string }

export const listAssertionResults = (library: Library, runId: string): AssertionRow[] =>
  library.all<AssertionRow>(
    `SELECT b.case_id, c.name AS case_name, b.model_name, b.assertion_results FROM benchmark_results b
     JOIN benchmark_cases c ON c.id = b.case_id WHERE b.run_id = ? ORDER BY c.name, b.case_id, b.model_name, b.repeat`,
    runId,
  )
