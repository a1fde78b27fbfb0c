import cdf from '@stdlib/stats-base-dists-normal-cdf'
import quantile from '@stdlib/stats-base-dists-normal-quantile'
import { ONE_IN_ALL, type Random } from './random.ts'

export type Interval = { low: number; high: number }

/** The 95% interval of the mean of `values`, each counting `weights[i]`: BCa bootstrap (B. Efron, 1987). */
export function bootstrapMean(values: Float64Array, weights: Float64Array, draws: number, random: Random): Interval {
  const mean = weightedMean(values, weights)
  const means = resampledMeans(values, weights, draws, random).sort()
  const lowest = means[0] ?? mean
  if (!(means[draws - 1] !== lowest)) return { low: mean, high: mean }
  let below = 0
  for (const one of means) below += one < mean ? 1 : one === mean ? 0.5 : 0
  const z0 = quantile(Math.min(Math.max(below / draws, 0.5 / draws), 1 - 0.5 / draws), 0, 1)
  const a = acceleration(values, weights, mean)
  const at = (z: number) => sortedAt(means, cdf(z0 + (z0 + z) / (1 - a * (z0 + z)), 0, 1))
  const z = quantile(0.975, 0, 1)
  return { low: at(-z), high: at(z) }
}

export function weightedMean(values: Float64Array, weights: Float64Array): number {
  let sum = 0
  let all = 0
  for (let i = 0; i < values.length; i++) {
    sum += (weights[i] ?? 0) * (values[i] ?? 0)
    all += weights[i] ?? 0
  }
  return sum / all
}

function resampledMeans(values: Float64Array, weights: Float64Array, draws: number, random: Random): Float64Array {
  const n = values.length
  const products = values.map((value, i) => value * (weights[i] ?? 0))
  const means = new Float64Array(draws)
  for (let draw = 0; draw < draws; draw++) {
    let sum = 0
    let all = 0
    for (let i = 0; i < n; i++) {
      const at = Math.floor(random() * ONE_IN_ALL * n)
      sum += products[at] ?? 0
      all += weights[at] ?? 0
    }
    means[draw] = sum / all
  }
  return means
}

/** From the linear part of the weighted mean: Σu³ / (6 (Σu²)^1.5). */
function acceleration(values: Float64Array, weights: Float64Array, mean: number): number {
  let squares = 0
  let cubes = 0
  for (let i = 0; i < values.length; i++) {
    const u = (weights[i] ?? 0) * ((values[i] ?? 0) - mean)
    squares += u * u
    cubes += u * u * u
  }
  return squares > 0 ? cubes / (6 * squares ** 1.5) : 0
}

/** The value with `share` of the sorted values below it, between neighbours by straight line. */
function sortedAt(sorted: Float64Array, share: number): number {
  const at = Math.min(Math.max(share * (sorted.length + 1) - 1, 0), sorted.length - 1)
  const from = Math.floor(at)
  const low = sorted[from] ?? 0
  const high = sorted[from + 1] ?? low
  return low + (high - low) * (at - from)
}
