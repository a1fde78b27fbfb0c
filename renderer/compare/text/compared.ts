/**
 * Two texts compared and laid out, within bounds: runs in a worker. What comes out is shown in editors, which keep an object for
 * each line and each change in sight.
 */
import { diffText, type TextDiff } from '../../../shared/domain/diff/text.ts'
import { cutAfterLines } from './first-lines.ts'
import { type Model, modelOf } from './model.ts'

export const COMPARE_BOUNDS = {
  /** Lines of a side; what follows is not compared. */
  lines: 100_000,
  /** Changes; where there are more, all from the first to the last is shown as one. */
  changes: 4_000,
  /** Changed words; where there are more, none is marked. */
  words: 50_000,
} as const

export type CompareRequest = {
  /** Both with LF breaks. */
  a: string
  b: string
  /** White space and re-wrapping are no change. */
  quiet: boolean
  budgetMs: number
}
export type Compared = {
  model: Model
  /** Right, but coarser than it could be: the budget was used up. */
  hitTimeout: boolean
  /** Too many changes to show each. */
  coarse: boolean
  /** A side has more lines than are compared. */
  cut: boolean
}

export function compareTexts({ a, b, quiet, budgetMs }: CompareRequest): Compared {
  const [left, right] = [firstLines(a), firstLines(b)]
  const diff = diffText(left, right, { words: true, moves: true, budgetMs, ignoreWhitespace: quiet })
  const { shown, coarse } = bounded(diff)
  return {
    model: modelOf(left, right, shown, quiet),
    hitTimeout: diff.hitTimeout,
    coarse,
    cut: left.length < a.length || right.length < b.length,
  }
}

function firstLines(text: string): string {
  const cut = cutAfterLines(text, COMPARE_BOUNDS.lines)
  return cut === undefined ? text : text.slice(0, cut + 1)
}

function bounded(diff: TextDiff): { shown: TextDiff; coarse: boolean } {
  const { changes } = diff
  const [first, last] = [changes[0], changes.at(-1)]
  if (first && last && changes.length > COMPARE_BOUNDS.changes) {
    const { aFrom, bFrom, aLine, bLine } = first
    const { aTo, bTo, aLineEnd, bLineEnd } = last
    const all = { aFrom, aTo, bFrom, bTo, aLine, aLineEnd, bLine, bLineEnd, inner: [], kind: 'changed' as const }
    return { shown: { ...diff, changes: [all], moves: [] }, coarse: true }
  }
  const words = [...changes, ...diff.moves].reduce((sum, { inner }) => sum + inner.length, 0)
  if (words <= COMPARE_BOUNDS.words) return { shown: diff, coarse: false }
  const plain = <T extends { inner: unknown[] }>(one: T): T => ({ ...one, inner: [] })
  return { shown: { ...diff, changes: changes.map(plain), moves: diff.moves.map(plain) }, coarse: true }
}
