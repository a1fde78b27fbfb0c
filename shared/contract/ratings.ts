import { z } from 'zod'
import { contract, id, instant } from './base.ts'

export const ratingRow = z.object({
  id,
  skillId: id,
  versionId: id,
  versionNumber: z.int().nullable(),
  userId: id,
  userName: z.string(),
  mine: z.boolean(),
  rating: z.int().min(1).max(5),
  comment: z.string().nullable(),
  /** 0 is a value; null is 'not said'. */
  hoursSaved: z.number().nullable(),
  createdAt: instant,
  updatedAt: instant,
  /** Not sent to the team yet. */
  waiting: z.boolean(),
})
export type RatingRow = z.infer<typeof ratingRow>

/** What a set of ratings says together. */
const ratingTotals = z.object({
  /** Stars × 100 (425 = 4.25), null without ratings. */
  average: z.int().nullable(),
  count: z.int(),
  /** How many gave one star, two, … five. */
  stars: z.array(z.int()).length(5),
  /** Summed over those who said; null where nobody did. */
  hours: z.number().nullable(),
  hoursSaid: z.int(),
})
export type RatingTotals = z.infer<typeof ratingTotals>

export const ratings = {
  list: contract.input(z.object({ skillId: id })).output(z.array(ratingRow)),
  /** Over the whole skill, and for each version that was rated, oldest first. */
  summary: contract
    .input(z.object({ skillId: id }))
    .output(
      ratingTotals.extend({ versions: z.array(ratingTotals.extend({ versionId: id, number: z.int().nullable() })) }),
    ),
  /** One per user and version: rating again edits it. */
  rate: contract
    .input(
      z.object({
        versionId: id,
        rating: z.int().min(1).max(5),
        comment: z.string().max(2_000).nullable(),
        hoursSaved: z.number().min(0).max(1_000).nullable(),
      }),
    )
    .output(ratingRow),
}
