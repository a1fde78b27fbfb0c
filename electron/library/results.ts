import type { Library } from './library.ts'
import { enqueue } from './outbox.ts'
import { insertRow } from './rows.ts'
import type { BenchmarkResultRecord, BenchmarkRunRecord } from './schema.ts'

/** A run that came from a file, by the fingerprint that its provenance carries. */
export const findImportedRun = (
  library: Library,
  skillId: string,
  fingerprint: string,
): BenchmarkRunRecord | undefined =>
  library.find<BenchmarkRunRecord>(
    "SELECT * FROM benchmark_runs WHERE skill_id = ? AND json_extract(provenance, '$.fingerprint') = ?",
    skillId,
    fingerprint,
  )

/** A whole run with its results, queued in the same transaction. */
export function insertRun(library: Library, run: BenchmarkRunRecord, results: readonly BenchmarkResultRecord[]): void {
  const queue = (entity: 'benchmark_run' | 'benchmark_result', entityId: string) =>
    enqueue(library, {
      tenantId: run.tenant_id,
      skillId: run.skill_id,
      entity,
      entityId,
      operation: 'insert',
      now: run.created_at,
    })
  insertRow(library, 'benchmark_runs', run)
  queue('benchmark_run', run.id)
  for (const result of results) {
    insertRow(library, 'benchmark_results', result)
    queue('benchmark_result', result.id)
  }
}

export const findRunRecord = (library: Library, id: string): BenchmarkRunRecord | undefined =>
  library.find<BenchmarkRunRecord>('SELECT * FROM benchmark_runs WHERE id = ?', id)

export type ResultWithCase = BenchmarkResultRecord & { case_name: string }

/** By case, model and repeat. */
export const listResults = (library: Library, runId: string): ResultWithCase[] =>
  library.all<ResultWithCase>(
    `SELECT b.*, c.name AS case_name FROM benchmark_results b JOIN benchmark_cases c ON c.id = b.case_id
     WHERE b.run_id = ? ORDER BY c.name, b.case_id, b.model_name, b.repeat`,
    runId,
  )
