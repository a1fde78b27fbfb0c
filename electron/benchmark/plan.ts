import { z } from 'zod'
import { commandFields } from '../../shared/contract/agent-commands.ts'
import { runSettings } from '../../shared/contract/benchmarks.ts'
import { providerKind } from '../../shared/contract/providers.ts'
import { assertions } from '../../shared/domain/benchmark/assertion.ts'
import { storedCaseFile } from '../../shared/domain/benchmark/case-set.ts'
import { givenFile } from '../../shared/domain/benchmark/laid-files.ts'

const price = z.object({
  input: z.number(),
  output: z.number(),
  cacheRead: z.number().nullable(),
  cacheWrite: z.number().nullable(),
})

/** A model as it was when the run began: where it was and what it cost. */
export const plannedModel = z.object({
  kind: z.literal('model'),
  providerId: z.string(),
  provider: z.string(),
  providerKind,
  baseUrl: z.string().nullable(),
  model: z.string(),
  price: price.nullable(),
})
export type PlannedModel = z.infer<typeof plannedModel>

export const plannedCommand = z.object({
  kind: z.literal('command'),
  commandId: z.string(),
  /** SHA-256 of the text that was agreed to. */
  hash: z.string(),
  fields: commandFields,
})
export type PlannedCommand = z.infer<typeof plannedCommand>

const plannedSubject = z.object({
  runId: z.string(),
  kind: z.enum(['version', 'working', 'none']),
  label: z.string(),
  skillId: z.string().nullable(),
  versionId: z.string().nullable(),
  /** The bundle that is tried; a working copy's is kept as blobs from the start. */
  contentHash: z.string().nullable(),
})
export type PlannedSubject = z.infer<typeof plannedSubject>

const plannedCase = z.object({
  id: z.string(),
  name: z.string(),
  prompt: z.string(),
  expectedOutput: z.string().nullable(),
  assertions,
  files: z.array(storedCaseFile),
  weight: z.number(),
})
export type PlannedCase = z.infer<typeof plannedCase>

/** Everything that decides how a run goes, frozen when it begins, so that it goes on after a crash as it began. */
export const runPlan = z.object({
  skillId: z.string(),
  subjects: z.array(plannedSubject).min(1),
  contestants: z.array(z.discriminatedUnion('kind', [plannedModel, plannedCommand])).min(1),
  cases: z.array(plannedCase).min(1),
  caseSetHash: z.string(),
  repeats: z.int(),
  settings: runSettings,
  judge: plannedModel.nullable(),
  judgePromptHash: z.string().nullable(),
  priceTable: z.string(),
  /** Case files that agents are given although they configure them: see laid-files.ts. */
  given: z.array(givenFile).optional(),
})
export type RunPlan = z.infer<typeof runPlan>
export type PlannedContestant = RunPlan['contestants'][number]

/** What results are filed under: a model's own name, or a command's. */
export const nameOf = (contestant: PlannedContestant): string =>
  contestant.kind === 'model' ? contestant.model : contestant.fields.name
/** Who serves it. */
export const servedBy = (contestant: PlannedContestant): string =>
  contestant.kind === 'model' ? contestant.provider : 'command'

export type Cell = { subject: PlannedSubject; contestant: PlannedContestant; case: PlannedCase; repeat: number }
export const countCells = (plan: RunPlan): number =>
  plan.subjects.length * plan.contestants.length * plan.cases.length * plan.repeats

/**
 * The cells of some contestants, one at a time: repeat by repeat and case by case with all subjects beside each other, so that
 * a run which ends early has pairs rather than one finished side.
 */
export function* cellsOf(plan: RunPlan, contestants: readonly PlannedContestant[]): Generator<Cell> {
  for (let repeat = 1; repeat <= plan.repeats; repeat++)
    for (const one of plan.cases)
      for (const contestant of contestants)
        for (const subject of plan.subjects) yield { subject, contestant, case: one, repeat }
}

export const demandsOf = (one: PlannedCase) =>
  one.assertions.flatMap(assertion =>
    assertion.type === 'rubric' ? [{ text: assertion.value, threshold: assertion.threshold, not: assertion.not }] : [],
  )
