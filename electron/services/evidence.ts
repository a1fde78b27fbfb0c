import type { Evidence, RunFacts } from '../../shared/contract/evidence.ts'
import { sourcesOf } from '../../shared/domain/benchmark/case-source.ts'
import { readTexts } from '../../shared/domain/rows/json.ts'
import { comparePaired, type PairedResult } from '../../shared/domain/stats/compare-paired.ts'
import { compareUnpaired } from '../../shared/domain/stats/compare-unpaired.ts'
import { isFlaky } from '../../shared/domain/stats/repeats.ts'
import { sayPaired, sayUnpaired } from '../../shared/domain/stats/say.ts'
import { listCaseSources, listCompletedRuns, listScores, type ResultScore } from '../library/benchmarks.ts'
import { listFeedbackOfVersion } from '../library/feedback.ts'
import { listCosts, listLatencies } from '../library/measurements.ts'
import { listStars, ratingTotals } from '../library/ratings.ts'
import type { BenchmarkRunRecord, VersionRecord } from '../library/schema.ts'
import { filesAndTags } from './case-rows.ts'
import type { Context } from './context.ts'

type Version = VersionRecord | undefined
type Quality = Evidence['quality']

/**
 * What two versions did. A working copy or a folder on disk was never run, rated or paid for: its side is empty, and says so.
 */
export function evidenceOf(context: Context, left: Version, right: Version): Evidence {
  const of = <T>(list: (versionId: string) => T[], version: Version): T[] => (version ? list(version.id) : [])
  const { library } = context
  const pair = <T>(list: (versionId: string) => T[]): [T[], T[]] => [of(list, left), of(list, right)]
  const stars = pair(id => listStars(library, id))
  return {
    quality: qualityOf(context, left, right),
    cost: meansOf(...pair(id => listCosts(library, id)), 'cost'),
    latency: meansOf(...pair(id => listLatencies(library, id)), 'ms'),
    rating: {
      ...meansOf(...stars, 'stars'),
      leftDistribution: distribution(stars[0]),
      rightDistribution: distribution(stars[1]),
    },
    hours: {
      left: left ? ratingTotals(library, left.id).hours_saved : null,
      right: right ? ratingTotals(library, right.id).hours_saved : null,
    },
    feedback: [...feedbackOf(context, left, 'left'), ...feedbackOf(context, right, 'right')],
  }
}

/**
 * The newest two runs that are alike: the same cases, judge and judge's prompt, and at least one model in both. Prices do
 * not matter to quality. Where there are none, each difference of the newest two is named, and nothing is subtracted.
 */
function qualityOf(context: Context, left: Version, right: Version): Quality {
  const [lefts, rights] = [left, right].map(version => (version ? listCompletedRuns(context.library, version.id) : []))
  const [newestLeft, newestRight] = [lefts?.[0], rights?.[0]]
  if (!lefts || !rights || !newestLeft || !newestRight)
    return {
      state: 'not-measured',
      left: newestLeft ? factsOf(context, newestLeft) : null,
      right: newestRight ? factsOf(context, newestRight) : null,
      reasons: [missing('left', left, newestLeft), missing('right', right, newestRight)].flatMap(
        reason => reason ?? [],
      ),
    }
  for (const leftRun of lefts)
    for (const rightRun of rights) {
      if (differencesOf(leftRun, rightRun).length > 0) continue
      const compared = compareRuns(context, leftRun, rightRun)
      if (compared) return compared
    }
  return {
    state: 'unlike',
    left: factsOf(context, newestLeft),
    right: factsOf(context, newestRight),
    reasons: differencesOf(newestLeft, newestRight),
  }
}

const missing = (side: string, version: Version, run: unknown): string | undefined => {
  if (run) return undefined
  return version
    ? `No benchmark of the ${side} version has been completed.`
    : `The ${side} side is not a saved version, so it was never run.`
}

/** Why two runs cannot be compared, one sentence each; none when they can. */
export function differencesOf(left: BenchmarkRunRecord, right: BenchmarkRunRecord): string[] {
  const reasons: string[] = []
  if (left.case_set_hash !== right.case_set_hash) reasons.push('They ran other cases.')
  if (left.judge_model !== right.judge_model)
    reasons.push(`They had other judges: ${left.judge_model ?? 'none'} and ${right.judge_model ?? 'none'}.`)
  else if (left.judge_prompt_hash !== right.judge_prompt_hash) reasons.push('The judge was instructed otherwise.')
  if (commonModels(left, right).length === 0) reasons.push('No model ran in both.')
  return reasons
}

const modelsOf = (run: BenchmarkRunRecord): string[] => readTexts(run.models)
const commonModels = (left: BenchmarkRunRecord, right: BenchmarkRunRecord): string[] =>
  modelsOf(left).filter(model => modelsOf(right).includes(model))

