import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { givenFile } from '../domain/benchmark/laid-files.ts'
import { contract, id, instant, microcents } from './base.ts'

/** What is tried on the cases. A working copy is what it was when the run began. */
export const subject = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('version'), id }),
  z.object({ kind: z.literal('working'), skillId: id }),
  /** The baseline: the same words without a skill. */
  z.object({ kind: z.literal('none') }),
])
export type Subject = z.infer<typeof subject>

const model = z.object({ providerId: id, model: z.string().trim().min(1).max(200) })
/** Who tries: a model by its provider, or an agent's command line. */
export const contestant = z.discriminatedUnion('kind', [
  model.extend({ kind: z.literal('model') }),
  z.object({ kind: z.literal('command'), commandId: id }),
])
export type Contestant = z.infer<typeof contestant>

export const runSettings = z.object({
  /** `progressive`: name and description first, the body by a tool call, files by another. `inlined`: all at once. */
  manner: z.enum(['progressive', 'inlined']).default('progressive'),
  /** Requests of one cell at most. */
  maxSteps: z.int().min(1).max(50).default(10),
  maxOutputTokens: z.int().min(1).max(200_000).default(4_096),
  /** Null: the model's own. */
  temperature: z.number().min(0).max(2).nullable().default(null),
  /** Of one request. */
  timeLimitMs: z.int().min(1_000).max(3_600_000).default(300_000),
})
export type RunSettings = z.infer<typeof runSettings>

export const planInput = z.object({
  skillId: id,
  subjects: z.array(subject).min(1).max(50),
  contestants: z.array(contestant).min(1).max(50),
  /** Left out: every case that is not archived. */
  caseIds: z.array(id).max(10_000).optional(),
  repeats: z.int().min(1).max(100).default(1),
  settings: runSettings.prefault({}),
  /** Who grades what is demanded in words. */
  judge: model.nullable().default(null),
  /** A model may judge its own output only where the author says so. */
  judgeMayContend: z.boolean().default(false),
  budgetMicrocents: microcents.min(1).nullable().default(null),
  /** A ceiling cannot hold for a model without a price; the author may go on regardless. */
  acceptUnpriced: z.boolean().default(false),
  /** Left out: none. Only what the plan lists under `configuring` can be given. */
  given: z.array(givenFile).max(10_000).optional(),
})
export type PlanInput = z.infer<typeof planInput>

export const plan = z.object({
  /** Names exactly this plan: what consent is given to. */
  hash: z.string(),
  cells: z.int(),
  /** Cells whose every answer is known already, at no cost. */
  cached: z.int(),
  caseSetHash: z.string(),
  subjects: z.array(z.object({ label: z.string(), tokens: z.int() })),
  judgeCalls: z.int(),
  /** Expected, of what will be asked. */
  tokens: z.object({ input: z.int(), output: z.int() }),
  /** Null where a model has no price. `most`: were every answer as long as it may be. */
  expectedMicrocents: microcents.nullable(),
  mostMicrocents: microcents.nullable(),
  perModel: z.array(
    z.object({
      model: z.string(),
      provider: z.string(),
      requests: z.int(),
      expectedMicrocents: microcents.nullable(),
      role: z.enum(['contestant', 'judge']),
    }),
  ),
  /** Models without a price: their cost is unknown. */
  unpriced: z.array(z.string()),
  priceTable: z.string(),
  /** What the figures rest on, and what to know before saying yes; sentences. */
  assumptions: z.array(z.string()),
  warnings: z.array(z.string()),
  /**
   * Files that would configure an agent, or a program it runs. `whose`: what reads them. Those of cases are left out unless they
   * are among the input's `given`; a skill that declares hooks (`required`) cannot be run without its SKILL.md being given.
   */
  configuring: z.array(
    givenFile.extend({ ofName: z.string(), whose: z.string(), given: z.boolean(), required: z.boolean() }),
  ),
})
export type Plan = z.infer<typeof plan>

export const batchState = z.enum(['running', 'paused', 'interrupted', 'completed', 'cancelled'])
export const batch = z.object({
  id,
  skillId: id,
  /** `interrupted`: its process ended in the middle; it can go on. `paused` with a reason: it stopped by itself. */
  state: batchState,
  reason: z.string().nullable(),
  runIds: z.array(id),
  labels: z.array(z.string()),
  models: z.array(z.string()),
  cells: z.int(),
  done: z.int(),
  failed: z.int(),
  spentMicrocents: microcents,
  /** Cells that a model without a price answered: what was spent is at least `spentMicrocents`. */
  unpriced: z.int(),
  budgetMicrocents: microcents.nullable(),
  createdAt: instant,
  completedAt: instant.nullable(),
})
export type Batch = z.infer<typeof batch>

