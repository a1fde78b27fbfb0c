import type { Library } from './library.ts'
import type { FeedbackRecord } from './schema.ts'

export type FeedbackWithNames = FeedbackRecord & {
  user_name: string
  skill_name: string
  version_number: number | null
}

export type FeedbackQuery = { tenantId: string | null; skillId: string | null; status: string | null }

/** Newest first. A NULL in the query means 'any'. */
export const listFeedback = (library: Library, query: FeedbackQuery): FeedbackWithNames[] =>
  library.all<FeedbackWithNames>(
    `SELECT f.*, u.name AS user_name, s.name AS skill_name, v.version AS version_number
     FROM skill_feedback f JOIN users u ON u.id = f.user_id JOIN skills s ON s.id = f.skill_id
       LEFT JOIN skill_versions v ON v.id = f.skill_version_id
     WHERE (@tenantId IS NULL OR f.tenant_id = @tenantId) AND (@skillId IS NULL OR f.skill_id = @skillId)
       AND (@status IS NULL OR f.status = @status)
     ORDER BY f.created_at DESC LIMIT 1000`,
    query,
  )

/** What was said of a version, and what it was made because of; newest first. */
export const listFeedbackOfVersion = (library: Library, versionId: string): FeedbackWithNames[] =>
  library.all<FeedbackWithNames>(
    `SELECT f.*, u.name AS user_name, s.name AS skill_name, v.version AS version_number
     FROM skill_feedback f JOIN users u ON u.id = f.user_id JOIN skills s ON s.id = f.skill_id
       LEFT JOIN skill_versions v ON v.id = f.skill_version_id
     WHERE f.skill_version_id = @versionId OR f.implemented_by_version_id = @versionId
     ORDER BY f.created_at DESC LIMIT 200`,
    { versionId },
  )
