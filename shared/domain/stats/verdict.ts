import type { Interval } from './bounds.ts'

export type Verdict = 'better' | 'worse' | 'cannot-tell'

/** Why nothing can be told; set exactly when the verdict is 'cannot-tell'. */
export type Why =
  /** Nothing to compare: no case (or value) on both sides. */
  | 'no-scores'
  /** Fewer cases than any result could be told from: not even if all went the same way. */
  | 'too-few-cases'
  /** Enough cases, but they come from too few sources. */
  | 'too-few-clusters'
  /** No case differs. */
  | 'all-equal'
  /** Enough cases, but too few of them differ to tell, even if all went the same way. */
  | 'too-few-differ'
  /** What was seen goes together with better and with worse. */
  | 'interval-includes-zero'
  /** Real if it were the only comparison; not among so many (see `correction.ts`). */
  | 'many-compared'

/** Below this, chance alone is no longer an explanation; above it, no verdict is given. */
export const ALPHA = 0.05

/** With fewer cases, even if all go the same way, chance alone does that too often: 2 × ½⁵ > 0.05. */
export const FEWEST_CASES = 6

/**
 * The interval that goes with `p`: where chance alone does as much in more than 5 of 100 tries, no difference is one of the
 * possibilities. So a false alarm is at most as frequent as the exact test allows, and the interval never contradicts it.
 */
export const agreeing = ({ low, high }: Interval, p: number): Interval =>
  p > ALPHA ? { low: Math.min(low, 0), high: Math.max(high, 0) } : { low, high }

/** Of an interval's ends: told where they leave out 0. */
export function verdictOf({ low, high }: Interval, higherIsBetter = true): Verdict {
  if (low <= 0 && high >= 0) return 'cannot-tell'
  return low > 0 === higherIsBetter ? 'better' : 'worse'
}
