import { bounds, type Interval, outer, studentInterval } from './bounds.ts'
import type { Range } from './numbers.ts'
import { ONE_IN_ALL, type Random } from './random.ts'

/** Values that each count `weights[i]` > 0; at least one, all finite. */
export type Weighted = { values: Float64Array; weights: Float64Array }

/** What `n`, the error and the degrees of freedom of a mean are; n is Kish's: (Σw)²/Σw², so equal weights give their count. */
export type Spread = { mean: number; error: number; plugInError: number; df: number; n: number }

export function meanOf({ values, weights }: Weighted): number {
  let sum = 0
  let all = 0
  for (let i = 0; i < values.length; i++) {
    sum += at(weights, i) * at(values, i)
    all += at(weights, i)
  }
  return sum / all
}

export function spreadOf(sample: Weighted): Spread {
  const { values, weights } = sample
  const mean = meanOf(sample)
  let all = 0
  let allSquares = 0
  let squares = 0
  for (let i = 0; i < values.length; i++) {
    const weight = at(weights, i)
    all += weight
    allSquares += weight * weight
    squares += (weight * (at(values, i) - mean)) ** 2
  }
  const n = (all * all) / allSquares
  const plugInError = Math.sqrt(squares) / all
  const error = n > 1 + 1e-9 ? plugInError * Math.sqrt(n / (n - 1)) : 0
  return { mean, error, plugInError, df: Math.max(n - 1, 1), n }
}

export const ANYWHERE: Range = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY }

/**
 * The 95% interval of the mean, each value with its weight the unit of resampling. Where the values do not vary: undefined,
 * nothing is known of how they might.
 */
export function intervalOfMean(sample: Weighted, possible: Range, draws: number, random: Random): Interval | undefined {
  const spread = spreadOf(sample)
  if (spread.error <= Math.abs(spread.mean) * 1e-12) return undefined
  const seen = bounds({
    ...spread,
    value: spread.mean,
    acceleration: accelerationOf(sample, spread.mean),
    resampled: resampledMeans(sample, draws, random),
  })
  const unseen = withUnseen(sample, spread, possible)
  const { low, high } = unseen ? outer(seen, unseen) : seen
  return { low: Math.max(low, possible.min), high: Math.min(high, possible.max) }
}

/**
 * Where most values are the same (ties, all passed), how often they are not is itself uncertain: two of 20 may be ten of 100.
 * Student's interval with two cases more, one to either side of the most frequent value by the spread of the others but not
 * where no value can be, as A. Agresti and Y. Min (Statistics in Medicine 24, 2005) and D. Bonett and R. Price (2012) do for
 * pairs that passed or failed. They count the cube of that value's share, which covers as well as more would and costs the
 * least where values vary. Undefined where no value is more frequent than others.
 */
function withUnseen({ values, weights }: Weighted, { mean, n, df }: Spread, possible: Range): Interval | undefined {
  const mode = mostFrequent(values)
  if (mode === undefined) return undefined
  let all = 0
  let same = 0
  let away = 0
  for (let i = 0; i < values.length; i++) {
    const weight = at(weights, i)
    const value = at(values, i)
    all += weight
    if (value === mode) same += weight
    away += weight * (value - mode) ** 2
  }
  const unseen = (same / all) ** 3
  const apart = Math.sqrt(away / (all - same))
  const [down, up] = [Math.max(mode - apart, possible.min), Math.min(mode + apart, possible.max)]
  const size = n + 2 * unseen
  const middle = (n * mean + unseen * (down + up)) / size
  let sum = unseen * ((down - middle) ** 2 + (up - middle) ** 2)
  // So that the weights count n cases.
  const scale = (n / all) ** 2
  for (let i = 0; i < values.length; i++) sum += scale * (at(weights, i) * (at(values, i) - middle)) ** 2
  return studentInterval({ value: middle, error: Math.sqrt(sum / size / (size - 1)), df })
}

/** Undefined where no value comes twice. Among equally frequent ones the nearest to zero; none where that is two. */
function mostFrequent(values: Float64Array): number | undefined {
  const sorted = values.toSorted()
  let best: number | undefined
  let most = 1
  for (let from = 0; from < sorted.length; ) {
    const value = at(sorted, from)
    let to = from + 1
    while (to < sorted.length && sorted[to] === value) to++
    const nearer = Math.abs(value) - Math.abs(best ?? 0)
    if (to - from > most || (to - from === most && best !== undefined && nearer < 0)) best = value
    else if (to - from === most && nearer === 0) best = undefined
    most = Math.max(most, to - from)
    from = to
  }
  return best
}

function resampledMeans({ values, weights }: Weighted, draws: number, random: Random): Float64Array {
  const n = values.length
  const first = at(weights, 0)
  // Where no case counts more than another, half of the sums are known.
  if (weights.every(weight => weight === first)) return plainMeans(values, draws, random)
  const products = values.map((value, i) => value * at(weights, i))
  const means = new Float64Array(draws)
  const picks = new Uint32Array(n)
  const toIndex = n * ONE_IN_ALL
  for (let draw = 0; draw < draws; draw++) {
    random(picks)
    let sum = 0
    let all = 0
    for (let i = 0; i < n; i++) {
      const one = Math.floor((picks[i] ?? 0) * toIndex)
      sum += at(products, one)
      all += at(weights, one)
    }
    means[draw] = sum / all
  }
  return means
}

/** The means of `draws` resamples, each as large as the sample. */
export function plainMeans(values: Float64Array, draws: number, random: Random): Float64Array {
  const n = values.length
  const means = new Float64Array(draws)
  const picks = new Uint32Array(n)
  const toIndex = n * ONE_IN_ALL
  for (let draw = 0; draw < draws; draw++) {
    random(picks)
    let sum = 0
    for (let i = 0; i < n; i++) sum += at(values, Math.floor((picks[i] ?? 0) * toIndex))
    means[draw] = sum / n
  }
  return means
}

function accelerationOf({ values, weights }: Weighted, mean: number): number {
  const pulls = values.map((value, i) => at(weights, i) * (value - mean))
  const size = Math.sqrt(pulls.reduce((sum, pull) => sum + pull * pull, 0))
  // As shares of the whole: cubes of tiny figures would vanish before they are divided.
  return pulls.reduce((sum, pull) => sum + (pull / size) ** 3, 0) / 6
}

/** Only ever asked for an index that is there. */
const at = (array: Float64Array, i: number): number => array[i] ?? 0
