import { bootstrapMean, type Interval, weightedMean } from './bootstrap.ts'
import { randomFrom } from './random.ts'

/**
 * The mean of one version's scores, each case counting once however many repeats it has, and its 95% interval over cases
 * like these. Cases without a score are left out; without any, everything is 0; of a single case nothing is known, so the
 * interval is the mean.
 */
export function meanInterval(
  scoresByCase: readonly (readonly number[])[],
  options: { seed?: number; draws?: number } = {},
): Interval & { mean: number; cases: number } {
  const { seed = 1, draws = 2_000 } = options
  const means = scoresByCase
    .filter(scores => scores.length > 0)
    .map(scores => scores.reduce((sum, score) => sum + score, 0) / scores.length)
  if (means.length === 0) return { mean: 0, low: 0, high: 0, cases: 0 }
  const values = Float64Array.from(means)
  const weights = new Float64Array(values.length).fill(1)
  const interval = bootstrapMean(values, weights, draws, randomFrom(seed))
  return { mean: weightedMean(values, weights), ...interval, cases: values.length }
}
