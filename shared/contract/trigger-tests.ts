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

/** Which other skills of the space are shown beside this one. */
export const rivals = z.discriminatedUnion('kind', [
  /** So many whose wording is most like this one's. */
  z.object({ kind: z.literal('alike'), count: z.int().min(1).max(500) }),
  z.object({ kind: z.literal('all') }),
  z.object({ kind: z.literal('these'), ids: z.array(id).max(500) }),
])
export type Rivals = z.infer<typeof rivals>

const model = z.object({ providerId: id, model: z.string().min(1).max(200) })

const input = z.object({
  of: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('version'), id }),
    z.object({ kind: z.literal('working'), skillId: id }),
  ]),
  model,
  rivals: rivals.default({ kind: 'alike', count: 30 }),
  repeats: z.int().min(1).max(20).default(1),
})
export type TriggerInput = z.input<typeof input>

/** What a run of the tests would ask and cost. Asks nobody. */
export const triggerPlan = z.object({
  questions: z.int(),
  /** Of them, answered before: they cost nothing. */
  known: z.int(),
  /** Those shown beside this skill, the most alike first, and how many other skills there are. */
  rivals: z.array(z.object({ id, name: z.string() })),
  others: z.int(),
  /** Of all that is to be asked; a question alone is `perQuestion` tokens. */
  tokens: z.object({ input: z.int(), output: z.int(), perQuestion: z.int() }),
  /** Null where the model has no known price. */
  expectedMicrocents: microcents.nullable(),
  priceTable: z.string(),
})
export type TriggerPlan = z.infer<typeof triggerPlan>

const impossible = {
  PLAN_IMPOSSIBLE: {
    message: 'This cannot be run as it stands.',
    data: z.object({ reasons: z.array(z.string()) }),
  },
}

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
  plan: contract.input(input).errors(impossible).output(triggerPlan),
  /** Shows a model this skill among others, and asks each prompt so many times. */
  run: contract
    .input(input.extend({ budgetMicrocents: microcents.min(1).nullable().default(null) }))
    .errors(impossible)
    .output(eventIterator(z.object({ done: z.int(), total: z.int() }), triggerScore)),
  /** By wording and model, newest first. */
  scores: contract.input(z.object({ skillId: id })).output(z.array(triggerScore)),
}
