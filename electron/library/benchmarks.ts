import type { Library } from './library.ts'
import type { BenchmarkRunRecord } from './schema.ts'

/** Completed runs of a version, newest first. */
export const listCompletedRuns = (library: Library, versionId: string): BenchmarkRunRecord[] =>
  library.all<BenchmarkRunRecord>(
    "SELECT * FROM benchmark_runs WHERE skill_version_id = ? AND status = 'completed' ORDER BY created_at DESC",
    versionId,
  )

export type ResultScore = { case_id: string; case_name: string; model_name: string; quality_score: number | null }

/** Every result of a run, by case. A score is NULL when judging failed. */
export const listScores = (library: Library, runId: string): ResultScore[] =>
  library.all<ResultScore>(
    `SELECT r.case_id, c.name AS case_name, r.model_name, r.quality_score FROM benchmark_results r
     JOIN benchmark_cases c ON c.id = r.case_id WHERE r.run_id = ? ORDER BY c.name, r.case_id, r.model_name, r.repeat`,
    runId,
  )

export type CaseSource = { id: string; prompt: string; files: string; tags: string }

/** Of the cases that any of these runs has results for, what tells which share a source. */
export const listCaseSources = (library: Library, runIds: readonly string[]): CaseSource[] =>
  library.all<CaseSource>(
    `SELECT c.id, c.prompt, c.files, c.tags FROM benchmark_cases c
     WHERE c.id IN (SELECT b.case_id FROM json_each(?) r JOIN benchmark_results b ON b.run_id = r.value)`,
    JSON.stringify(runIds),
  )
