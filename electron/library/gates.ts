import type { Library } from './library.ts'

export const hasGate = (library: Library, skillId: string): boolean =>
  library.find('SELECT 1 FROM publish_gates WHERE skill_id = ?', skillId) !== undefined

export function setGate(library: Library, skillId: string, on: boolean, now: number): void {
  if (on) library.run('INSERT OR IGNORE INTO publish_gates (skill_id, created_at) VALUES (?, ?)', skillId, now)
  else library.run('DELETE FROM publish_gates WHERE skill_id = ?', skillId)
}

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

export type CasePass = { case_id: string; case_name: string; model_name: string; passed: number; of: number }

/** For each case and model of a run, how many of its repeats met every demand; what could not be graded is left out. */
export const listCasePasses = (library: Library, runId: string): CasePass[] =>
  library.all<CasePass>(
    `SELECT b.case_id, c.name AS case_name, b.model_name, sum(b.matches_expected = 1) AS passed, count(b.matches_expected) AS of
     FROM benchmark_results b JOIN benchmark_cases c ON c.id = b.case_id WHERE b.run_id = ?
     GROUP BY b.case_id, b.model_name HAVING count(b.matches_expected) > 0 ORDER BY c.name, b.case_id, b.model_name`,
    runId,
  )
