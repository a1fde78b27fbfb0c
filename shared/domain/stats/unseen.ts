import type { Interval } from './bounds.ts'
import { ALPHA } from './verdict.ts'

/**
 * The largest share that `n` cases may all have missed: seen in none of them, it is below this in 97.5 of 100 sets of cases.
 * The upper end of C. Clopper and E. Pearson's interval (Biometrika 26, 1934) at 0 of n; near 3.7/n, as the 'rule of three' of
 * J. Hanley and A. Lippman-Hand (JAMA 249, 1983).
 */
export const missedShare = (n: number): number => 1 - (ALPHA / 2) ** (1 / n)

/**
 * Where all `n` cases differ by the same `delta`, or none differs, what was seen has no variance to reckon with; but a share
 * that they may have missed could differ by as much as `reach`, the other way or further in the same.
 */
export function unvariedWithin(delta: number, n: number, reach: { down: number; up: number }): Interval {
  const missed = missedShare(n)
  const mixed = (other: number) => (1 - missed) * delta + missed * other
  return { low: Math.min(delta, mixed(-reach.down)), high: Math.max(delta, mixed(reach.up)) }
}

/**
 * No smaller a standard deviation of the differences is believed, as a part of the scale. Few graded cases that agree show
 * too little of it: of cases that gain 5 points with probability 7/8 and lose 35 with 1/8, eight show no loss in 34 of 100
 * tries. A floor as V. Tusher, R. Tibshirani and G. Chu put under a standard deviation from few values (s₀, PNAS 98, 2001);
 * its size is our choice: what `coverage.long.test.ts` measures stays below 5 of 100 with it.
 */
export const LEAST_DEVIATION = 1 / 9
