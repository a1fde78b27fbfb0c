import type { RatingRow, RatingTotals } from '../../shared/contract/ratings.ts'
import { enqueue } from '../library/outbox.ts'
import {
  countRatings,
  findRating,
  listRatings,
  type RatingWithUser,
  upsertRating,
  type VersionRatings,
} from '../library/ratings.ts'
import { findSpace } from '../library/spaces.ts'
import { findVersion } from '../library/versions.ts'
import { announce, type Context, os } from './context.ts'

export const ratingsService = (context: Context) => {
  const { library } = context
  const toRow = (row: RatingWithUser): RatingRow => ({
    id: row.id,
    skillId: row.skill_id,
    versionId: row.skill_version_id,
    versionNumber: row.version_number,
    userId: row.user_id,
    userName: row.user_name,
    mine: findSpace(library, row.tenant_id)?.user_id === row.user_id,
    rating: row.rating,
    comment: row.comment,
    hoursSaved: row.hours_saved_estimate,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    waiting: row.waiting === 1,
  })

  return {
    list: os.ratings.list.handler(({ input }) => listRatings(library, input.skillId).map(toRow)),

    summary: os.ratings.summary.handler(({ input }) => {
      const counts = countRatings(library, input.skillId)
      const byVersion = Map.groupBy(counts, row => row.skill_version_id)
      return {
        ...totalsOf(counts),
        versions: [...byVersion].map(([versionId, rows]) => ({
          versionId,
          number: rows[0]?.version ?? null,
          ...totalsOf(rows),
        })),
      }
    }),

    rate: os.ratings.rate.handler(({ input, errors }) => {
      const now = context.clock()
      const row = library.write(() => {
        const version = findVersion(library, input.versionId)
        const space = version && findSpace(library, version.tenant_id)
        if (!version || !space) throw errors.NOT_FOUND({ data: { what: 'version', id: input.versionId } })
        const was = findRating(library, version.id, space.user_id)
        const id = was?.id ?? context.newId()
        upsertRating(library, {
          id,
          tenant_id: version.tenant_id,
          skill_id: version.skill_id,
          skill_version_id: version.id,
          user_id: space.user_id,
          rating: input.rating,
          comment: input.comment,
          hours_saved_estimate: input.hoursSaved,
          created_at: was?.created_at ?? now,
          updated_at: now,
        })
        enqueue(library, {
          tenantId: version.tenant_id,
          skillId: version.skill_id,
          entity: 'rating',
          entityId: id,
          operation: was ? 'update' : 'insert',
          payload: { rating: input.rating, comment: input.comment, hoursSaved: input.hoursSaved },
          now,
        })
        return findRating(library, version.id, space.user_id)
      })
      if (!row) throw new Error('a rating vanished while it was written')
      announce(context, ['ratings', 'skills'], [row.skill_id])
      return toRow(row)
    }),
  }
}

/** The average is rounded as the registry rounds it: stars × 100, half up. */
function totalsOf(rows: readonly VersionRatings[]): RatingTotals {
  const sum = (of: (row: VersionRatings) => number) => rows.reduce((total, row) => total + of(row), 0)
  const count = sum(row => row.ratings)
  const hoursSaid = sum(row => row.hours_said)
  return {
    average: count === 0 ? null : Math.round((100 * sum(row => row.rating * row.ratings)) / count),
    count,
    stars: [1, 2, 3, 4, 5].map(stars => sum(row => (row.rating === stars ? row.ratings : 0))),
    hours: hoursSaid === 0 ? null : sum(row => row.hours ?? 0),
    hoursSaid,
  }
}
