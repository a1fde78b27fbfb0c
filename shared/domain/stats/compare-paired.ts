/** Which of two versions is better on the same cases; by how much, and whether it is real. */

import { bootstrapMean, weightedMean } from './bootstrap.ts'
import { randomFrom } from './random.ts'
import { signFlipP } from './sign-flip.ts'

export type Verdict = 'better' | 'worse' | 'cannot-tell'

/** Why nothing can be told; set exactly when the verdict is 'cannot-tell'. */
export type Why =
  /** No case has a score on both sides. */
  | 'no-scores'
  /** Fewer cases than any result could be told from: not even if all went the same way. */
  | 'too-few-cases'
  /** No case differs (beyond `tieWithin`). */
  | 'all-equal'
  /** What was seen goes together with better and with worse. */
  | 'interval-includes-zero'

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

export type PairedOptions = {
  /** Default true; false for cost and latency. Turns the verdict and who wins, never the sign of `delta`. */
  higherIsBetter?: boolean
  /** Of the random generator; the same seed gives the same result on every machine. */
  seed?: number
  /** Bootstrap resamples; default 2,000. */
  draws?: number
  /** Cases that differ by no more than this are ties; default 0. */
  tieWithin?: number
}

/** Means, delta and interval are in the unit of the scores; delta is right − left. No case: means, delta, low, high are 0. */
export type PairedResult = {
  /** Cases with scores on both sides. */
  cases: number
  leftMean: number
  rightMean: number
  delta: number
  /** The 95% interval of delta. */
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
  /** The difference that these cases would find in 80 of 100 tries, > 0; undefined when it cannot be known. */
  detectable: number | undefined
  /** About so many more cases like these would tell, if the difference is what it seems; undefined when told, or never. */
  moreCases: number | undefined
  /** Ids of cases whose repeats differ among themselves as much as the two versions do. */
  flaky: string[]
  /** Ids of cases that got worse, and that got better, beyond their repeats' noise; the largest change first. */
  regressed: string[]
  improved: string[]
  /** Ids of cases without a score on one side. */
  unpaired: string[]
}

/** Compares two versions over the same cases. A number that is infinite or NaN, or a case twice, throws a RangeError. */
export function comparePaired(cases: readonly PairedCase[], options: PairedOptions = {}): PairedResult {
  const { higherIsBetter = true, seed = 1, draws = 2_000, tieWithin = 0 } = options
  const pairs = pairsOf(cases)
  const n = pairs.length
  const weights = Float64Array.from(pairs, pair => pair.weight)
  const of = (pick: (pair: Pair) => number) => Float64Array.from(pairs, pick)
  const deltas = of(pair => pair.delta)
  const better = (pair: Pair) => (higherIsBetter ? pair.delta : -pair.delta) > tieWithin
  const worse = (pair: Pair) => (higherIsBetter ? -pair.delta : pair.delta) > tieWithin
  const improved = pairs.filter(better).map(pair => pair.caseId)
  const regressed = pairs.filter(worse).map(pair => pair.caseId)
  const rest = {
    cases: n,
    wins: improved.length,
    losses: regressed.length,
    ties: n - improved.length - regressed.length,
    detectable: undefined,
    moreCases: undefined,
    flaky: [],
    regressed,
    improved,
    unpaired: cases.filter(one => one.left.length === 0 || one.right.length === 0).map(one => one.caseId),
  }
  if (n === 0) {
    return {
      ...rest,
      leftMean: 0,
      rightMean: 0,
      delta: 0,
      low: 0,
      high: 0,
      verdict: 'cannot-tell',
      why: 'no-scores',
      p: undefined,
    }
  }
  const random = randomFrom(seed)
  const delta = weightedMean(deltas, weights)
  const { low, high } = bootstrapMean(deltas, weights, draws, random)
  const p = signFlipP(
    deltas.map((one, i) => one * (weights[i] ?? 0)),
    random,
  )
  const told = p <= 0.05 && (low > 0 || high < 0)
  const why: Why | undefined = told
    ? undefined
    : n < 6
      ? 'too-few-cases'
      : rest.ties === n
        ? 'all-equal'
        : 'interval-includes-zero'
  return {
    ...rest,
    leftMean: weightedMean(
      of(pair => pair.left),
      weights,
    ),
    rightMean: weightedMean(
      of(pair => pair.right),
      weights,
    ),
    delta,
    low,
    high,
    verdict: told ? (delta > 0 === higherIsBetter ? 'better' : 'worse') : 'cannot-tell',
    why,
    p,
  }
}

type Pair = { caseId: string; left: number; right: number; delta: number; weight: number }

function pairsOf(cases: readonly PairedCase[]): Pair[] {
  return cases
    .filter(one => one.left.length > 0 && one.right.length > 0)
    .map(one => {
      const left = mean(one.left)
      const right = mean(one.right)
      return { caseId: one.caseId, left, right, delta: right - left, weight: one.weight ?? 1 }
    })
    .sort((a, b) => (a.caseId < b.caseId ? -1 : 1))
}

function mean(values: readonly number[]): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}
