import { z } from 'zod'
import { contract, id, instant } from './base.ts'

export const FEEDBACK_TYPES = ['thumbs_up', 'thumbs_down', 'suggestion', 'training_example', 'bug_report'] as const
export const FEEDBACK_STATUSES = ['pending', 'accepted', 'dismissed', 'implemented'] as const

export const feedbackRow = z.object({
  id,
  skillId: id,
  skillName: z.string(),
  versionId: id.nullable(),
  versionNumber: z.int().nullable(),
  userName: z.string(),
  type: z.enum(FEEDBACK_TYPES),
  sentiment: z.int().min(-1).max(1).nullable(),
  comment: z.string().nullable(),
  severity: z.string().nullable(),
  status: z.enum(FEEDBACK_STATUSES),
  reviewNotes: z.string().nullable(),
  createdAt: instant,
})
export type FeedbackRow = z.infer<typeof feedbackRow>

export const feedback = {
  list: contract
    .input(z.object({ tenantId: id.optional(), skillId: id.optional(), status: z.enum(FEEDBACK_STATUSES).optional() }))
    .output(z.array(feedbackRow)),
}
