import type { Interval } from './bounds.ts'
import { type Drawing, drawing, meanOfList, type Range, refuseUnlessFinite, withoutRounding } from './numbers.ts'
import { randomFrom } from './random.ts'
import { ANYWHERE, intervalOfMean, meanOf } from './weighted-mean.ts'
import { wilson } from './wilson.ts'

export type MeanOptions = Drawing & {
  /**
   * The least and the most a score can be: neither end of the interval will be beyond. To be given where there is such: many
   * scores at its end (all passed) otherwise make the interval wider than need be.
   */
  scale?: Range
}

/**
 * The mean of one version's scores ('77 ±4'), each case counting once however many repeats it has, and its 95% interval over
 * cases like these. Cases without a score are left out (judging that failed is no score, and never 0). Without any case all
 * is 0. Where all cases have the same score nothing shows how others might differ: with a scale, as far as Wilson's interval
 * of `n` of `n` leaves open; without one, the interval is the mean. NaN, infinite, or beyond the scale throws a RangeError.
 */
export function meanInterval(
  scoresByCase: readonly (readonly number[])[],
  options: MeanOptions = {},
): Interval & { mean: number; cases: number } {
  const { seed, draws } = drawing(options)
  for (const scores of scoresByCase) refuseUnlessFinite(scores, 'Scores', options.scale)
  const means = scoresByCase.filter(scores => scores.length > 0).map(scores => withoutRounding(meanOfList(scores)))
  const cases = means.length
  if (cases === 0) return { mean: 0, low: 0, high: 0, cases }
  const sample = { values: Float64Array.from(means), weights: new Float64Array(cases).fill(1) }
  const mean = meanOf(sample)
  const interval = intervalOfMean(sample, options.scale ?? ANYWHERE, draws, randomFrom(seed))
  return { mean, ...(interval ?? unvaried(mean, cases, options.scale)), cases }
}

function unvaried(mean: number, n: number, scale: Range | undefined): Interval {
  if (!scale) return { low: mean, high: mean }
  const sure = wilson(n, n).low
  return { low: mean * sure + scale.min * (1 - sure), high: mean * sure + scale.max * (1 - sure) }
}
