import type { Library } from './library.ts'

/** What triggers keep by difference, counted anew from the rows themselves; `hours` is a sum of floating-point numbers. */
const COUNTED = `
  SELECT s.id AS skill_id,
    (SELECT count(*) FROM usage_events WHERE skill_id = s.id) AS uses,
    coalesce(r.ratings, 0) AS ratings, coalesce(r.stars, 0) AS stars, coalesce(r.hours, 0) AS hours,
    coalesce(r.hours_said, 0) AS hours_said,
    coalesce(f.feedback, 0) AS feedback, coalesce(f.thumbs_up, 0) AS thumbs_up, coalesce(f.thumbs_down, 0) AS thumbs_down,
    coalesce(m.cost, 0) AS cost, coalesce(m.costs, 0) AS costs
  FROM skills s
  LEFT JOIN (SELECT skill_id, count(*) AS ratings, sum(rating) AS stars, total(hours_saved_estimate) AS hours,
      count(hours_saved_estimate) AS hours_said FROM ratings GROUP BY skill_id) r ON r.skill_id = s.id
  LEFT JOIN (SELECT skill_id, count(*) AS feedback, sum(feedback_type = 'thumbs_up') AS thumbs_up,
      sum(feedback_type = 'thumbs_down') AS thumbs_down FROM skill_feedback GROUP BY skill_id) f ON f.skill_id = s.id
  LEFT JOIN (SELECT skill_id, sum(estimated_cost_microcents) AS cost, count(*) AS costs FROM token_measurements
      WHERE estimated_cost_microcents IS NOT NULL GROUP BY skill_id) m ON m.skill_id = s.id`

const EXACT = ['uses', 'ratings', 'stars', 'hours_said', 'feedback', 'thumbs_up', 'thumbs_down', 'cost', 'costs']

/** Skills whose totals are not what their rows add up to, or that show something else than their totals. */
export function listWrongTotals(library: Library): string[] {
  const differs = EXACT.map(column => `t.${column} IS NOT c.${column}`).join(' OR ')
  return library
    .all<{ skill_id: string }>(
      `SELECT c.skill_id FROM (${COUNTED}) c LEFT JOIN skill_totals t ON t.skill_id = c.skill_id
       JOIN skills s ON s.id = c.skill_id
       WHERE ${differs} OR abs(t.hours - c.hours) > 1e-6 * (1 + abs(c.hours))
         OR s.total_uses IS NOT t.uses OR s.total_ratings IS NOT t.ratings OR s.total_feedback IS NOT t.feedback
         OR s.average_rating IS NOT CASE WHEN t.ratings > 0 THEN CAST(round(100.0 * t.stars / t.ratings) AS INTEGER) END`,
    )
    .map(row => row.skill_id)
}

/** Counts every total anew; the triggers bring each to its skill. Inside a transaction of the caller's. */
export function recountTotals(library: Library): void {
  library.run('INSERT OR IGNORE INTO skill_totals (skill_id) SELECT id FROM skills')
  const columns = [...EXACT, 'hours'].map(column => `${column} = c.${column}`).join(', ')
  library.run(`UPDATE skill_totals SET ${columns} FROM (${COUNTED}) c WHERE c.skill_id = skill_totals.skill_id`)
}