/** One cell that moved, and how the whole stands. */
export const batchEvent = z.object({
  batch,
  cell: z
    .object({
      runId: id,
      caseId: id,
      model: z.string(),
      repeat: z.int(),
      state: z.enum(['running', 'done', 'failed']),
      quality: z.number().nullable(),
    })
    .nullable(),
})
export type BatchEvent = z.infer<typeof batchEvent>

/** One blind comparison: which side is which is not told before it is decided. */
export const blindPair = z.object({
  id,
  caseName: z.string(),
  prompt: z.string(),
  model: z.string(),
  repeat: z.int(),
  a: z.string(),
  b: z.string(),
  choice: z.enum(['a', 'b', 'tie']).nullable(),
})

const GONE = { BATCH_ELSEWHERE: { message: 'Another window or the command line is at work on this run.' } }
const IMPOSSIBLE = {
  PLAN_IMPOSSIBLE: { message: 'This cannot be run as it stands.', data: z.object({ reasons: z.array(z.string()) }) },
}

export const benchmarks = {
  /** What a run would do and cost, without asking any model anything. */
  plan: contract.input(planInput).errors(IMPOSSIBLE).output(plan),
  /** `consent`: the hash of the plan that was shown. Answers at once; `watch` says how it goes. */
  start: contract
    .input(planInput.extend({ consent: z.string() }))
    .errors({
      ...IMPOSSIBLE,
      PLAN_CHANGED: { message: 'Something changed since the plan was shown.', data: z.object({ plan }) },
    })
    .output(z.object({ batchId: id })),
  /** Newest first. */
  list: contract.input(z.object({ skillId: id })).output(z.array(batch)),
  get: contract.input(z.object({ id })).output(batch),
  /** Begins with how it stands, and ends when the run does. */
  watch: contract.input(z.object({ id })).output(eventIterator(batchEvent)),
  /** Lets what is under way come to its end; nothing is lost. */
  pause: contract.input(z.object({ id })).output(batch),
  /** Goes on where it stopped, also after a crash. A new ceiling may be given; `retryFailed`: cells that failed, too. */
  resume: contract
    .input(
      z.object({
        id,
        budgetMicrocents: microcents.min(1).nullable().optional(),
        retryFailed: z.boolean().default(false),
      }),
    )
    .errors(GONE)
    .output(batch),
  /** For good. What was measured is kept. */
  cancel: contract.input(z.object({ id })).output(batch),
  /** The runs that were started together, with all they measured. A team's registry keeps what it has. */
  remove: contract
    .input(z.object({ batchId: id }))
    .errors(GONE)
    .output(z.object({})),

  /** A person's own grade; null takes it back. It stands in for a judge that failed, and is kept beside one that did not. */
  gradeByHand: contract
    .input(
      z.object({
        resultId: id,
        score: z.number().min(0).max(100).nullable(),
        /** Left out: those of the grade that is there stay. */
        notes: z.string().max(5_000).optional(),
      }),
    )
    .output(z.object({})),
  handGrades: contract
    .input(z.object({ runId: id }))
    .output(z.array(z.object({ resultId: id, score: z.number(), notes: z.string(), by: z.string(), at: instant }))),

  /** Two outputs of each cell, sides shuffled by a seed that is kept. Refused where the runs are unlike. */
  pairs: contract
    .input(z.object({ left: id, right: id, seed: z.int().optional() }))
    .errors({ UNLIKE: { message: 'These runs cannot be compared.', data: z.object({ reasons: z.array(z.string()) }) } })
    .output(z.array(blindPair)),
  /** A new decision takes the place of the one before, with its notes. */
  decidePair: contract
    .input(z.object({ id, choice: z.enum(['a', 'b', 'tie']), notes: z.string().max(5_000).optional() }))
    .output(z.object({})),
  /** A judge model decides the pairs that nobody has. */
  judgePairs: contract
    .input(z.object({ left: id, right: id, judge: model }))
    .output(
      eventIterator(
        z.object({ done: z.int(), total: z.int() }),
        z.object({ decided: z.int(), failed: z.int(), reason: z.string().nullable() }),
      ),
    ),
  /** Seen from the right run, with Wilson's interval of its share of the wins. */
  preferences: contract.input(z.object({ left: id, right: id })).output(
    z.object({
      won: z.int(),
      lost: z.int(),
      tied: z.int(),
      open: z.int(),
      share: z.object({ rate: z.number(), low: z.number(), high: z.number() }).nullable(),
      words: z.string(),
    }),
  ),

  /** Answers that are kept so that an unchanged cell is not paid twice. */
  cache: contract.output(z.object({ answers: z.int(), bytes: z.int() })),
  clearCache: contract.output(z.object({ removed: z.int() })),
}
