import type { PairedResult } from './compare-paired.ts'
import { ALPHA } from './verdict.ts'

/**
 * p-values made larger for their number, in the order given: any of them ≤ 0.05 is then a false alarm in at most 5 of 100
 * such sets. S. Holm, 'A Simple Sequentially Rejective Multiple Test Procedure', Scandinavian Journal of Statistics 6 (1979).
 */
export function holm(ps: readonly number[]): number[] {
  const order = ascending(ps)
  const adjusted = new Array<number>(ps.length).fill(1)
  let least = 0
  for (const [rank, { p, index }] of order.entries()) {
    least = Math.max(least, Math.min(1, p * (ps.length - rank)))
    adjusted[index] = least
  }
  return adjusted
}

/**
 * p-values made larger for their number, in the order given: of those ≤ 0.05, at most 5 in 100 are false alarms. Milder than
 * Holm, for looking at many. Y. Benjamini, Y. Hochberg, 'Controlling the False Discovery Rate', JRSS B 57 (1995).
 */
export function benjaminiHochberg(ps: readonly number[]): number[] {
  const order = ascending(ps)
  const adjusted = new Array<number>(ps.length).fill(1)
  let most = 1
  for (const [rank, { p, index }] of [...order.entries()].reverse()) {
    most = Math.min(most, (p * ps.length) / (rank + 1))
    adjusted[index] = most
  }
  return adjusted
}

function ascending(ps: readonly number[]): { p: number; index: number }[] {
  for (const p of ps) if (!(p >= 0 && p <= 1)) throw new RangeError(`${p} is no probability`)
  return ps.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p)
}

/**
 * The same results, looked at together: a verdict is kept only where Holm's p is ≤ 0.05, so that among many versions or models
 * compared at once not one better by luck is found in 95 of 100 sets. p becomes Holm's; intervals remain those of one
 * comparison.
 */
export function judgedTogether(results: readonly PairedResult[]): PairedResult[] {
  const tested = results.flatMap(({ p }, index) => (p === undefined ? [] : [{ p, index }]))
  const adjusted = new Map(holm(tested.map(({ p }) => p)).map((p, i) => [tested[i]?.index, p]))
  return results.map((result, index) => {
    const p = adjusted.get(index)
    const lost = p !== undefined && p > ALPHA && result.verdict !== 'cannot-tell'
    return lost ? { ...result, p, verdict: 'cannot-tell', why: 'many-compared' } : { ...result, p }
  })
}
