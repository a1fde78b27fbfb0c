import { z } from 'zod'
import type { MeasuredPair, MeasuredResult, MeasuredRun } from '../../shared/contract/measurements.ts'
import { type AssertionResult, readAssertions, sayAssertion } from '../../shared/domain/benchmark/assertion.ts'
import { parseJson, readTexts } from '../../shared/domain/rows/json.ts'
import { meanInterval } from '../../shared/domain/stats/interval.ts'
import { sayPaired } from '../../shared/domain/stats/say.ts'
import { wilson } from '../../shared/domain/stats/wilson.ts'
import type { Library } from '../library/library.ts'
import {
  type CellRow,
  findResult,
  findRun,
  listAssertionResults,
  listCells,
  listResults,
  listRuns,
  listShared,
  type ResultListed,
  type RunListed,
} from '../library/measured-runs.ts'
import { type Context, type NotFound, os } from './context.ts'
import { differencesOf, pairRuns, QUALITY_SCALE } from './evidence.ts'

export const measurementsService = (context: Context) => {
  const { library } = context
  const runOf = (id: string, errors: NotFound): RunListed => {
    const run = findRun(library, id)
    if (!run) throw errors.NOT_FOUND({ data: { what: 'run', id } })
    return run
  }

  return {
    runs: os.measurements.runs.handler(({ input }) => {
      const label = labels(library, input.skillId)
      return listRuns(library, input.skillId).map(run => toRun(context, run, label(run)))
    }),

    cells: os.measurements.cells.handler(({ input, errors }) => {
      const runs = input.runIds.map(id => runOf(id, errors))
      const rows = runs.map(run => listCells(library, run.id))
      const cases = placesOf(rows.flat(), row => row.case_id)
      const models = placesOf(rows.flat(), row => row.model_name)
      const all = rows.flatMap((list, run) => list.map(row => ({ ...row, run })))
      const names = new Map(all.map(row => [row.case_id, row.case_name]))
      return {
        runs: runs.map(run => ({ id: run.id, label: labels(library, run.skill_id)(run) })),
        cases: [...cases.keys()].map(id => ({ id, name: names.get(id) ?? '' })),
        models: [...models.keys()],
        ids: all.map(row => row.id),
        run: all.map(row => row.run),
        case: all.map(row => cases.get(row.case_id) ?? 0),
        model: all.map(row => models.get(row.model_name) ?? 0),
        quality: all.map(row => row.quality_score),
        costMicrocents: all.map(row => row.cost),
        latencyMs: all.map(row => row.latency_ms),
        tokens: all.map(row => row.total_tokens),
      }
    }),

    results: os.measurements.results.handler(({ input, errors }) =>
      listResults(library, runOf(input.runId, errors).id).map(row => ({
        id: row.id,
        caseId: row.case_id,
        caseName: row.case_name,
        model: row.model_name,
        repeat: row.repeat,
        quality: row.quality_score,
        ungraded: whyUngraded(row),
      })),
    ),

    result: os.measurements.result.handler(({ input, errors }): MeasuredResult => {
      const row = findResult(library, input.id)
      if (!row) throw errors.NOT_FOUND({ data: { what: 'result', id: input.id } })
      const run = runOf(row.run_id, errors)
      return {
        id: row.id,
        runId: row.run_id,
        runLabel: labels(library, run.skill_id)(run),
        caseId: row.case_id,
        caseName: row.case_name,
        model: row.model_name,
        provider: row.model_provider,
        repeat: row.repeat,
        input: row.input_used,
        output: row.output_produced,
        expected: row.expected_output,
        inputTokens: row.input_tokens,
        outputTokens: row.output_tokens,
        costMicrocents: row.estimated_cost_microcents,
        latencyMs: row.latency_ms,
        quality: row.quality_score,
        notes: row.quality_notes,
        error: row.error_message,
        ungraded: whyUngraded(row),
        assertions: readAssertionResults(row.assertion_results),
      }
    }),

    pair: os.measurements.pair.handler(({ input, errors }) =>
      pairOf(context, runOf(input.left, errors), runOf(input.right, errors)),
    ),
  }
}

