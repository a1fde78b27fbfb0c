import type { Batch, BatchEvent, PlanInput } from '../../shared/contract/benchmarks.ts'
import type { BenchmarkControl, RunPlan } from '../benchmark/control.ts'
import {
  deleteBatch,
  deleteFailedResults,
  findBatch,
  insertBatch,
  insertRun,
  listBatches,
  setBatchState,
  setBudget,
  setRunsStatus,
} from '../library/benchmark-batches.ts'
import { deleteReplies, measureReplies } from '../library/model-replies.ts'
import type { BatchRecord } from '../library/schema-benchmark.ts'
import { findSkill } from '../library/skills.ts'
import { putManifest } from '../library/versions.ts'
import type { Batches } from './benchmark-batches.ts'
import { keepWorking } from './benchmark-content.ts'
import { opinions } from './benchmark-opinions.ts'
import { notGiven, type Planned, planRun } from './benchmark-plan.ts'
import { announce, type Context, type Damaged, type NotFound, os } from './context.ts'
import { authorOf } from './versions.ts'

export const benchmarksService = (context: Context, control: BenchmarkControl, batches: Batches) => {
  const { library } = context
  const get = (id: string, errors: NotFound): BatchRecord => {
    const row = findBatch(library, id)
    if (!row) throw errors.NOT_FOUND({ data: { what: 'run', id } })
    return row
  }

  return {
    ...opinions(context, control),

    plan: os.benchmarks.plan.handler(async ({ input, errors }) => {
      const planned = await planOf(context, control, input, errors)
      if (planned.kind === 'impossible') throw errors.PLAN_IMPOSSIBLE({ data: { reasons: planned.reasons } })
      return planned.shown
    }),

    start: os.benchmarks.start.handler(async ({ input, errors }) => {
      const planned = await planOf(context, control, input, errors)
      if (planned.kind === 'impossible') throw errors.PLAN_IMPOSSIBLE({ data: { reasons: planned.reasons } })
      const waiting = notGiven(planned.shown.configuring)
      if (waiting.length > 0) throw errors.PLAN_IMPOSSIBLE({ data: { reasons: waiting } })
      if (planned.shown.hash !== input.consent) throw errors.PLAN_CHANGED({ data: { plan: planned.shown } })
      const row = library.write(() => insertPlan(context, planned.plan, planned.shown.cells, input))
      // The working copy was read a moment before; had it changed since, its hash would have.
      if (!row) throw errors.PLAN_CHANGED({ data: { plan: planned.shown } })
      batches.begin(row)
      announce(context, ['benchmarks'], [input.skillId])
      return { batchId: row.id }
    }),

    list: os.benchmarks.list.handler(({ input }) =>
      listBatches(library, input.skillId).map(row => batches.describe(row)),
    ),
    get: os.benchmarks.get.handler(({ input, errors }) => batches.describe(get(input.id, errors))),

    watch: os.benchmarks.watch.handler(async function* ({ input, errors, signal }) {
      // Followed before it is looked at, so that nothing falls between the two.
      const events = batches.follow(input.id, signal)
      const batch = batches.describe(get(input.id, errors))
      yield { batch, cell: null } satisfies BatchEvent
      if (!events || batch.state !== 'running') return
      for await (const event of events) {
        yield event
        if (event.batch.state !== 'running') return
      }
    }),

    pause: os.benchmarks.pause.handler(async ({ input, errors }): Promise<Batch> => {
      get(input.id, errors)
      await batches.stop(input.id, 'pause')
      return batches.describe(get(input.id, errors))
    }),

    resume: os.benchmarks.resume.handler(({ input, errors }): Batch => {
      const row = get(input.id, errors)
      if (batches.elsewhere(row)) throw errors.BATCH_ELSEWHERE()
      if (batches.isLive(row.id) || row.state === 'cancelled') return batches.describe(row)
      library.write(() => {
        if (input.budgetMicrocents !== undefined) setBudget(library, row.id, input.budgetMicrocents)
        if (input.retryFailed) deleteFailedResults(library, row.id)
      })
      if (!batches.begin(get(row.id, errors))) throw errors.BATCH_ELSEWHERE()
      announce(context, ['benchmarks'], [row.skill_id])
      return batches.describe(get(row.id, errors))
    }),

    cancel: os.benchmarks.cancel.handler(async ({ input, errors }): Promise<Batch> => {
      const row = get(input.id, errors)
      if (batches.isLive(row.id)) await batches.stop(row.id, 'cancel')
      else if (row.state !== 'completed' && row.state !== 'cancelled' && !batches.elsewhere(row)) {
        const now = context.clock()
        library.write(() => {
          setBatchState(library, row.id, 'cancelled', null, now)
          setRunsStatus(library, row.id, 'cancelled', null, now)
        })
        announce(context, ['benchmarks'], [row.skill_id])
      }
      return batches.describe(get(row.id, errors))
    }),

    remove: os.benchmarks.remove.handler(async ({ input, errors }) => {
      const row = get(input.batchId, errors)
      if (batches.elsewhere(row)) throw errors.BATCH_ELSEWHERE()
      await batches.stop(row.id, 'cancel')
      library.write(() => deleteBatch(library, row.id))
      announce(context, ['benchmarks', 'skills'], [row.skill_id])
      return {}
    }),

    cache: os.benchmarks.cache.handler(() => measureReplies(library)),
    clearCache: os.benchmarks.clearCache.handler(() => ({ removed: deleteReplies(library) })),
  }
}

async function planOf(
  context: Context,
  control: BenchmarkControl,
  input: PlanInput,
  errors: NotFound & Damaged,
): Promise<Planned> {
  if (!findSkill(context.library, input.skillId)) throw errors.NOT_FOUND({ data: { what: 'skill', id: input.skillId } })
  return planRun(context, control, input, errors)
}

/** The batch, a run for each subject, and the working copies' content, in one transaction. Undefined where that has changed. */
function insertPlan(context: Context, plan: RunPlan, cells: number, input: PlanInput): BatchRecord | undefined {
  const { library, clock, newId } = context
  const skill = findSkill(library, plan.skillId)
  if (!skill) return undefined
  if (!plan.subjects.every(subject => keepWorking(library, subject, files => putManifest(library, files))))
    return undefined
  const now = clock()
  const row: BatchRecord = {
    id: newId(),
    tenant_id: skill.tenant_id,
    skill_id: skill.id,
    plan: JSON.stringify(plan),
    state: 'paused',
    reason: null,
    cells,
    budget_microcents: input.budgetMicrocents,
    spent_microcents: 0,
    owner: null,
    owner_until: null,
    created_at: now,
    completed_at: null,
    unpriced: 0,
  }
  insertBatch(library, row)
  for (const subject of plan.subjects)
    insertRun(library, {
      id: subject.runId,
      tenant_id: skill.tenant_id,
      skill_id: skill.id,
      skill_version_id: subject.versionId,
      case_set_hash: plan.caseSetHash,
      judge_model: plan.judge?.model ?? null,
      judge_prompt_hash: plan.judgePromptHash,
      price_table_date: plan.priceTable,
      repeats: plan.repeats,
      models: JSON.stringify(plan.contestants.map(one => (one.kind === 'model' ? one.model : one.fields.name))),
      status: 'pending',
      triggered_by: authorOf(context, skill),
      configuration: subject.label,
      baseline: subject.kind === 'none' ? 1 : 0,
      content_hash: subject.contentHash,
      batch_id: row.id,
      settings: JSON.stringify(plan.settings),
      created_at: now,
      started_at: now,
    })
  return row
}
