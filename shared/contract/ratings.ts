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
})
export type RatingRow = z.infer<typeof ratingRow>

export const ratings = {
  list: contract.input(z.object({ skillId: id })).output(z.array(ratingRow)),
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
