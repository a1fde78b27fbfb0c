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

/** Costs (microcents) of a version's uses, one a use; those without a price are left out. */
export const listCosts = (library: Library, versionId: string): number[] =>
  library
    .all<{ value: number }>(
      `SELECT estimated_cost_microcents AS value FROM token_measurements
       WHERE skill_version_id = ? AND estimated_cost_microcents IS NOT NULL ORDER BY created_at`,
      versionId,
    )
    .map(row => row.value)

/** Latencies (ms) of a version's uses. */
export const listLatencies = (library: Library, versionId: string): number[] =>
  library
    .all<{ value: number }>(
      'SELECT latency_ms AS value FROM token_measurements WHERE skill_version_id = ? AND latency_ms IS NOT NULL ORDER BY created_at',
      versionId,
    )
    .map(row => row.value)

export const countUses = (library: Library, versionId: string): number =>
  library.get<{ n: number }>('SELECT count(*) AS n FROM usage_events WHERE skill_version_id = ?', versionId).n
