import type { Library } from './library.ts'
import type { PairRecord } from './schema-benchmark.ts'

/** What people, and judges of pairs, say of results. */
export type ResultPlace = {
  id: string
  run_id: string
  tenant_id: string
  skill_id: string
  quality_score: number | null
  quality_notes: string | null
}

export const findResultPlace = (library: Library, id: string): ResultPlace | undefined =>
  library.find<ResultPlace>(
    `SELECT b.id, b.run_id, r.tenant_id, r.skill_id, b.quality_score, b.quality_notes FROM benchmark_results b
     JOIN benchmark_runs r ON r.id = b.run_id WHERE b.id = ?`,
    id,
  )

export const putHandGrade = (
  library: Library,
  resultId: string,
  userId: string,
  score: number,
  /** Undefined: those of the grade that is there stay. */
  notes: string | undefined,
  now: number,
): number =>
  library.run(
    `INSERT INTO hand_grades (result_id, user_id, score, notes, created_at) VALUES (@resultId, @userId, @score, coalesce(@notes, ''), @now)
     ON CONFLICT (result_id, user_id) DO UPDATE SET score = @score, notes = coalesce(@notes, notes), created_at = @now`,
    { resultId, userId, score, notes: notes ?? null, now },
  )

export const deleteHandGrade = (library: Library, resultId: string, userId: string): number =>
  library.run('DELETE FROM hand_grades WHERE result_id = ? AND user_id = ?', resultId, userId)

const BY_HAND = 'Graded by hand.'

/** A grade by hand stands in where judging failed, and says so; null takes it back. What a judge gave is never touched. */
export const standIn = (library: Library, resultId: string, score: number | null): number =>
  library.run(
    'UPDATE benchmark_results SET quality_score = ?, quality_notes = ? WHERE id = ? AND (quality_score IS NULL OR quality_notes = ?)',
    score,
    score === null ? null : BY_HAND,
    resultId,
    BY_HAND,
  )

export type HandGrade = { result_id: string; score: number; notes: string; user_name: string; created_at: number }

export const listHandGrades = (library: Library, runId: string): HandGrade[] =>
  library.all<HandGrade>(
    `SELECT g.result_id, g.score, g.notes, g.created_at, u.name AS user_name FROM hand_grades g JOIN users u ON u.id = g.user_id
     JOIN benchmark_results b ON b.id = g.result_id WHERE b.run_id = ? ORDER BY g.created_at`,
    runId,
  )

export type PairRow = PairRecord & {
  case_name: string
  prompt: string
  model_name: string
  repeat: number
  left_output: string
  right_output: string
}

/** Results of two runs that answer each other: same case, model and repeat, an output on both sides. */
export const listMatches = (library: Library, left: string, right: string): { left: string; right: string }[] =>
  library.all(
    `SELECT l.id AS left, r.id AS right FROM benchmark_results l
     JOIN benchmark_results r ON r.run_id = ? AND r.case_id = l.case_id AND r.model_name = l.model_name AND r.repeat = l.repeat
     WHERE l.run_id = ? AND l.output_produced IS NOT NULL AND r.output_produced IS NOT NULL
     ORDER BY l.case_id, l.model_name, l.repeat`,
    right,
    left,
  )

export const insertPair = (
  library: Library,
  pair: { id: string; left: string; right: string; aIsLeft: boolean },
): number =>
  library.run(
    'INSERT OR IGNORE INTO result_pairs (id, left_result_id, right_result_id, a_is_left) VALUES (?, ?, ?, ?)',
    pair.id,
    pair.left,
    pair.right,
    pair.aIsLeft ? 1 : 0,
  )

/** Pairs of one text twice: nobody has to read them. */
export const tieAlike = (library: Library, left: string, right: string, now: number): number =>
  library.run(
    `UPDATE result_pairs SET winner = 'tie', decided_by = 'alike', decided_at = ? WHERE winner IS NULL AND id IN (
       SELECT p.id FROM result_pairs p JOIN benchmark_results l ON l.id = p.left_result_id
       JOIN benchmark_results r ON r.id = p.right_result_id
       WHERE l.run_id = ? AND r.run_id = ? AND l.output_produced = r.output_produced)`,
    now,
    left,
    right,
  )

export const listPairs = (library: Library, left: string, right: string): PairRow[] =>
  library.all<PairRow>(
    `SELECT p.*, c.name AS case_name, c.prompt, l.model_name, l.repeat, l.output_produced AS left_output,
       r.output_produced AS right_output
     FROM result_pairs p JOIN benchmark_results l ON l.id = p.left_result_id JOIN benchmark_results r ON r.id = p.right_result_id
     JOIN benchmark_cases c ON c.id = l.case_id WHERE l.run_id = ? AND r.run_id = ? ORDER BY c.name, l.model_name, l.repeat`,
    left,
    right,
  )

export const findPair = (library: Library, id: string): (PairRecord & { skill_id: string }) | undefined =>
  library.find(
    `SELECT p.*, r.skill_id FROM result_pairs p JOIN benchmark_results b ON b.id = p.left_result_id
     JOIN benchmark_runs r ON r.id = b.run_id WHERE p.id = ?`,
    id,
  )

export const decidePair = (
  library: Library,
  id: string,
  winner: string,
  by: string,
  notes: string,
  now: number,
): number =>
  library.run(
    'UPDATE result_pairs SET winner = ?, decided_by = ?, notes = ?, decided_at = ? WHERE id = ?',
    winner,
    by,
    notes,
    now,
    id,
  )
