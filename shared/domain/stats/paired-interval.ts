/** The interval of a paired difference: of cases that passed or failed, and of graded ones. */

import { type Interval, outer, studentInterval, unvaried } from './bounds.ts'
import { intervalOfChanges } from './mcnemar.ts'
import type { Range } from './numbers.ts'
import type { Random } from './random.ts'
import type { Repeats } from './repeats.ts'
import { LEAST_DEVIATION, unvariedWithin } from './unseen.ts'
import { FEWEST_CASES } from './verdict.ts'
import { intervalOfMean, type Spread, type Weighted } from './weighted-mean.ts'

/** One case with scores on both sides; `left` and `right` their means. */
export type Pair = {
  caseId: string
  weight: number
  cluster: string | undefined
  scores: Repeats
  left: number
  right: number
  delta: number
}

export type SideMeans = { leftMean: number; rightMean: number }

type Changes = { up: number; down: number; n: number; scale: Range }

/** Where every case passed or failed, each score at an end of its scale, and counts the same. Undefined for too few. */
export function changesOf(pairs: Pair[], scale: Range | undefined): Changes | undefined {
  if (!scale || pairs.length < FEWEST_CASES) return undefined
  const isEnd = (score: number) => score === scale.min || score === scale.max
  if (!pairs.every(pair => isEnd(pair.left) && isEnd(pair.right) && pair.weight === pairs[0]?.weight)) return undefined
  const up = pairs.filter(pair => pair.delta > 0).length
  return { up, down: pairs.filter(pair => pair.delta < 0).length, n: pairs.length, scale }
}

export function binaryInterval({ up, down, n, scale }: Changes): Interval {
  const { low, high } = intervalOfChanges(up, down, n)
  return { low: low * (scale.max - scale.min), high: high * (scale.max - scale.min) }
}

export function gradedInterval(
  sample: Weighted,
  spread: Spread,
  means: SideMeans,
  { scale, draws, random }: { scale?: Range; draws: number; random: Random },
): Interval {
  const possible = possibleDelta(scale)
  const seen = intervalOfMean(sample, possible, draws, random)
  if (!seen) return unvariedOf(spread.mean, sample.values.length, means, scale)
  if (!scale) return seen
  const { low, high } = outer(seen, studentInterval({ value: spread.mean, error: spread.error, df: spread.df }))
  return { low: Math.max(low, possible.min), high: Math.min(high, possible.max) }
}

function possibleDelta(scale: Range | undefined): Range {
  const most = scale ? scale.max - scale.min : Number.POSITIVE_INFINITY
  return { min: -most, max: most }
}

/** Without a scale nothing says how large a difference is, and what was seen is believed. */
export function withFloor(spread: Spread, scale: Range | undefined): Spread {
  const least = scale ? (LEAST_DEVIATION * (scale.max - scale.min)) / Math.sqrt(spread.n) : 0
  return { ...spread, error: Math.max(spread.error, least) }
}

/** All differ by the same. A case that was missed could lose all that one side has, or gain all that it lacks. */
function unvariedOf(delta: number, n: number, { leftMean, rightMean }: SideMeans, scale: Range | undefined): Interval {
  if (scale) {
    const down = Math.max(leftMean - scale.min, scale.max - rightMean)
    const up = Math.max(rightMean - scale.min, scale.max - leftMean)
    return unvariedWithin(delta, n, { down, up })
  }
  // Ties alone: as far as the scores themselves reach.
  return delta === 0 ? unvariedWithin(0, n, { down: Math.abs(leftMean), up: Math.abs(leftMean) }) : unvaried(delta, n)
}
