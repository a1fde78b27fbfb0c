import { z } from 'zod'
import { id, instant, microcents } from './base.ts'

/**
 * What two versions did, compared. Every figure is either there with what it rests on, or null with a reason; where the
 * two were not measured alike, nothing is subtracted.
 */
export const verdict = z.enum(['better', 'worse', 'cannot-tell'])

/** Which run a figure comes from, enough to say whether two are alike. */
export const runFacts = z.object({
  id,
  versionId: id.nullable(),
  createdAt: instant,
  caseSetHash: z.string(),
  judgeModel: z.string().nullable(),
  judgePromptHash: z.string().nullable(),
  priceTableDate: z.string().nullable(),
  models: z.array(z.string()),
  repeats: z.int(),
  results: z.int(),
  /** Results whose judging failed: left out of every mean. */
  unjudged: z.int(),
})
export type RunFacts = z.infer<typeof runFacts>

/** Scores of one case on both sides, over the same models and all repeats. */
export const caseScores = z.object({
  caseId: id,
  name: z.string(),
  left: z.array(z.number()),
  right: z.array(z.number()),
  leftMean: z.number().nullable(),
  rightMean: z.number().nullable(),
  flaky: z.boolean(),
})

const quality = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('compared'),
    left: z.object({ run: runFacts, mean: z.number() }),
    right: z.object({ run: runFacts, mean: z.number() }),
    delta: z.number(),
    low: z.number(),
    high: z.number(),
    verdict,
    wins: z.int(),
    losses: z.int(),
    ties: z.int(),
    p: z.number().nullable(),
    moreCases: z.int().nullable(),
    /** 'better: +6.1 points (95%: 2.0 to 10.4), 14 won, 3 lost, 23 tied'. */
    words: z.string(),
    cases: z.array(caseScores),
    /** Runs are alike, but only these models ran in both. */
    models: z.array(z.string()),
  }),
  /** Both were measured, but not alike: one sentence for each difference. */
  z.object({ state: z.literal('unlike'), left: runFacts, right: runFacts, reasons: z.array(z.string()) }),
  z.object({
    state: z.literal('not-measured'),
    left: runFacts.nullable(),
    right: runFacts.nullable(),
    reasons: z.array(z.string()),
  }),
])

/** A mean of each side, and their difference where both have enough. */
const means = z.object({
  left: z.object({ mean: z.number().nullable(), samples: z.int() }),
  right: z.object({ mean: z.number().nullable(), samples: z.int() }),
  difference: z.object({ delta: z.number(), low: z.number(), high: z.number(), verdict, words: z.string() }).nullable(),
})

export const feedbackNote = z.object({
  id,
  side: z.enum(['left', 'right']),
  /** `named`: said of that version; `implemented`: that version was made because of it. */
  relation: z.enum(['named', 'implemented']),
  type: z.string(),
  comment: z.string().nullable(),
  userName: z.string(),
  createdAt: instant,
})

export const evidence = z.object({
  quality,
  /** Microcents and milliseconds per use; less is better. */
  cost: means,
  latency: means,
  /** Stars; `distribution[0]` counts the one-star ratings. */
  rating: means.extend({ leftDistribution: z.array(z.int()).length(5), rightDistribution: z.array(z.int()).length(5) }),
  /** Hours saved, as its users estimate; the sum of each side. */
  hours: z.object({ left: z.number().nullable(), right: z.number().nullable() }),
  feedback: z.array(feedbackNote),
})
export type Evidence = z.infer<typeof evidence>

/** One version in the history picture; null where it was not measured. */
export const seriesPoint = z.object({
  versionId: id,
  tokens: z.object({ always: z.int(), onTrigger: z.int(), onDemand: z.int() }).nullable(),
  /** Points of one `alike` group were measured alike and may be joined by a line. */
  quality: z.object({ mean: z.number(), low: z.number(), high: z.number(), runId: id, alike: z.string() }).nullable(),
  costMicrocents: microcents.nullable(),
  averageRating: z.int().nullable(),
  totalRatings: z.int(),
  uses: z.int(),
})
export type SeriesPoint = z.infer<typeof seriesPoint>
