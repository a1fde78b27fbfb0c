import { listFeedback } from '../library/feedback.ts'
import { type Context, os } from './context.ts'

export const feedbackService = (context: Context) => ({
  list: os.feedback.list.handler(({ input }) =>
    listFeedback(context.library, {
      tenantId: input.tenantId ?? null,
      skillId: input.skillId ?? null,
      status: input.status ?? null,
    }).map(row => ({
      id: row.id,
      skillId: row.skill_id,
      skillName: row.skill_name,
      versionId: row.skill_version_id,
      versionNumber: row.version_number,
      userName: row.user_name,
      type: row.feedback_type,
      sentiment: row.sentiment,
      comment: row.comment,
      severity: row.severity,
      status: row.status,
      reviewNotes: row.review_notes,
      createdAt: row.created_at,
    })),
  ),
})