/** Paired by case over the models of both runs. Undefined where judging left nothing to compare. */
function compareRuns(context: Context, left: BenchmarkRunRecord, right: BenchmarkRunRecord): Quality | undefined {
  const { models, cases, result } = pairRuns(context, left, right)
  if (!result) return undefined
  return {
    state: 'compared',
    left: { run: factsOf(context, left), mean: result.leftMean },
    right: { run: factsOf(context, right), mean: result.rightMean },
    delta: result.delta,
    low: result.low,
    high: result.high,
    verdict: result.verdict,
    wins: result.wins,
    losses: result.losses,
    ties: result.ties,
    p: result.p ?? null,
    moreCases: result.moreCases ?? null,
    words: sayPaired(result, { unit: 'points' }),
    models,
    cases: cases.map(one => ({
      caseId: one.caseId,
      name: one.name,
      left: [...one.left],
      right: [...one.right],
      leftMean: meanOf(one.left),
      rightMean: meanOf(one.right),
      flaky: one.flaky,
    })),
  }
}

export type PairedRuns = {
  /** Those that ran in both. */
  models: string[]
  cases: { caseId: string; name: string; left: number[]; right: number[]; flaky: boolean }[]
  /** Undefined where no case was judged on both sides. */
  result: PairedResult | undefined
}

/** Two runs case by case, over the models of both. */
export function pairRuns(context: Context, left: BenchmarkRunRecord, right: BenchmarkRunRecord): PairedRuns {
  const models = commonModels(left, right)
  const scoresOf = (run: BenchmarkRunRecord) =>
    listScores(context.library, run.id).filter(score => models.includes(score.model_name))
  const [leftScores, rightScores] = [scoresOf(left), scoresOf(right)]
  const names = new Map([...leftScores, ...rightScores].map(score => [score.case_id, score.case_name]))
  const [leftJudged, rightJudged] = [byCaseAndModel(leftScores), byCaseAndModel(rightScores)]
  const cases = [...names].map(([caseId, name]) => {
    // A model that was judged on one side only would pull that case its own way.
    const both = models
      .map(model => ({ left: leftJudged(caseId, model), right: rightJudged(caseId, model) }))
      .filter(one => one.left.length > 0 && one.right.length > 0)
    return {
      caseId,
      name,
      left: both.flatMap(one => one.left),
      right: both.flatMap(one => one.right),
      // Models may disagree about a case; flaky is one model disagreeing with itself.
      flaky: both.some(one => isFlaky(one, FLAKY_WITHIN)),
    }
  })
  const sources = caseSourcesOf(context, [left.id, right.id])
  const pairs = cases
    .filter(one => one.left.length > 0 && one.right.length > 0)
    .map(one => ({ ...one, cluster: sources.get(one.caseId) }))
  return { models, cases, result: pairs.length === 0 ? undefined : comparePaired(pairs, { scale: QUALITY_SCALE }) }
}

/** By case id, the source that a case shares with others of these runs. */
function caseSourcesOf(context: Context, runIds: string[]): Map<string, string> {
  const cases = listCaseSources(context.library, runIds)
  return sourcesOf(cases.map(row => ({ id: row.id, prompt: row.prompt, ...filesAndTags(row) })))
}

function byCaseAndModel(scores: readonly ResultScore[]): (caseId: string, model: string) => number[] {
  const known = new Map<string, number[]>()
  for (const { case_id, model_name, quality_score } of scores) {
    if (quality_score === null) continue
    const key = `${case_id} ${model_name}`
    const list = known.get(key)
    if (list) list.push(quality_score)
    else known.set(key, [quality_score])
  }
  return (caseId, model) => known.get(`${caseId} ${model}`) ?? []
}

/** What a judge may give: an interval does not reach beyond it. */
export const QUALITY_SCALE = { min: 0, max: 100 }
/** Repeats that differ by less than a tenth of the scale are called steady. */
const FLAKY_WITHIN = 10

export function factsOf(context: Context, run: BenchmarkRunRecord): RunFacts {
  const scores = listScores(context.library, run.id)
  return {
    id: run.id,
    versionId: run.skill_version_id,
    createdAt: run.created_at,
    caseSetHash: run.case_set_hash,
    judgeModel: run.judge_model,
    judgePromptHash: run.judge_prompt_hash,
    priceTableDate: run.price_table_date,
    models: modelsOf(run),
    repeats: run.repeats,
    results: scores.length,
    unjudged: scores.filter(score => score.quality_score === null).length,
  }
}

/** Fewer on either side than this, and no interval is worth showing. */
const FEWEST = 3

function meansOf(left: number[], right: number[], unit: 'cost' | 'ms' | 'stars'): Evidence['cost'] {
  const sides = {
    left: { mean: meanOf(left), samples: left.length },
    right: { mean: meanOf(right), samples: right.length },
  }
  if (left.length < FEWEST || right.length < FEWEST) return { ...sides, difference: null }
  const result = compareUnpaired(left, right, { higherIsBetter: unit === 'stars' })
  const { delta, low, high, verdict } = result
  return { ...sides, difference: { delta, low, high, verdict, words: sayUnpaired(result, { unit }) } }
}

const meanOf = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length

const distribution = (stars: readonly number[]): number[] =>
  [1, 2, 3, 4, 5].map(star => stars.filter(value => value === star).length)

function feedbackOf(context: Context, version: Version, side: 'left' | 'right'): Evidence['feedback'] {
  if (!version) return []
  return listFeedbackOfVersion(context.library, version.id).map(row => ({
    id: row.id,
    side,
    relation: row.implemented_by_version_id === version.id ? ('implemented' as const) : ('named' as const),
    type: row.feedback_type,
    comment: row.comment,
    userName: row.user_name,
    createdAt: row.created_at,
  }))
}
