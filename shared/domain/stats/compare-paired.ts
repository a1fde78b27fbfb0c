/** Which of two versions is better on the same cases; by how much, and whether it is real. */

import { unvaried } from './bounds.ts'
import { type Drawing, difference, drawing, meanOfList, type Range, refuseUnlessFinite } from './numbers.ts'
import { casesMissing, detectableWith } from './power.ts'
import { randomFrom } from './random.ts'
import { isFlaky, shareOfRepeats } from './repeats.ts'
import { signFlipP } from './sign-flip.ts'
import { agreeing, FEWEST_CASES, type Verdict, verdictOf, type Why } from './verdict.ts'
import { intervalOfMean, meanOf, type Spread, spreadOf, type Weighted } from './weighted-mean.ts'

export type { Verdict, Why }

/**
 * The scores of one case: its repeats (and models) by each of the two versions. A judging that failed is left out by the
 * caller, never 0. A case without a score on one side has no pair: it is left out, and named in `unpaired`.
 */
export type PairedCase = {
  caseId: string
  left: readonly number[]
  right: readonly number[]
  /** How much the case counts, > 0; default 1. */
  weight?: number
}

export type PairedOptions = Drawing & {
  /** Default true; false for cost and latency. Turns the verdict and who wins, never the sign of `delta`. */
  higherIsBetter?: boolean
  /** Cases that differ by no more than this are ties; default 0. Who won, not the interval, depends on it. */
  tieWithin?: number
  /** Repeats that differ by no more than this are not flaky; default a tenth of the range of all scores given. */
  flakyWithin?: number
  /** The least and the most a score can be: no bound of delta will be beyond what these allow. */
  scale?: Range
}

/**
 * Means, delta and bounds are in the unit of the scores, delta is right − left. The verdict, the interval and p always
 * agree: it is told exactly when the interval leaves out 0, which it does only where p ≤ 0.05. Without cases the numbers
 * are 0.
 */
export type PairedResult = {
  /** Cases with scores on both sides. */
  cases: number
  leftMean: number
  rightMean: number
  delta: number
  /** The 95% interval of delta, over cases like these. */
  low: number
  high: number
  verdict: Verdict
  why?: Why
  /** Cases where right is better, worse, the same. */
  wins: number
  losses: number
  ties: number
  /** Of the paired sign-flip permutation test, two-sided; undefined without cases. */
  p: number | undefined
  /** The difference that so many cases like these find in 80 of 100 tries, > 0; undefined where it cannot be known. */
  detectable: number | undefined
  /** About so many more cases like these would tell, were the difference what it seems; undefined if told, or over 1,000. */
  moreCases: number | undefined
  /** The part of the variance of delta that repeats account for, 0 … 1; undefined without repeats. */
  fromRepeats: number | undefined
  /** Ids of cases whose repeats differ among themselves as much as the two versions do. */
  flaky: string[]
  /** Ids of cases that got worse, and that got better, the flaky left out; the largest change first. */
  regressed: string[]
  improved: string[]
  /** Ids of cases without a score on one side. */
  unpaired: string[]
}

/**
 * Compares two versions over the same cases. The case is what is resampled: its repeats count as its mean. The order of the
 * cases does not matter; swapping left and right mirrors the result. A number that is NaN, infinite or off
 * the scale, a weight that is not positive, or a case given twice throws a RangeError.
 */
export function comparePaired(cases: readonly PairedCase[], options: PairedOptions = {}): PairedResult {
  const { seed, draws, tries } = drawing(options)
  refuseUnlessComparable(cases, options)
  const pairs = pairsOf(cases)
  const shared = {
    cases: pairs.length,
    unpaired: cases.filter(isUnpaired).map(one => one.caseId),
    ...sidesOf(pairs, options),
  }
  if (pairs.length === 0) return { ...shared, ...NOTHING }
  const weights = Float64Array.from(pairs, pair => pair.weight)
  const sample: Weighted = { values: Float64Array.from(pairs, pair => pair.delta), weights }
  const random = randomFrom(seed)
  const p = signFlipP(
    sample.values.map((delta, i) => delta * (weights[i] ?? 0)),
    tries,
    random,
  )
  const spread = spreadOf(sample)
  const most = options.scale ? options.scale.max - options.scale.min : Number.POSITIVE_INFINITY
  const interval = intervalOfMean(sample, { min: -most, max: most }, draws, random)
  const { low, high } = agreeing(interval ?? unvaried(spread.mean, pairs.length), p)
  const verdict = verdictOf({ low, high }, options.higherIsBetter)
  return {
    ...shared,
    leftMean: meanOf({ values: Float64Array.from(pairs, pair => pair.left), weights }),
    rightMean: meanOf({ values: Float64Array.from(pairs, pair => pair.right), weights }),
    delta: spread.mean,
    low,
    high,
    p,
    verdict,
    why: whyNot(pairs, verdict),
    ...outlook(spread, pairs.length, verdict !== 'cannot-tell'),
    fromRepeats: shareOfRepeats(
      pairs.map(pair => pair.scores),
      spread.error ** 2 * spread.n,
    ),
  }
}

