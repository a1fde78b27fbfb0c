import quantile from '@stdlib/stats-base-dists-normal-quantile'
import type { Interval } from './bounds.ts'

/**
 * Two-sided p of pairs that passed or failed, `up` of which changed one way and `down` the other: McNemar's exact test with
 * half of the probability of what was seen (mid-p), as M. Fagerland, S. Lydersen and P. Laake advise (BMC Medical Research
 * Methodology 13:91, 2013): the exact test alone is needlessly careful with so few outcomes. 1 where none changed.
 */
export function midPOfChanges(up: number, down: number): number {
  const n = up + down
  if (n === 0) return 1
  const few = Math.min(up, down)
  // Of n changes each way equally likely, k go one way with probability C(n, k) / 2ⁿ; logarithms, for n may be thousands.
  let log = -n * Math.LN2
  let below = 0
  for (let k = 0; k < few; k++) {
    below += Math.exp(log)
    log += Math.log((n - k) / (k + 1))
  }
  return Math.min(1, 2 * below + Math.exp(log))
}

const Z = quantile(0.975, 0, 1)

/**
 * The 95% interval of the difference of two paired shares, −1 … 1, where `up` and `down` of `n` pairs changed: Wald's with one
 * change more each way (D. Bonett and R. Price, Journal of Educational and Behavioral Statistics 37, 2012), as M. Fagerland
 * et al. advise beside the mid-p test (Statistics in Medicine 33, 2014). No point where no pair changed.
 */
export function intervalOfChanges(up: number, down: number, n: number): Interval {
  const [rose, fell] = [(up + 1) / (n + 2), (down + 1) / (n + 2)]
  const reach = Z * Math.sqrt((rose + fell - (rose - fell) ** 2) / (n + 2))
  const seen = (up - down) / n
  return {
    low: Math.max(-1, Math.min(seen, rose - fell - reach)),
    high: Math.min(1, Math.max(seen, rose - fell + reach)),
  }
}
