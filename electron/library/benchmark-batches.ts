import type { Library, SqlValue } from './library.ts'
import { insertRow } from './rows.ts'
import type { BenchmarkCaseRecord } from './schema.ts'
import type { BatchRecord } from './schema-benchmark.ts'

/** Cases that a run may have, oldest first. */
export const listRunnableCases = (library: Library, skillId: string): BenchmarkCaseRecord[] =>
  library.all<BenchmarkCaseRecord>(
    'SELECT * FROM benchmark_cases WHERE skill_id = ? AND archived = 0 ORDER BY created_at, id',
    skillId,
  )

export function insertBatch(library: Library, batch: BatchRecord): void {
  library.run(
    `INSERT INTO benchmark_batches (id, tenant_id, skill_id, plan, state, reason, cells, budget_microcents, spent_microcents, owner,
       owner_until, created_at, completed_at, unpriced)
     VALUES (@id, @tenant_id, @skill_id, @plan, @state, @reason, @cells, @budget_microcents, @spent_microcents, @owner,
       @owner_until, @created_at, @completed_at, @unpriced)`,
    batch,
  )
}

export const findBatch = (library: Library, id: string): BatchRecord | undefined =>
  library.find<BatchRecord>('SELECT * FROM benchmark_batches WHERE id = ?', id)

export const listBatches = (library: Library, skillId: string): BatchRecord[] =>
  library.all<BatchRecord>(
    'SELECT * FROM benchmark_batches WHERE skill_id = ? ORDER BY created_at DESC, id DESC',
    skillId,
  )

export function setBatchState(
  library: Library,
  id: string,
  state: BatchRecord['state'],
  reason: string | null,
  completedAt: number | null,
): void {
  library.run(
    `UPDATE benchmark_batches SET state = ?, reason = ?, completed_at = ?,
       owner = CASE WHEN ? = 'running' THEN owner END, owner_until = CASE WHEN ? = 'running' THEN owner_until END WHERE id = ?`,
    state,
    reason,
    completedAt,
    state,
    state,
    id,
  )
}

/** Makes a process the one at work, if it still is whose it was. */
export const takeBatch = (library: Library, id: string, was: string | null, owner: string, until: number): boolean =>
  library.run(
    "UPDATE benchmark_batches SET owner = ?, owner_until = ?, state = 'running', reason = NULL WHERE id = ? AND owner IS ?",
    owner,
    until,
    id,
    was,
  ) === 1

/** A sign of life. False: somebody else has taken it over. */
export const holdBatch = (library: Library, id: string, owner: string, until: number): boolean =>
  library.run('UPDATE benchmark_batches SET owner_until = ? WHERE id = ? AND owner = ?', until, id, owner) === 1

export const addSpent = (library: Library, id: string, microcents: number): number =>
  library.run('UPDATE benchmark_batches SET spent_microcents = spent_microcents + ? WHERE id = ?', microcents, id)

export const addUnpriced = (library: Library, id: string): number =>
  library.run('UPDATE benchmark_batches SET unpriced = unpriced + 1 WHERE id = ?', id)

export const setBudget = (library: Library, id: string, microcents: number | null): number =>
  library.run('UPDATE benchmark_batches SET budget_microcents = ? WHERE id = ?', microcents, id)

export const deleteBatch = (library: Library, id: string): void => {
  library.run('DELETE FROM benchmark_runs WHERE batch_id = ?', id)
  library.run('DELETE FROM benchmark_batches WHERE id = ?', id)
}

export const insertRun = (library: Library, row: Record<string, SqlValue>): void =>
  insertRow(library, 'benchmark_runs', row)

export const setRunsStatus = (
  library: Library,
  batchId: string,
  status: string,
  error: string | null,
  at: number | null,
): number =>
  library.run(
    'UPDATE benchmark_runs SET status = ?, error_message = ?, completed_at = ? WHERE batch_id = ?',
    status,
    error,
    at,
    batchId,
  )

export const listRunIds = (library: Library, batchId: string): { id: string; tenant_id: string; skill_id: string }[] =>
  library.all('SELECT id, tenant_id, skill_id FROM benchmark_runs WHERE batch_id = ? ORDER BY rowid', batchId)

