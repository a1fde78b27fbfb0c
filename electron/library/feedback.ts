import { plainLine } from '../../shared/domain/rows/text.ts'
import type { Library } from './library.ts'
import { enqueue } from './outbox.ts'
import type { FeedbackRecord } from './schema.ts'
import { withNames } from './user-names.ts'

export type FeedbackWithNames = FeedbackRecord & {
  user_name: string
  skill_name: string
  version_number: number | null
}

export type FeedbackQuery = { tenantId: string | null; skillId: string | null; status: string | null }

/** Newest first. A NULL in the query means 'any'. */
export const listFeedback = (library: Library, query: FeedbackQuery): FeedbackWithNames[] =>
  named(
    library,
    library.all<FeedbackWithNames>(
      `SELECT f.*, u.name AS user_name, s.name AS skill_name, v.version AS version_number
     FROM skill_feedback f JOIN users u ON u.id = f.user_id JOIN skills s ON s.id = f.skill_id
       LEFT JOIN skill_versions v ON v.id = f.skill_version_id
     WHERE (@tenantId IS NULL OR f.tenant_id = @tenantId) AND (@skillId IS NULL OR f.skill_id = @skillId)
       AND (@status IS NULL OR f.status = @status)
     ORDER BY f.created_at DESC LIMIT 1000`,
      query,
    ),
  )

const named = (library: Library, rows: readonly FeedbackWithNames[]): FeedbackWithNames[] =>
  withNames(library, rows, (row, nameOf) => ({
    ...row,
    user_name: nameOf(row.user_id, row.user_name),
    skill_name: plainLine(row.skill_name),
  }))

/** What was said of a version, and what it was made because of; newest first. */
export const listFeedbackOfVersion = (library: Library, versionId: string): FeedbackWithNames[] =>
  named(
    library,
    library.all<FeedbackWithNames>(
      `SELECT f.*, u.name AS user_name, s.name AS skill_name, v.version AS version_number
     FROM skill_feedback f JOIN users u ON u.id = f.user_id JOIN skills s ON s.id = f.skill_id
       LEFT JOIN skill_versions v ON v.id = f.skill_version_id
     WHERE f.skill_version_id = @versionId OR f.implemented_by_version_id = @versionId
     ORDER BY f.created_at DESC LIMIT 200`,
      { versionId },
    ),
  )

export const findFeedback = (library: Library, id: string): FeedbackRecord | undefined =>
  library.find<FeedbackRecord>('SELECT * FROM skill_feedback WHERE id = ?', id)

/** pending → accepted by a reviewer; queued as the review that it is. */
export function acceptFeedback(library: Library, row: FeedbackRecord, reviewerId: string, now: number): void {
  library.run(
    "UPDATE skill_feedback SET status = 'accepted', reviewed_by = ?, reviewed_at = ?, updated_at = ? WHERE id = ?",
    reviewerId,
    now,
    now,
    row.id,
  )
  enqueue(library, {
    tenantId: row.tenant_id,
    skillId: row.skill_id,
    entity: 'feedback',
    entityId: row.id,
    operation: 'review',
    payload: {
      expected: row.status,
      status: 'accepted',
      notes: row.review_notes,
      implementedBy: row.implemented_by_version_id,
    },
    now,
  })
}