/** What was noted; else what is said of the first demand that could not be graded, as after a grade by hand was taken back. */
function whyUngraded(row: Omit<ResultListed, 'case_name'>): string | null {
  if (row.quality_score !== null) return null
  const open = readAssertionResults(row.assertion_results ?? '[]').find(one => one.passed === null && one.evidence)
  return row.error_message ?? row.quality_notes ?? open?.evidence ?? 'No reason was recorded.'
}

/** Each different value with its place in the order of first appearance. */
function placesOf(rows: readonly CellRow[], of: (row: CellRow) => string): Map<string, number> {
  const places = new Map<string, number>()
  for (const row of rows) if (!places.has(of(row))) places.set(of(row), places.size)
  return places
}

/** What was run, as a person calls it; with where it came from, where others came with the same name. */
function labels(library: Library, skillId: string): (run: RunListed) => string {
  const shared = new Set(listShared(library, skillId))
  return run => {
    const { group } = provenance.safeParse(parseJson(run.provenance)).data ?? {}
    return group !== undefined && shared.has(run.configuration ?? '') ? `${run.configuration}, ${group}` : labelOf(run)
  }
}

function labelOf(run: RunListed): string {
  if (run.configuration !== null) return run.configuration
  if (run.baseline === 1) return 'no skill'
  if (run.version_number !== null) return `v${run.version_number}`
  return run.skill_version_id === null ? 'unknown content' : 'unnumbered version'
}

const provenance = z.object({ form: z.string(), file: z.string(), group: z.string() }).partial()

function toRun(context: Context, run: RunListed, label: string): MeasuredRun {
  const cells = listCells(context.library, run.id)
  const graded = listAssertionResults(context.library, run.id)
    .flatMap(row => readAssertionResults(row.assertion_results))
    .filter(result => result.passed !== null)
  const passed = graded.filter(result => result.passed === true).length
  // Results whose assertions did not come along still say whether they matched.
  const [of, good] = graded.length > 0 ? [graded.length, passed] : [run.matched + run.mismatched, run.matched]
  const from = provenance.safeParse(parseJson(run.provenance)).data
  return {
    id: run.id,
    batchId: run.batch_id,
    label,
    versionId: run.skill_version_id,
    versionNumber: run.version_number,
    baseline: run.baseline === 1,
    status: run.status,
    models: readTexts(run.models),
    repeats: run.repeats,
    judgeModel: run.judge_model,
    priceTableDate: run.price_table_date,
    alike: [run.case_set_hash, run.judge_model, run.judge_prompt_hash].join(' '),
    createdAt: run.created_at,
    completedAt: run.completed_at,
    results: run.results,
    unjudged: run.unjudged,
    failed: run.failed,
    quality: qualityOf(cells),
    passRate: of === 0 ? null : { ...wilson(good, of), passed: good, of },
    costMicrocents: run.cost,
    latencyMs: middleOf(cells.flatMap(cell => cell.latency_ms ?? [])),
    source: from?.form === undefined ? null : [from.form, from.file].filter(Boolean).join(', '),
  }
}

function qualityOf(cells: readonly CellRow[]): MeasuredRun['quality'] {
  const byCase = Map.groupBy(
    cells.filter(cell => cell.quality_score !== null),
    cell => cell.case_id,
  )
  if (byCase.size === 0) return null
  const scores = [...byCase.values()].map(list => list.map(cell => cell.quality_score ?? 0))
  const { mean, low, high } = meanInterval(scores, { scale: QUALITY_SCALE })
  return { mean, low, high }
}

function middleOf(values: number[]): number | null {
  if (values.length === 0) return null
  const sorted = values.sort((a, b) => a - b)
  const half = sorted.length >> 1
  const upper = sorted[half] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? upper) + upper) / 2
}

