import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { contract, id, instant, microcents } from './base.ts'

/** A prompt, and whether this skill should be chosen for it. */
export const triggerCase = z.object({ id, prompt: z.string(), should: z.boolean() })
export type TriggerCase = z.infer<typeof triggerCase>

const rate = z.object({ rate: z.number(), low: z.number(), high: z.number(), hits: z.int(), of: z.int() }).nullable()
/** How one wording of name and description fared. Rates with Wilson's intervals; null where nothing can be said. */
export const triggerScore = z.object({
  descriptionHash: z.string(),
  description: z.string(),
  /** Versions of that wording; none for a working copy that was not saved. */
  versions: z.array(z.int().nullable()),
  model: z.string(),
  /** Of the times it was chosen, how often it should have been. */
  precision: rate,
  /** Of the times it should have been chosen, how often it was. */
  recall: rate,
  asked: z.int(),
  failed: z.int(),
  words: z.string(),
  at: instant,
})
export type TriggerScore = z.infer<typeof triggerScore>

const model = z.object({ providerId: id, model: z.string().min(1).max(200) })

export const triggerTests = {
  cases: contract.input(z.object({ skillId: id })).output(z.array(triggerCase)),
  /** Replaces the list. */
  saveCases: contract
    .input(
      z.object({
        skillId: id,
        cases: z
          .array(z.object({ id: id.optional(), prompt: z.string().trim().min(1).max(20_000), should: z.boolean() }))
          .max(1_000),
      }),
    )
    .output(z.array(triggerCase)),
  /** Shows a model this skill among others, and asks each prompt so many times. The others: all skills of the space if left out. */
  run: contract
    .input(
      z.object({
        of: z.discriminatedUnion('kind', [
          z.object({ kind: z.literal('version'), id }),
          z.object({ kind: z.literal('working'), skillId: id }),
        ]),
        model,
        among: z.array(id).max(500).optional(),
        repeats: z.int().min(1).max(20).default(1),
        budgetMicrocents: microcents.min(1).nullable().default(null),
      }),
    )
    .errors({
      PLAN_IMPOSSIBLE: {
        message: 'This cannot be run as it stands.',
        data: z.object({ reasons: z.array(z.string()) }),
      },
    })
    .output(eventIterator(z.object({ done: z.int(), total: z.int() }), triggerScore)),
  /** By wording and model, newest first. */
  scores: contract.input(z.object({ skillId: id })).output(z.array(triggerScore)),
}
