import type { Library } from './library.ts'
import type { RatingRecord } from './schema.ts'
import { withNames } from './user-names.ts'

export type RatingWithUser = RatingRecord & { user_name: string; version_number: number | null; waiting: number }

const WITH_USER = `SELECT r.*, u.name AS user_name, v.version AS version_number,
    EXISTS (SELECT 1 FROM outbox o WHERE o.entity = 'rating' AND o.entity_id = r.id) AS waiting
  FROM ratings r JOIN users u ON u.id = r.user_id JOIN skill_versions v ON v.id = r.skill_version_id`

export const listRatings = (library: Library, skillId: string): RatingWithUser[] =>
  named(library, library.all<RatingWithUser>(`${WITH_USER} WHERE r.skill_id = ? ORDER BY r.updated_at DESC`, skillId))

const named = (library: Library, rows: readonly RatingWithUser[]): RatingWithUser[] =>
  withNames(library, rows, (row, nameOf) => ({ ...row, user_name: nameOf(row.user_id, row.user_name) }))

export const findRating = (library: Library, versionId: string, userId: string): RatingWithUser | undefined =>
  named(
    library,
    library.all<RatingWithUser>(`${WITH_USER} WHERE r.skill_version_id = ? AND r.user_id = ?`, versionId, userId),
  )[0]

export const findRatingById = (library: Library, id: string): RatingRecord | undefined =>
  library.find<RatingRecord>('SELECT * FROM ratings WHERE id = ?', id)

/** One per user and version; rating again edits it and keeps its id. */
export function upsertRating(library: Library, rating: RatingRecord): void {
  library.run(
    `INSERT INTO ratings (id, tenant_id, skill_id, skill_version_id, user_id, rating, comment, hours_saved_estimate, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (skill_version_id, user_id) DO UPDATE SET rating = excluded.rating, comment = excluded.comment,
       hours_saved_estimate = excluded.hours_saved_estimate, updated_at = excluded.updated_at`,
    rating.id,
    rating.tenant_id,
    rating.skill_id,
    rating.skill_version_id,
    rating.user_id,
    rating.rating,
    rating.comment,
    rating.hours_saved_estimate,
    rating.created_at,
    rating.updated_at,
  )
}

export type RatingTotals = { average_rating: number | null; total_ratings: number; hours_saved: number | null }

/** Stars × 100 and hours of one version; NULL where nobody said. */
export const ratingTotals = (library: Library, versionId: string): RatingTotals =>
  library.get<RatingTotals>(
    `SELECT CAST(round(100.0 * avg(rating)) AS INTEGER) AS average_rating, count(*) AS total_ratings,
       sum(hours_saved_estimate) AS hours_saved FROM ratings WHERE skill_version_id = ?`,
    versionId,
  )

/** Stars of one version, one for each who rated it. */
export const listStars = (library: Library, versionId: string): number[] =>
  library
    .all<{ rating: number }>('SELECT rating FROM ratings WHERE skill_version_id = ? ORDER BY created_at, id', versionId)
    .map(row => row.rating)

export type VersionRatings = {
  skill_version_id: string
  version: number | null
  rating: number
  ratings: number
  hours: number | null
  hours_said: number
}

/** How often each number of stars was given to each version of a skill, in the order of the versions. */
export const countRatings = (library: Library, skillId: string): VersionRatings[] =>
  library.all<VersionRatings>(
    `SELECT r.skill_version_id, v.version, r.rating, count(*) AS ratings, sum(r.hours_saved_estimate) AS hours,
       count(r.hours_saved_estimate) AS hours_said
     FROM ratings r JOIN skill_versions v ON v.id = r.skill_version_id WHERE r.skill_id = ?
     GROUP BY r.skill_version_id, r.rating ORDER BY v.version IS NULL, v.version, v.created_at, r.rating`,
    skillId,
  )
