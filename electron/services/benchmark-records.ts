import type { Batch } from '../../shared/contract/benchmarks.ts'
import type { CellResult, Engine, ReplyStore, RunPlan } from '../benchmark/control.ts'
import { addSpent, listMeasuredIds, type NewResult } from '../library/benchmark-batches.ts'
import type { Library } from '../library/library.ts'
import { enqueue, isTeam } from '../library/outbox.ts'
import type { BatchRecord } from '../library/schema-benchmark.ts'
import type { Context } from './context.ts'
import type { GroupCommit } from './group-commit.ts'
import { KnownAnswers } from './known-answers.ts'

/** The answers that are kept, and what they cost added to their batch in the same transaction. */
export function repliesOf(
  context: Context,
  engine: Engine,
  commit: GroupCommit,
  batchId: string | undefined,
  spent: (microcents: number) => void,
): ReplyStore {
  const { library } = context
  const answers = new KnownAnswers(context, engine)
  const spend = (microcents: number) => {
    if (batchId !== undefined && microcents !== 0) addSpent(library, batchId, Math.round(microcents))
    spent(Math.round(microcents))
  }
  return {
    find: key => {
      const { reply, stale } = answers.find(key)
      // Joins the next group; were that to fail, whoever waits for it hears of it, and the answer merely goes earlier.
      if (reply && stale) commit.write(() => answers.used(key)).catch(() => {})
      return reply
    },
    keep: (key, reply, microcents) =>
      commit.write(() => {
        answers.put(key, JSON.stringify(reply))
        spend(microcents)
      }),
    spend: microcents => commit.write(() => spend(microcents)),
  }
}

/** A cell's outcome as a row. What is not known is null, never 0. */
export function resultOf(batch: BatchRecord, result: CellResult, id: string, now: number): NewResult {
  const { cell, told, graded, error } = result
  const usage = told?.usage
  return {
    id,
    tenant_id: batch.tenant_id,
    run_id: cell.subject.runId,
    case_id: cell.case.id,
    model_name: result.model,
    model_provider: result.provider,
    repeat: cell.repeat,
    input_used: cell.case.prompt,
    output_produced: told?.output ?? null,
    expected_output: cell.case.expectedOutput,
    input_tokens: usage?.input ?? null,
    output_tokens: usage?.output ?? null,
    cache_read_tokens: usage?.cacheRead ?? null,
    cache_write_tokens: usage?.cacheWrite ?? null,
    total_tokens: usage ? totalOf(usage) : null,
    estimated_cost_microcents: told?.cost ?? null,
    latency_ms: told ? Math.round(told.ms) : null,
    quality_score: graded?.score ?? null,
    quality_notes: graded?.notes ?? null,
    matches_expected: graded?.matches == null ? null : Number(graded.matches),
    assertion_results: JSON.stringify(graded?.results ?? []),
    error_message: error,
    details: JSON.stringify(detailsOf(result)),
    created_at: now,
  }
}

function totalOf(usage: {
  input: number | null
  output: number | null
  cacheRead: number | null
  cacheWrite: number | null
}): number | null {
  if (usage.input === null || usage.output === null) return null
  return usage.input + usage.output + (usage.cacheRead ?? 0) + (usage.cacheWrite ?? 0)
}

const detailsOf = ({ told, judgeCost }: CellResult) =>
  told === null
    ? {}
    : {
        steps: told.steps,
        finish: told.finish,
        skillsUsed: told.used,
        filesRead: told.read,
        fromCache: told.cached,
        judgeMicrocents: judgeCost,
      }

/** For a team's registry: the run, then what it measured. */
export function queueRun(
  library: Library,
  run: { id: string; tenant_id: string; skill_id: string },
  now: number,
): void {
  if (!isTeam(library, run.tenant_id)) return
  const queue = (entity: 'benchmark_run' | 'benchmark_result', entityId: string) =>
    enqueue(library, { tenantId: run.tenant_id, skillId: run.skill_id, entity, entityId, operation: 'insert', now })
  queue('benchmark_run', run.id)
  for (const { id } of listMeasuredIds(library, run.id)) queue('benchmark_result', id)
}

export type PlanFacts = Pick<Batch, 'runIds' | 'labels' | 'models'>
export function factsOf(row: BatchRecord): PlanFacts {
  const plan: RunPlan = JSON.parse(row.plan)
  return {
    runIds: plan.subjects.map(subject => subject.runId),
    labels: plan.subjects.map(subject => subject.label),
    models: plan.contestants.map(one => (one.kind === 'model' ? one.model : one.fields.name)),
  }
}