/** What a run measured; a result without an answer measured nothing, and may yet be tried again. */
export const listMeasuredIds = (library: Library, runId: string): { id: string }[] =>
  library.all('SELECT id FROM benchmark_results WHERE run_id = ? AND error_message IS NULL ORDER BY rowid', runId)

/**
 * The best and the cheapest model of a run. A model one of whose answers has no known cost has no cost, and is no candidate for
 * cheapest; one whose judging always failed is none for best.
 */
export function summarizeRun(library: Library, runId: string): void {
  const per = `SELECT model_name AS model, avg(quality_score) AS quality,
      CASE WHEN count(*) FILTER (WHERE error_message IS NULL AND estimated_cost_microcents IS NULL) = 0
        THEN avg(estimated_cost_microcents) END AS cost
    FROM benchmark_results WHERE run_id = @id GROUP BY model_name`
  type Model = { model: string; quality: number | null; cost: number | null }
  const best = library.find<Model>(
    `SELECT * FROM (${per}) WHERE quality IS NOT NULL ORDER BY quality DESC, model LIMIT 1`,
    { id: runId },
  )
  const cheapest = library.find<Model>(`SELECT * FROM (${per}) WHERE cost IS NOT NULL ORDER BY cost, model LIMIT 1`, {
    id: runId,
  })
  library.run(
    `UPDATE benchmark_runs SET best_model = @best, best_quality_score = @quality, cheapest_model = @cheapest,
       cheapest_cost_microcents = @cost WHERE id = @id`,
    {
      id: runId,
      best: best?.model ?? null,
      quality: best?.quality ?? null,
      cheapest: cheapest?.model ?? null,
      cost: cheapest?.cost == null ? null : Math.round(cheapest.cost),
    },
  )
}

export const hasResult = (library: Library, runId: string, caseId: string, model: string, repeat: number): boolean =>
  library.find(
    'SELECT 1 FROM benchmark_results WHERE run_id = ? AND case_id = ? AND model_name = ? AND repeat = ?',
    runId,
    caseId,
    model,
    repeat,
  ) !== undefined

export type NewResult = {
  id: string
  tenant_id: string
  run_id: string
  case_id: string
  model_name: string
  model_provider: string
  repeat: number
  input_used: string
  output_produced: string | null
  expected_output: string | null
  input_tokens: number | null
  output_tokens: number | null
  cache_read_tokens: number | null
  cache_write_tokens: number | null
  total_tokens: number | null
  estimated_cost_microcents: number | null
  latency_ms: number | null
  quality_score: number | null
  quality_notes: string | null
  matches_expected: number | null
  assertion_results: string
  error_message: string | null
  details: string
  created_at: number
}

/** Not stored where the case has been deleted meanwhile: nobody could say what it measured. */
export function insertResult(library: Library, row: NewResult): boolean {
  const columns = Object.keys(row)
  const sql = `INSERT INTO benchmark_results (${columns.join(', ')})
    SELECT ${columns.map(column => `@${column}`).join(', ')} WHERE EXISTS (SELECT 1 FROM benchmark_cases WHERE id = @case_id)`
  return library.run(sql, row) === 1
}

export const countResults = (library: Library, batchId: string): { done: number; failed: number } =>
  library.get(
    `SELECT count(*) AS done, count(b.error_message) AS failed FROM benchmark_results b JOIN benchmark_runs r ON r.id = b.run_id
     WHERE r.batch_id = ?`,
    batchId,
  )

/** So that they are tried again. */
export const deleteFailedResults = (library: Library, batchId: string): number =>
  library.run(
    'DELETE FROM benchmark_results WHERE error_message IS NOT NULL AND run_id IN (SELECT id FROM benchmark_runs WHERE batch_id = ?)',
    batchId,
  )

/** Runs of a working copy that has become a version: the same content, so its measurements. */
export const adoptRuns = (library: Library, skillId: string, contentHash: string, versionId: string): number =>
  library.run(
    `UPDATE benchmark_runs SET skill_version_id = ? WHERE skill_id = ? AND content_hash = ? AND skill_version_id IS NULL AND baseline = 0`,
    versionId,
    skillId,
    contentHash,
  )
