import type { Weighted } from './weighted-mean.ts'

/** A value with its weight, and what it shares with others. */
export type Clustered = { value: number; weight: number; cluster: string | undefined }

/**
 * One value for each cluster: the weighted mean of its members, with the sum of their weights. What comes from one source
 * (a document, a prompt) goes the same way together, so that it tells as much as one: clusters, not their members, are
 * resampled and have their sides swapped (A. Davison and D. Hinkley, 'Bootstrap Methods and their Application', 1997, §3.8;
 * for evaluations of language models E. Miller, 'Adding Error Bars to Evals', 2024, §2.2). Members without a cluster are one
 * each. In the order of first appearance.
 */
export function clustered(members: readonly Clustered[]): Weighted {
  const sums = new Map<string | Clustered, { sum: number; weight: number }>()
  for (const one of members) {
    const key = one.cluster ?? one
    const known = sums.get(key) ?? { sum: 0, weight: 0 }
    known.sum += one.value * one.weight
    known.weight += one.weight
    sums.set(key, known)
  }
  const all = [...sums.values()]
  return {
    values: Float64Array.from(all, one => one.sum / one.weight),
    weights: Float64Array.from(all, one => one.weight),
  }
}
