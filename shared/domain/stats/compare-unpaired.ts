/** Which of two versions is better where other people, or other uses, gave the values: ratings, costs, times. */

import { bounds, type Interval, unvaried } from './bounds.ts'
import { groupSwapP, waysToDivide } from './group-swap.ts'
import { type Drawing, difference, drawing, refuseUnlessFinite, withoutRounding } from './numbers.ts'
import { type Random, randomFrom } from './random.ts'
import { ALPHA, agreeing, type Verdict, verdictOf, type Why } from './verdict.ts'
import { plainMeans } from './weighted-mean.ts'

export type UnpairedOptions = Drawing & {
  /** Default true; false for cost and latency. Turns the verdict, never the sign of `delta`. */
  higherIsBetter?: boolean
}

/**
 * In the unit of the values: delta is the mean of right − the mean of left, low and high its 95% interval. Verdict, interval
 * and p agree as in `comparePaired`. Without values on both sides the numbers are 0.
 */
export type UnpairedResult = Interval & {
  leftMean: number
  rightMean: number
  delta: number
  /** Right's mean / left's and its 95% interval: 0.8 is a fifth less. Only where no value is negative and both means are > 0. */
  ratio?: Interval & { value: number }
  verdict: Verdict
  why?: Why
  /** Of the two-sided permutation test; undefined with too few values. */
  p: number | undefined
}

/**
 * Compares the means of two independent groups of values. Their order does not matter; swapping the groups mirrors the
 * result. A value that is NaN or infinite throws a RangeError.
 */
export function compareUnpaired(
  left: readonly number[],
  right: readonly number[],
  options: UnpairedOptions = {},
): UnpairedResult {
  const { seed, draws, tries } = drawing(options)
  refuseUnlessFinite(left, 'Left')
  refuseUnlessFinite(right, 'Right')
  const sides = { left: groupOf(left), right: groupOf(right) }
  const means = { leftMean: sides.left.mean, rightMean: sides.right.mean }
  if (left.length === 0 || right.length === 0) {
    return { ...means, delta: 0, low: 0, high: 0, verdict: 'cannot-tell', why: 'no-scores', p: undefined }
  }
  const delta = difference(sides.left.mean, sides.right.mean)
  if (areTooFew(left.length, right.length)) {
    return {
      ...means,
      delta,
      ...agreeing(unvaried(delta, 1), 1),
      verdict: 'cannot-tell',
      why: 'too-few-cases',
      p: undefined,
    }
  }
  const random = randomFrom(seed)
  const p = groupSwapP(sides.left.values, sides.right.values, tries, random)
  const resampled = resample(sides, draws, random)
  const interval = agreeing(intervalOfDelta(sides, resampled) ?? unvaried(delta, fewest(sides)), p)
  const verdict = verdictOf(interval, options.higherIsBetter)
  const why = verdict !== 'cannot-tell' ? undefined : areAllEqual(sides) ? 'all-equal' : 'interval-includes-zero'
  return { ...means, delta, ...interval, ratio: ratioOf(sides, resampled, p), verdict, why, p }
}

/** `squares` are around the mean, Σ(x − mean)². */
type Group = { values: Float64Array; mean: number; squares: number }
type Sides = { left: Group; right: Group }

/** Of each resample the two means. */
type Resampled = { left: Float64Array; right: Float64Array }

function groupOf(list: readonly number[]): Group {
  // Sorted, so that another order of the same values draws the same.
  const values = Float64Array.from(list, withoutRounding).sort()
  const mean = values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  // What varies by rounding only does not vary.
  return { values, mean, squares: squares <= values.length * (mean * 1e-12) ** 2 ? 0 : squares }
}

/** Not even the most extreme of all ways to divide them would be rare enough, or one group says nothing of its variance. */
const areTooFew = (left: number, right: number): boolean =>
  Math.min(left, right) < 2 || 2 / waysToDivide(left + right, left) > ALPHA