const NOTHING = {
  leftMean: 0,
  rightMean: 0,
  delta: 0,
  low: 0,
  high: 0,
  verdict: 'cannot-tell',
  why: 'no-scores',
  p: undefined,
  detectable: undefined,
  moreCases: undefined,
  fromRepeats: undefined,
} as const

/** One case with scores on both sides; `left` and `right` their means. */
type Pair = {
  caseId: string
  weight: number
  scores: Pick<PairedCase, 'left' | 'right'>
  left: number
  right: number
  delta: number
}

const isUnpaired = (one: PairedCase): boolean => one.left.length === 0 || one.right.length === 0

/** In the order of their ids, so that another order draws the same. */
function pairsOf(cases: readonly PairedCase[]): Pair[] {
  return cases
    .filter(one => !isUnpaired(one))
    .map(({ caseId, weight = 1, ...scores }) => {
      const left = meanOfList(scores.left)
      const right = meanOfList(scores.right)
      return { caseId, weight, scores, left, right, delta: difference(left, right) }
    })
    .sort((a, b) => (a.caseId < b.caseId ? -1 : 1))
}

function refuseUnlessComparable(cases: readonly PairedCase[], options: PairedOptions): void {
  const { tieWithin = 0, flakyWithin = 0, scale } = options
  refuseUnlessFinite([tieWithin, flakyWithin], 'Options')
  if (tieWithin < 0 || flakyWithin < 0) throw new RangeError('Nothing differs by less than 0')
  const ids = new Set<string>()
  for (const { caseId, left, right, weight = 1 } of cases) {
    refuseUnlessFinite(left, `Case ${caseId}`, scale)
    refuseUnlessFinite(right, `Case ${caseId}`, scale)
    if (!(weight > 0 && weight <= 1e9)) throw new RangeError(`Case ${caseId} has weight ${weight}`)
    if (ids.has(caseId)) throw new RangeError(`Case ${caseId} is there twice`)
    ids.add(caseId)
  }
}

/** Who won where. */
function sidesOf(pairs: Pair[], options: PairedOptions) {
  const { higherIsBetter = true, tieWithin = 0, flakyWithin = rangeOf(pairs) / 10 } = options
  const differing = pairs.filter(pair => Math.abs(pair.delta) > tieWithin * (1 + 1e-9))
  const won = differing.filter(pair => pair.delta > 0 === higherIsBetter)
  const lost = differing.filter(pair => pair.delta > 0 !== higherIsBetter)
  const flaky = new Set(pairs.filter(pair => isFlaky(pair.scores, flakyWithin)))
  const steady = (some: Pair[]) =>
    some
      .filter(pair => !flaky.has(pair))
      .sort((a, b) => Math.abs(b.delta) - Math.abs(a.delta))
      .map(pair => pair.caseId)
  return {
    wins: won.length,
    losses: lost.length,
    ties: pairs.length - differing.length,
    flaky: [...flaky].map(pair => pair.caseId),
    improved: steady(won),
    regressed: steady(lost),
  }
}

function rangeOf(pairs: Pair[]): number {
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  for (const { scores } of pairs)
    for (const score of [...scores.left, ...scores.right]) {
      least = Math.min(least, score)
      most = Math.max(most, score)
    }
  return most - least
}

/** Undefined where the verdict is told. */
function whyNot(pairs: Pair[], verdict: Verdict): Why | undefined {
  if (verdict !== 'cannot-tell') return undefined
  if (pairs.length < FEWEST_CASES) return 'too-few-cases'
  const differing = pairs.filter(pair => pair.delta !== 0).length
  if (differing === 0) return 'all-equal'
  return differing < FEWEST_CASES ? 'too-few-differ' : 'interval-includes-zero'
}

/** What these cases can find, and how many more it would take. Weighted cases count as their Kish number. */
function outlook({ mean, error, df, n: effective }: Spread, n: number, told: boolean) {
  const deviation = error * Math.sqrt(effective)
  return {
    detectable: n < FEWEST_CASES || error === 0 ? undefined : detectableWith(error, df),
    moreCases: told || mean === 0 ? undefined : casesMissing(n, mean * Math.sqrt(effective / n), deviation),
  }
}
