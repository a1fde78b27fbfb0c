import quantile from '@stdlib/stats-base-dists-normal-quantile'

/** A share of successes and its interval, all 0 … 1. */
export type Rate = { rate: number; low: number; high: number }

/**
 * The share of `successes` among `n` tries with its score interval (E. B. Wilson, 1927; method 3 of R. G. Newcombe,
 * Statistics in Medicine 17, 1998, 857–872), which stays within 0 … 1 and is no point at 0 of n or n of n. Without tries
 * nothing is known: rate 0, from 0 to 1. Counts that are no counts throw a RangeError.
 */
export function wilson(successes: number, n: number, confidence = 0.95): Rate {
  if (!Number.isInteger(successes) || !Number.isInteger(n) || successes < 0 || successes > n) {
    throw new RangeError(`${successes} of ${n} is no share of successes`)
  }
  if (!(confidence > 0 && confidence < 1)) throw new RangeError(`Confidence ${confidence} is not between 0 and 1`)
  if (n === 0) return { rate: 0, low: 0, high: 1 }
  const z = quantile(0.5 + confidence / 2, 0, 1)
  const rate = successes / n
  const middle = 2 * successes + z * z
  const reach = z * Math.sqrt(z * z + 4 * successes * (1 - rate))
  const all = 2 * (n + z * z)
  // At the ends rounding would leave a trace: 1e-17 where 0 is meant.
  return {
    rate,
    low: successes === 0 ? 0 : (middle - reach) / all,
    high: successes === n ? 1 : (middle + reach) / all,
  }
}
