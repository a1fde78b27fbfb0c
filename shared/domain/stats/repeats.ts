import { meanOfList } from './numbers.ts'

/** Each side's repeats of one case, at least one score each. */
export type Repeats = { left: readonly number[]; right: readonly number[] }

/**
 * Whether two runs of one and the same version differ, on average, by at least as much as the two versions do, and by more
 * than `within`: then what this case says of the versions may be chance. Never for a case run once.
 */
export function isFlaky({ left, right }: Repeats, within: number): boolean {
  const apart = Math.max(meanDifference(left), meanDifference(right))
  const delta = Math.abs(meanOfList(right) - meanOfList(left))
  return apart > within && apart * (1 + 1e-9) >= delta
}

/** Gini's mean difference: of all pairs of runs, how far apart. */
function meanDifference(scores: readonly number[]): number {
  const n = scores.length
  if (n < 2) return 0
  const sorted = scores.toSorted((a, b) => a - b)
  let sum = 0
  for (const [i, score] of sorted.entries()) sum += (2 * i + 1 - n) * score
  return (2 * sum) / (n * (n - 1))
}

/**
 * The part of the variance of the cases' deltas that comes from runs of the same version disagreeing, 0 … 1. Near 1, more
 * repeats would sharpen the comparison; near 0, only more cases would. Undefined where no case was repeated on both sides,
 * or `variance` is 0.
 */
export function shareOfRepeats(cases: readonly Repeats[], variance: number): number | undefined {
  const repeated = cases.filter(({ left, right }) => left.length > 1 && right.length > 1)
  if (repeated.length === 0 || !(variance > 0)) return undefined
  const noise = repeated.map(({ left, right }) => squaredError(left) + squaredError(right))
  return Math.min(1, meanOfList(noise) / variance)
}

/** Of the mean of the scores. */
function squaredError(scores: readonly number[]): number {
  const mean = meanOfList(scores)
  let squares = 0
  for (const score of scores) squares += (score - mean) ** 2
  return squares / (scores.length - 1) / scores.length
}
