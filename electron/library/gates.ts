import type { Library } from './library.ts'

export type GateRecord = { enabled: number; accept_inconclusive: number; ungraded_percent: number }

export const findGate = (library: Library, skillId: string): GateRecord | undefined =>
  library.find<GateRecord>(
    'SELECT enabled, accept_inconclusive, ungraded_percent FROM publish_gates WHERE skill_id = ?',
    skillId,
  )

export const putGate = (library: Library, skillId: string, gate: GateRecord, now: number): number =>
  library.run(
    `INSERT INTO publish_gates (skill_id, enabled, accept_inconclusive, ungraded_percent, created_at)
     VALUES (@skillId, @enabled, @accept_inconclusive, @ungraded_percent, @now)
     ON CONFLICT (skill_id) DO UPDATE SET enabled = @enabled, accept_inconclusive = @accept_inconclusive,
       ungraded_percent = @ungraded_percent`,
    { ...gate, skillId, now },
  )

export type GateOverride = {
  id: string
  skill_id: string
  skill_version_id: string
  user_id: string
  reason: string
  findings: string
  created_at: number
}

export const insertGateOverride = (library: Library, row: GateOverride): number =>
  library.run(
    `INSERT INTO gate_overrides (id, skill_id, skill_version_id, user_id, reason, findings, created_at)
     VALUES (@id, @skill_id, @skill_version_id, @user_id, @reason, @findings, @created_at)`,
    row,
  )

export const listGateOverrides = (library: Library, skillId: string): (GateOverride & { user_name: string })[] =>
  library.all(
    `SELECT o.*, u.name AS user_name FROM gate_overrides o JOIN users u ON u.id = o.user_id WHERE o.skill_id = ?
     ORDER BY o.created_at DESC, o.id DESC`,
    skillId,
  )

/**
 * Of one case and model: `passed` of `of` results with a verdict met every demand; `graded` of `results` have a score, and
 * `reason` is why one of the others has none.
 */
export type CasePass = {
  case_id: string
  case_name: string
  model_name: string
  passed: number
  of: number
  graded: number
  results: number
  reason: string | null
}

/** For each case and model of a run, how its repeats went. */
export const listCasePasses = (library: Library, runId: string): CasePass[] =>
  library.all<CasePass>(
    `SELECT b.case_id, c.name AS case_name, b.model_name, coalesce(sum(b.matches_expected = 1), 0) AS passed,
       count(b.matches_expected) AS of, count(b.quality_score) AS graded, count(*) AS results,
       max(CASE WHEN b.quality_score IS NULL THEN coalesce(b.error_message, b.quality_notes) END) AS reason
     FROM benchmark_results b JOIN benchmark_cases c ON c.id = b.case_id WHERE b.run_id = ?
     GROUP BY b.case_id, b.model_name ORDER BY c.name, b.case_id, b.model_name`,
    runId,
  )
