/** Which changed lines belong together: those that say nearly the same, so that they can stand beside each other. */

import type { Change } from './change.ts'

/** Pairs of lines that are compared in one change; beyond it nobody looks at single lines. */
const MAX_PAIRS = 2_500
/** Share of words in common (Dice's coefficient) from which two lines are the same line, edited. */
const MIN_SHARE = 0.5

/**
 * Pairs of line numbers (from 0) within a change, ascending on both sides: the most alike that keep one order. Empty where
 * no two lines are alike, and where the change is large.
 */
export function similarPairs(change: Change, a: string, b: string): (readonly [number, number])[] {
  const [rows, columns] = [change.aLineEnd - change.aLine, change.bLineEnd - change.bLine]
  if (rows * columns > MAX_PAIRS || rows * columns < 2) return []
  const left = wordsOfLines(a.slice(change.aFrom, change.aTo))
  const right = wordsOfLines(b.slice(change.bFrom, change.bTo))
  const width = columns + 1
  // The most that is alike between the first i lines of a and the first j of b.
  const best = new Float64Array((rows + 1) * width)
  const shares = new Float64Array((rows + 1) * width)
  const at = (i: number, j: number) => best[i * width + j] ?? 0
  for (let i = 1; i <= rows; i++)
    for (let j = 1; j <= columns; j++) {
      const share = shareOf(left[i - 1], right[j - 1])
      shares[i * width + j] = share
      best[i * width + j] = Math.max(at(i - 1, j), at(i, j - 1), at(i - 1, j - 1) + share)
    }
  const pairs: [number, number][] = []
  for (let [i, j] = [rows, columns]; i > 0 && j > 0; )
    if (at(i, j) === at(i - 1, j)) i--
    else if (at(i, j) === at(i, j - 1)) j--
    else pairs.push([change.aLine + --i, change.bLine + --j])
  return pairs.reverse()
}

const wordsOfLines = (text: string): Set<string>[] =>
  text.split('\n').map(line => new Set(line.toLowerCase().match(/[\p{L}\p{N}]+/gu)))

function shareOf(one: ReadonlySet<string> | undefined, other: ReadonlySet<string> | undefined): number {
  if (!one || !other || one.size === 0 || other.size === 0) return 0
  let common = 0
  for (const word of one) if (other.has(word)) common++
  const share = (2 * common) / (one.size + other.size)
  return share < MIN_SHARE ? 0 : share
}
