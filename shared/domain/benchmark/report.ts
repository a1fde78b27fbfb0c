import type { AssertionResult } from './assertion.ts'

/** One run, enough for a report. Unknown is null, never 0. */
export type ReportedRun = {
  skill: string
  /** 'v14', 'no skill', 'with_skill'. */
  label: string
  baseline: boolean
  status: string
  /** Milliseconds since 1970. */
  createdAt: number
  caseSetHash: string
  models: readonly string[]
  judgeModel: string | null
  priceTableDate: string | null
  /** Where it was imported from, in words; null for one made here. */
  source: string | null
  results: readonly ReportedResult[]
}
export type ReportedResult = {
  caseName: string
  model: string
  repeat: number
  /** 0–100. */
  quality: number | null
  matches: boolean | null
  latencyMs: number | null
  costMicrocents: number | null
  tokens: number | null
  error: string | null
  notes: string | null
  output: string | null
  assertions: readonly AssertionResult[]
  /** Of an imported result whose assertions did not come along. */
  counts: { passed: number; total: number } | null
}

export type Outcome = 'passed' | 'failed' | 'error' | 'unjudged'

/** `matches` decides where it is known; an output that nobody could judge is neither passed nor failed. */
export function outcomeOf(result: ReportedResult): Outcome {
  if (result.error !== null) return 'error'
  if (result.matches !== null) return result.matches ? 'passed' : 'failed'
  const graded = result.assertions.filter(one => one.passed !== null)
  if (graded.length === 0) return 'unjudged'
  return graded.every(one => one.passed) ? 'passed' : 'failed'
}

export type Totals = Record<Outcome, number> & {
  results: number
  /** 0–100, of what was judged. */
  quality: number | null
  /** Of all assertions that could be graded, 0–1. */
  passRate: number | null
  /** Of what has a price, with how many have one. */
  costMicrocents: number | null
  priced: number
  latencyMs: number | null
}

/** What a run comes to. */
export function totalsOf(results: readonly ReportedResult[]): Totals {
  const outcomes = results.map(outcomeOf)
  const number = (wanted: Outcome) => outcomes.filter(one => one === wanted).length
  const costs = results.flatMap(one => one.costMicrocents ?? [])
  const counts = results.map(countsOf)
  const total = sum(counts.map(one => one.total))
  return {
    results: results.length,
    passed: number('passed'),
    failed: number('failed'),
    error: number('error'),
    unjudged: number('unjudged'),
    quality: mean(results.flatMap(one => one.quality ?? [])),
    passRate: total === 0 ? null : sum(counts.map(one => one.passed)) / total,
    costMicrocents: costs.length === 0 ? null : sum(costs),
    priced: costs.length,
    latencyMs: mean(results.flatMap(one => one.latencyMs ?? [])),
  }
}

/** How many assertions of a result passed; what the file counted where it counted. */
export function countsOf(result: Pick<ReportedResult, 'counts' | 'assertions'>): { passed: number; total: number } {
  if (result.counts) return result.counts
  const graded = result.assertions.filter(one => one.passed !== null)
  return { passed: graded.filter(one => one.passed).length, total: graded.length }
}

/** Best and cheapest model of a run, as benchmark_runs wants them. A model without a price is not the cheapest. */
export function bestAndCheapest(results: readonly Pick<ReportedResult, 'model' | 'quality' | 'costMicrocents'>[]): {
  bestModel: string | null
  bestQuality: number | null
  cheapestModel: string | null
  cheapestMicrocents: number | null
} {
  const models = [...Map.groupBy(results, one => one.model)].map(([model, list]) => ({
    model,
    quality: mean(list.flatMap(one => one.quality ?? [])),
    cost: mean(list.flatMap(one => one.costMicrocents ?? [])),
  }))
  const best = models.reduce(
    (most, one) => (one.quality !== null && (most?.quality ?? -1) < one.quality ? one : most),
    models.find(one => one.quality !== null),
  )
  const cheapest = models.reduce(
    (least, one) => (one.cost !== null && (least?.cost ?? Infinity) > one.cost ? one : least),
    models.find(one => one.cost !== null),
  )
  return {
    bestModel: best?.model ?? null,
    bestQuality: best?.quality ?? null,
    cheapestModel: cheapest?.model ?? null,
    cheapestMicrocents: cheapest?.cost === null || cheapest === undefined ? null : Math.round(cheapest.cost),
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const mean = (values: readonly number[]): number | null => (values.length === 0 ? null : sum(values) / values.length)
