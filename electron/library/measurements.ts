import type { Library } from './library.ts'

export type VersionCosts = { cost: number | null; samples: number; latency: number | null }

/** Mean cost (microcents) and latency (ms) of a version's uses. A use without a price does not count: unknown is not 0. */
export const versionCosts = (library: Library, versionId: string): VersionCosts =>
  library.get<VersionCosts>(
    `SELECT CAST(round(avg(estimated_cost_microcents)) AS INTEGER) AS cost, count(estimated_cost_microcents) AS samples,
       avg(latency_ms) AS latency FROM token_measurements WHERE skill_version_id = ?`,
    versionId,
  )

export type VersionQuality = { run_id: string; score: number; results: number }

/** Mean quality of a version's newest completed run; failed judging is NULL and does not count. */
export const versionQuality = (library: Library, versionId: string): VersionQuality | undefined => {
  const row = library.find<{ run_id: string; score: number | null; results: number }>(
    `SELECT b.run_id, avg(b.quality_score) AS score, count(b.quality_score) AS results FROM benchmark_results b
     WHERE b.run_id = (SELECT id FROM benchmark_runs WHERE skill_version_id = ? AND status = 'completed'
       ORDER BY created_at DESC LIMIT 1) GROUP BY b.run_id`,
    versionId,
  )
  return row === undefined || row.score === null ? undefined : { ...row, score: row.score }
}
