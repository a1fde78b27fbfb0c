/** Which of two versions is better on the same cases; by how much, and whether it is real. */

import { clustered } from './clusters.ts'
import { midPOfChanges } from './mcnemar.ts'
import { type Drawing, difference, drawing, meanOfList, type Range, refuseUnlessFinite } from './numbers.ts'
import { binaryInterval, changesOf, gradedInterval, type Pair, type SideMeans, withFloor } from './paired-interval.ts'
import { casesMissing, detectableWith } from './power.ts'
import { type Random, randomFrom } from './random.ts'
import { isFlaky, shareOfRepeats } from './repeats.ts'
import { signFlipP } from './sign-flip.ts'
import { agreeing, FEWEST_CASES, type Verdict, verdictOf, type Why } from './verdict.ts'
import { meanOf, type Spread, spreadOf, type Weighted } from './weighted-mean.ts'

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
  /** What it shares with other cases, such as a document: cases of one cluster tell as much as one. None: a case of its own. */
  cluster?: string
}

export type PairedOptions = Drawing & {
  /** Default true; false for cost and latency. Turns the verdict and who wins, never the sign of `delta`. */
  higherIsBetter?: boolean
  /** Cases that differ by no more than this are ties; default 0. Who won, not the interval, depends on it. */
  tieWithin?: number
  /** Repeats that differ by no more than this are not flaky; default a tenth of the range of all scores given. */
  flakyWithin?: number
  /**
   * The least and the most a score can be: no bound of delta will be beyond what these allow. Scores that are all at its ends
   * passed or failed; of others, a few that agree do not tell how far the rest may be off.
   */
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
  /** How many of them are independent of each other: those of one cluster count once. */
  clusters: number
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
  /** Two-sided, of the paired sign-flip permutation test, or of McNemar's where cases passed or failed; undefined without cases. */
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
 * Compares two versions over the same cases. The case is what is resampled, or the cluster of cases that share a source: the
 * repeats of a case count as its mean. The order of the cases does not matter; swapping left and right mirrors the result. A number that is NaN, infinite or off
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
  const sample = clustered(pairs.map(pair => ({ ...pair, value: pair.delta })))
  const clusters = sample.values.length
  const random = randomFrom(seed)
  const changes = clusters === pairs.length ? changesOf(pairs, options.scale) : undefined
  const means = sideMeans(pairs)
  const seen = spreadOf(sample)
  const spread = changes ? seen : withFloor(seen, options.scale)
  const p = changes ? midPOfChanges(changes.up, changes.down) : signFlipOf(sample, tries, random)
  const wide = changes ? binaryInterval(changes) : gradedInterval(sample, spread, means, { ...options, draws, random })
  const { low, high } = agreeing(wide, p)
  const verdict = verdictOf({ low, high }, options.higherIsBetter)
  return {
    ...shared,
    ...means,
    clusters,
    delta: spread.mean,
    low,
    high,
    p,
    verdict,
    why: whyNot(pairs, clusters, verdict),
    ...outlook(spread, clusters, pairs.length, verdict !== 'cannot-tell'),
    fromRepeats: shareOfRepeats(
      pairs.map(pair => pair.scores),
      seen.error ** 2 * seen.n,
    ),
  }
}

const NOTHING = {
  clusters: 0,
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

const isUnpaired = (one: PairedCase): boolean => one.left.length === 0 || one.right.length === 0

/** In the order of their ids, so that another order draws the same. */
function pairsOf(cases: readonly PairedCase[]): Pair[] {
  return cases
    .filter(one => !isUnpaired(one))
    .map(({ caseId, weight = 1, cluster, ...scores }) => {
      const left = meanOfList(scores.left)
      const right = meanOfList(scores.right)
      return { caseId, weight, cluster, scores, left, right, delta: difference(left, right) }
    })
    .sort((a, b) => (a.caseId < b.caseId ? -1 : 1))
}

function sideMeans(pairs: Pair[]): SideMeans {
  const weights = Float64Array.from(pairs, pair => pair.weight)
  return {
    leftMean: meanOf({ values: Float64Array.from(pairs, pair => pair.left), weights }),
    rightMean: meanOf({ values: Float64Array.from(pairs, pair => pair.right), weights }),
  }
}

const signFlipOf = ({ values, weights }: Weighted, tries: number, random: Random): number =>
  signFlipP(
    values.map((delta, i) => delta * (weights[i] ?? 0)),
    tries,
    random,
  )

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
function whyNot(pairs: Pair[], clusters: number, verdict: Verdict): Why | undefined {
  if (verdict !== 'cannot-tell') return undefined
  if (pairs.length < FEWEST_CASES) return 'too-few-cases'
  if (clusters < FEWEST_CASES) return 'too-few-clusters'
  const differing = pairs.filter(pair => pair.delta !== 0).length
  if (differing === 0) return 'all-equal'
  return differing < FEWEST_CASES ? 'too-few-differ' : 'interval-includes-zero'
}

/**
 * What these cases can find, and how many more it would take, were their clusters as large as these. Weighted cases count as
 * their Kish number.
 */
function outlook({ mean, error, df, n: effective }: Spread, clusters: number, cases: number, told: boolean) {
  const deviation = error * Math.sqrt(effective)
  const missing =
    told || mean === 0 ? undefined : casesMissing(clusters, mean * Math.sqrt(effective / clusters), deviation)
  return {
    detectable: clusters < FEWEST_CASES || error === 0 ? undefined : detectableWith(error, df),
    moreCases: missing === undefined ? undefined : Math.ceil((missing * cases) / clusters),
  }
}