function pairOf(context: Context, left: RunListed, right: RunListed): MeasuredPair {
  const reasons = differencesOf(left, right)
  const { cases, result } = pairRuns(context, left, right)
  const idsOf = (run: RunListed) => Map.groupBy(listCells(context.library, run.id), cell => cell.case_id)
  const [leftIds, rightIds] = [idsOf(left), idsOf(right)]
  const told = reasons.length === 0 ? result : undefined
  return {
    reasons,
    words: told ? sayPaired(told, { unit: 'points' }) : null,
    verdict: told?.verdict ?? null,
    moreCases: told?.moreCases ?? null,
    sources: told?.clusters ?? null,
    detectable: told?.detectable ?? null,
    cases: cases.map(one => ({
      caseId: one.caseId,
      name: one.name,
      left: meanOf(one.left),
      right: meanOf(one.right),
      flaky: one.flaky,
      leftResults: (leftIds.get(one.caseId) ?? []).map(cell => cell.id),
      rightResults: (rightIds.get(one.caseId) ?? []).map(cell => cell.id),
    })),
    assertions: assertionsOf(context, left, right),
  }
}

const meanOf = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length

type Counted = { passed: number; of: number; evidence: string | null }

/** The same demand of the same case on both sides, where it was met more or less often. */
function assertionsOf(context: Context, left: RunListed, right: RunListed): MeasuredPair['assertions'] {
  const [lefts, rights] = [countAssertions(context, left), countAssertions(context, right)]
  return [...lefts]
    .flatMap(([key, one]) => {
      const other = rights.get(key)
      if (!other || one.of === 0 || other.of === 0 || one.passed * other.of === other.passed * one.of) return []
      return [
        {
          caseId: one.caseId,
          caseName: one.caseName,
          text: one.text,
          left: { passed: one.passed, of: one.of },
          right: { passed: other.passed, of: other.of },
          leftEvidence: one.evidence,
          rightEvidence: other.evidence,
        },
      ]
    })
    .sort((a, b) => Math.abs(changeOf(b)) - Math.abs(changeOf(a)) || a.caseName.localeCompare(b.caseName))
}

/** Of the share that met the demand. */
const changeOf = (one: MeasuredPair['assertions'][number]): number =>
  one.right.passed / one.right.of - one.left.passed / one.left.of

function countAssertions(context: Context, run: RunListed) {
  const counts = new Map<string, Counted & { caseId: string; caseName: string; text: string }>()
  for (const row of listAssertionResults(context.library, run.id))
    for (const result of readAssertionResults(row.assertion_results)) {
      if (result.passed === null) continue
      const key = `${row.case_id} ${result.text}`
      const count = counts.get(key) ?? {
        passed: 0,
        of: 0,
        evidence: null,
        caseId: row.case_id,
        caseName: row.case_name,
        text: result.text,
      }
      count.passed += result.passed ? 1 : 0
      count.of++
      // What went wrong tells more than what went right.
      if (count.evidence === null || !result.passed) count.evidence = result.evidence
      counts.set(key, count)
    }
  return counts
}

const storedResult = z.object({
  text: z.string().optional(),
  type: z.string().default('rubric'),
  value: z.unknown().optional(),
  passed: z.boolean().nullable().default(null),
  evidence: z.string().nullable().default(null),
  score: z.number().nullable().optional(),
  weight: z.number().optional(),
})

/** Stored results of assertions, read with tolerance: one that has no text of its own is said from its type and value. */
export function readAssertionResults(stored: string): AssertionResult[] {
  const list = z.array(z.unknown()).safeParse(parseJson(stored))
  if (!list.success) return []
  return list.data.flatMap(one => {
    const read = storedResult.safeParse(one)
    if (!read.success) return []
    const { value: _, ...known } = read.data
    const said = known.text ?? readAssertions([one]).map(sayAssertion)[0] ?? known.type
    return [{ ...known, text: said }]
  })
}