const fewest = ({ left, right }: Sides): number => Math.min(left.values.length, right.values.length)
const areAllEqual = ({ left, right }: Sides): boolean =>
  left.squares === 0 && right.squares === 0 && difference(left.mean, right.mean) === 0

/** Where there are very many values, fewer resamples do, and from 20,000 none: the work stays bounded. */
const STEPS = 4_000_000
const FEWEST_DRAWS = 200

function resample({ left, right }: Sides, draws: number, random: Random): Resampled {
  const size = left.values.length + right.values.length
  const affordable = Math.floor(STEPS / size)
  const some = affordable < FEWEST_DRAWS ? 0 : Math.min(draws, affordable)
  // Which is drawn first must not depend on which is left, so that swapping the sides mirrors the result.
  if (isBefore(right, left)) {
    const means = plainMeans(right.values, some, random)
    return { left: plainMeans(left.values, some, random), right: means }
  }
  return { left: plainMeans(left.values, some, random), right: plainMeans(right.values, some, random) }
}

function isBefore(a: Group, b: Group): boolean {
  if (a.values.length !== b.values.length) return a.values.length < b.values.length
  return a.mean === b.mean ? a.squares < b.squares : a.mean < b.mean
}

/** Undefined where neither group varies. */
function intervalOfDelta(sides: Sides, resampled: Resampled): Interval | undefined {
  return intervalOf(
    sides,
    sides.right.mean - sides.left.mean,
    { left: -1, right: 1 },
    resampled.right.map((right, i) => right - (resampled.left[i] ?? 0)),
  )
}

/** By the logarithms of the means, on which a ratio and its reverse are equally far from 1. */
function ratioOf(sides: Sides, resampled: Resampled, p: number): UnpairedResult['ratio'] {
  const { left, right } = sides
  const isNegative = (values: Float64Array) => values.some(value => value < 0)
  const reachesZero = [left.mean, right.mean, ...resampled.left, ...resampled.right].some(mean => mean <= 0)
  if (reachesZero || isNegative(left.values) || isNegative(right.values)) return undefined
  const value = Math.log(right.mean / left.mean)
  const logs = resampled.right.map((mean, i) => Math.log(mean / (resampled.left[i] ?? 0)))
  const pull = { left: -1 / left.mean, right: 1 / right.mean }
  const { low, high } = agreeing(intervalOf(sides, value, pull, logs) ?? unvaried(value, fewest(sides)), p)
  return { value: right.mean / left.mean, low: Math.exp(low), high: Math.exp(high) }
}

/**
 * The interval of an estimate on which each value's deviation from its group's mean pulls by `pull` / group size. Welch's
 * degrees of freedom (B. L. Welch, Biometrika 34, 1947).
 */
function intervalOf(
  { left, right }: Sides,
  value: number,
  pull: { left: number; right: number },
  resampled: Float64Array,
): Interval | undefined {
  const parts = [
    { group: left, by: pull.left / left.values.length },
    { group: right, by: pull.right / right.values.length },
  ]
  let plugIn = 0
  let variance = 0
  for (const { group, by } of parts) {
    const squares = group.squares * by * by
    plugIn += squares
    variance += (squares * group.values.length) / (group.values.length - 1)
  }
  if (variance === 0) return undefined
  // As shares of the whole: squares and cubes of tiny figures would vanish before they are divided.
  const plugInError = Math.sqrt(plugIn)
  let freedom = 0
  let cubes = 0
  for (const { group, by } of parts) {
    const n = group.values.length
    freedom += ((group.squares * by * by * n) / (n - 1) / variance) ** 2 / (n - 1)
    for (const one of group.values) cubes += ((by * (one - group.mean)) / plugInError) ** 3
  }
  return bounds({
    value,
    error: Math.sqrt(variance),
    df: Math.max(1, 1 / freedom),
    plugInError,
    acceleration: cubes / 6,
    resampled,
  })
}
