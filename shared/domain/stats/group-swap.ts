import cdf from '@stdlib/stats-base-dists-normal-cdf'
import { ONE_IN_ALL, type Random } from './random.ts'

/** Up to so many ways to divide the values, each is tried. */
const EXACT_UP_TO = 20_000

/** Where there are very many values, fewer tries do: the work stays bounded. */
const STEPS = 4_000_000
const FEWEST_TRIES = 999

/** In how many ways `total` values fall into a group of `size` and the rest; Infinity where nobody would count. */
export function waysToDivide(total: number, size: number): number {
  let ways = 1
  for (let i = 1; i <= Math.min(size, total - size); i++) ways = (ways * (total - i + 1)) / i
  return Math.round(ways)
}

/**
 * The permutation test of two groups, two-sided: if nothing differs, each value could as well have come from the other
 * group. What is compared is Welch's t, so that groups that merely vary differently do not raise an alarm (A. Janssen,
 * Statistics & Probability Letters 36, 1997). Exact up to 20,000 ways to divide the values; else of `tries` random ways, the
 * one seen counted among them; with over 4,000 values in each, by the normal distribution. Groups of at least 2.
 */
export function groupSwapP(left: Float64Array, right: Float64Array, tries: number, random: Random): number {
  // The order of the sides and of their values must not matter: the smaller group is drawn, from sorted values.
  const size = Math.min(left.length, right.length)
  const pooled = Float64Array.from([...left, ...right]).sort()
  const middle = meanOf(pooled)
  for (let i = 0; i < pooled.length; i++) pooled[i] = (pooled[i] ?? 0) - middle
  const seen = (left.length === size ? left : right).map(value => value - middle)
  const t = distanceOf(pooled, size)
  const distance = t(sumOf(seen), squaresOf(seen))
  const affordable = Math.floor(STEPS / size)
  if (affordable < FEWEST_TRIES) return 2 * cdf(-distance, 0, 1)
  // Also where the distance is 0 but for rounding: t is in standard errors, so a fixed margin fits any unit.
  const near = Number.isFinite(distance) ? distance - 1e-9 * Math.max(1, distance) : distance
  const isFar = (sum: number, squares: number) => t(sum, squares) >= near
  return waysToDivide(pooled.length, size) <= EXACT_UP_TO
    ? shareOfAll(pooled, size, isFar)
    : shareOfRandom(pooled, size, isFar, Math.min(tries, affordable), random)
}

/** |Welch's t| of a group from its sum and sum of squares; the values are around 0. Infinity where neither group varies. */
function distanceOf(pooled: Float64Array, size: number): (sum: number, squares: number) => number {
  const rest = pooled.length - size
  const [allSum, allSquares] = [sumOf(pooled), squaresOf(pooled)]
  const rounding = allSquares * 1e-13
  const error = (sum: number, squares: number, n: number) => {
    const around = squares - (sum * sum) / n
    return around <= rounding ? 0 : around / (n - 1) / n
  }
  return (sum, squares) => {
    const delta = Math.abs(sum / size - (allSum - sum) / rest)
    const variance = error(sum, squares, size) + error(allSum - sum, allSquares - squares, rest)
    return variance === 0 ? (delta * delta <= rounding ? 0 : Number.POSITIVE_INFINITY) : delta / Math.sqrt(variance)
  }
}

type IsFar = (sum: number, squares: number) => boolean

/** Every group of `size` by index, in lexical order. */
function shareOfAll(pooled: Float64Array, size: number, isFar: IsFar): number {
  const group = Array.from({ length: size }, (_, i) => i)
  let far = 0
  let all = 0
  for (;;) {
    let sum = 0
    let squares = 0
    for (const index of group) {
      const value = pooled[index] ?? 0
      sum += value
      squares += value * value
    }
    all++
    if (isFar(sum, squares)) far++
    let last = size - 1
    while (last >= 0 && group[last] === pooled.length - size + last) last--
    if (last < 0) return far / all
    let next = (group[last] ?? 0) + 1
    for (; last < size; last++) group[last] = next++
  }
}

/** Each group is drawn by the first `size` steps of a shuffle (R. Durstenfeld, 1964). */
function shareOfRandom(pooled: Float64Array, size: number, isFar: IsFar, tries: number, random: Random): number {
  const values = pooled.slice()
  const picks = new Uint32Array(size)
  const one = ONE_IN_ALL
  let far = 0
  for (let i = 0; i < tries; i++) {
    random(picks)
    let sum = 0
    let squares = 0
    for (let k = 0; k < size; k++) {
      const from = k + Math.floor((picks[k] ?? 0) * one * (values.length - k))
      const value = values[from] ?? 0
      values[from] = values[k] ?? 0
      values[k] = value
      sum += value
      squares += value * value
    }
    if (isFar(sum, squares)) far++
  }
  return (far + 1) / (tries + 1)
}

const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0)
const squaresOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value * value, 0)
const meanOf = (values: Float64Array): number => sumOf(values) / values.length
