import { z } from 'zod'
import { assertionResult } from '../domain/benchmark/assertion.ts'
import { contract, id, instant, microcents } from './base.ts'

/** What benchmark runs measured, however they came here: for reading, comparing and drawing. Unknown is null, never 0. */
export const measuredRun = z.object({
  id,
  /** One for the runs that were started together. */
  batchId: id.nullable(),
  /** 'v14', 'no skill', 'working copy', or what an imported file called it. */
  label: z.string(),
  versionId: id.nullable(),
  versionNumber: z.int().nullable(),
  baseline: z.boolean(),
  status: z.enum(['pending', 'running', 'completed', 'failed', 'cancelled']),
  models: z.array(z.string()),
  repeats: z.int(),
  judgeModel: z.string().nullable(),
  priceTableDate: z.string().nullable(),
  /** Runs of one `alike` had the same cases, judge and judge's prompt: only those may be subtracted from one another. */
  alike: z.string(),
  createdAt: instant,
  completedAt: instant.nullable(),
  results: z.int(),
  /** Judging failed, or nothing could be graded: in no mean. */
  unjudged: z.int(),
  /** No output at all. */
  failed: z.int(),
  /** 0–100 with its 95 % interval. */
  quality: z.object({ mean: z.number(), low: z.number(), high: z.number() }).nullable(),
  /** Of the assertions that could be graded: 0–1 with Wilson's interval. */
  passRate: z.object({ rate: z.number(), low: z.number(), high: z.number(), passed: z.int(), of: z.int() }).nullable(),
  /** Of one result, over those with a known price. */
  costMicrocents: microcents.nullable(),
  /** The middle one. */
  latencyMs: z.number().nullable(),
  /** Where an imported run came from, in words; null for one made here. */
  source: z.string().nullable(),
})
export type MeasuredRun = z.infer<typeof measuredRun>

/** Results as columns, one entry of each a result: a hundred thousand of them cross the port in one message. */
export const measuredCells = z.object({
  runs: z.array(z.object({ id, label: z.string() })),
  cases: z.array(z.object({ id, name: z.string() })),
  ids: z.array(id),
  /** Place in `runs`, `cases` and `models`. */
  run: z.array(z.int()),
  case: z.array(z.int()),
  models: z.array(z.string()),
  model: z.array(z.int()),
  quality: z.array(z.number().nullable()),
  costMicrocents: z.array(microcents.nullable()),
  latencyMs: z.array(z.number().nullable()),
  tokens: z.array(z.int().nullable()),
})
export type MeasuredCells = z.infer<typeof measuredCells>

export const measuredResult = z.object({
  id,
  runId: id,
  runLabel: z.string(),
  caseId: id,
  caseName: z.string(),
  model: z.string(),
  provider: z.string(),
  repeat: z.int(),
  input: z.string().nullable(),
  output: z.string().nullable(),
  expected: z.string().nullable(),
  inputTokens: z.int().nullable(),
  outputTokens: z.int().nullable(),
  costMicrocents: microcents.nullable(),
  latencyMs: z.number().nullable(),
  quality: z.number().nullable(),
  notes: z.string().nullable(),
  error: z.string().nullable(),
  /** Why it has no quality; null where it has one. */
  ungraded: z.string().nullable(),
  assertions: z.array(assertionResult),
})
export type MeasuredResult = z.infer<typeof measuredResult>

/** A result in the list of its run. */
export const listedResult = measuredResult.pick({
  id: true,
  caseId: true,
  caseName: true,
  model: true,
  repeat: true,
  quality: true,
  ungraded: true,
})
export type ListedResult = z.infer<typeof listedResult>

const sideCount = z.object({ passed: z.int(), of: z.int() })

/** Two runs beside each other. */
export const measuredPair = z.object({
  /** Why nothing is subtracted; empty where the two are alike. */
  reasons: z.array(z.string()),
  /** 'better: +6.1 points (95%: 2.0 to 10.4), 14 won, 3 lost, 23 tied'; null where nothing was measured on both sides. */
  words: z.string().nullable(),
  verdict: z.enum(['better', 'worse', 'cannot-tell']).nullable(),
  /** How many more cases would probably tell; null where it is told, or no number would. */
  moreCases: z.int().nullable(),
  /** How many of the compared cases are independent: those with the same file, prompt or `source:` tag count as one. */
  sources: z.int().nullable(),
  /** The smallest difference that these cases would have shown, in points. */
  detectable: z.number().nullable(),
  cases: z.array(
    z.object({
      caseId: id,
      name: z.string(),
      left: z.number().nullable(),
      right: z.number().nullable(),
      flaky: z.boolean(),
      /** Results of that case, for opening them side by side. */
      leftResults: z.array(id),
      rightResults: z.array(id),
    }),
  ),
  /** Assertions that went differently, the most different first. */
  assertions: z.array(
    z.object({
      caseId: id,
      caseName: z.string(),
      text: z.string(),
      left: sideCount,
      right: sideCount,
      leftEvidence: z.string().nullable(),
      rightEvidence: z.string().nullable(),
    }),
  ),
})
export type MeasuredPair = z.infer<typeof measuredPair>

export const measurements = {
  /** Newest first, of every state. */
  runs: contract.input(z.object({ skillId: id })).output(z.array(measuredRun)),
  cells: contract.input(z.object({ runIds: z.array(id).min(1).max(200) })).output(measuredCells),
  /** Every result of a run, by case, without its texts. */
  results: contract.input(z.object({ runId: id })).output(z.array(listedResult)),
  result: contract.input(z.object({ id })).output(measuredResult),
  pair: contract.input(z.object({ left: id, right: id })).output(measuredPair),
}
