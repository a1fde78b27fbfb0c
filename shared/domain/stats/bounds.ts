import cdf from '@stdlib/stats-base-dists-normal-cdf'
import quantile from '@stdlib/stats-base-dists-normal-quantile'
import { studentQuantile } from './student-t.ts'
import { wilson } from './wilson.ts'

export type Interval = { low: number; high: number }

/** An estimate, and what is known of how far off it may be. */
export type Estimate = {
  value: number
  /** Its standard error, > 0, from variances that divide by n − 1, and the degrees of freedom of that. */
  error: number
  df: number
  /** What the bootstrap takes for the standard error: from variances that divide by n. */
  plugInError: number
  /** Of BCa: Σu³ / (6 (Σu²)^1.5) of the pull u of each observation on the estimate. */
  acceleration: number
  /** The estimate of each resample; empty where there are so many values that Student's t is as good. */
  resampled: Float64Array
}

const Z = quantile(0.975, 0, 1)

/**
 * BCa, bias-corrected and accelerated: B. Efron, 'Better bootstrap confidence intervals', JASA 82 (1987), 171–185; as in
 * B. Efron and R. Tibshirani, 'An Introduction to the Bootstrap' (1993), chapter 14. `reach` is how many standard errors
 * each end is meant to be away: 1.96 for the 95% of the book.
 */
export function bca(
  { value, acceleration, resampled }: Pick<Estimate, 'value' | 'acceleration' | 'resampled'>,
  reach = Z,
) {
  const sorted = resampled.toSorted()
  const z0 = quantile(shareBelow(sorted, value), 0, 1)
  const at = (z: number) => {
    const stretch = 1 - acceleration * (z0 + z)
    // Past the pole nothing is left beyond: the outermost resample.
    return sortedAt(sorted, stretch > 0 ? cdf(z0 + (z0 + z) / stretch, 0, 1) : z > 0 ? 1 : 0)
  }
  return { low: at(-reach), high: at(reach) }
}

/**
 * The 95% interval: the outer of two at each end. BCa alone finds the truth in only 91 to 93 of 100 sets of 20 cases,
 * because resamples of n cases vary too little, by (n − 1)/n, and because it takes the estimate of the variance for the
 * truth. So its ends are moved out to where they are right for normal cases, as T. Hesterberg advises ('What Teachers Should
 * Know About the Bootstrap', The American Statistician 69 (2015), §5.3: expanded percentiles); and where Student's t
 * reaches further, on the short side of skewed cases and where a few extreme ones mislead the acceleration, that end is
 * taken. `coverage.test.ts` measures what comes out: 94 to 97 of 100. It still falls short where a few cases carry nearly all of
 * the difference: 92 of lognormal cases (σ = 1), 89 where one case in five differs, by exponential steps, at 20 cases each.
 */
export function bounds(estimate: Estimate): Interval {
  const { error, df, plugInError, resampled } = estimate
  if (resampled.length === 0) return studentInterval(estimate)
  return outer(bca(estimate, (studentQuantile(0.975, df) * error) / plugInError), studentInterval(estimate))
}

export function studentInterval({ value, error, df }: Pick<Estimate, 'value' | 'error' | 'df'>): Interval {
  const reach = studentQuantile(0.975, df) * error
  return { low: value - reach, high: value + reach }
}

export const outer = (a: Interval, b: Interval): Interval => ({
  low: Math.min(a.low, b.low),
  high: Math.max(a.high, b.high),
})

/** Never 0 or 1, whose normal quantile is infinite. What differs by rounding is equal, and equal counts half. */
function shareBelow(sorted: Float64Array, value: number): number {
  const rounding = Math.max(Math.abs(sorted[0] ?? 0), Math.abs(sorted[sorted.length - 1] ?? 0)) * 1e-12
  let below = 0
  for (const one of sorted) below += one < value - rounding ? 1 : one <= value + rounding ? 0.5 : 0
  const least = 0.5 / sorted.length
  return Math.min(Math.max(below / sorted.length, least), 1 - least)
}

/** The value with `share` of the sorted ones below it, on a straight line between neighbours. */
function sortedAt(sorted: Float64Array, share: number): number {
  const at = Math.min(Math.max(share * (sorted.length + 1) - 1, 0), sorted.length - 1)
  const from = Math.floor(at)
  const low = sorted[from] ?? 0
  return low + ((sorted[from + 1] ?? low) - low) * (at - from)
}

/**
 * Where every case differs by the same, there is no variance to reckon with. `n` of them leave open that others, of the
 * share that Wilson's interval allows, do not differ at all.
 */
export function unvaried(delta: number, n: number): Interval {
  const least = delta * wilson(n, n).low
  return { low: Math.min(least, delta), high: Math.max(least, delta) }
}
