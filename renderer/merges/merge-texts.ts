import { diffLines, splitLines } from '../../shared/domain/diff/lines.ts'
import { type MergePiece, merge, mergesByWords } from '../../shared/domain/merge.ts'
import { type LineEnd, lineEndOf, withLf, withLineEnd } from '../../shared/domain/merge-line-ends.ts'

/** One text on both sides, and in the version that both come from; undefined where there is none. `path`: what it is. */
export type Texts = { path: string; base: string | undefined; left: string; right: string }

/**
 * The pieces of a merged text, in order; conflicts are numbered by their order among themselves. `lineEnd`: what one side
 * changed all line ends to.
 */
export type Merged = { pieces: MergePiece[]; conflicts: number; lineEnd?: LineEnd | undefined }

/**
 * Three ways where there is a base, otherwise two. Without a time budget, so that the same texts always have the same
 * conflicts: choices are kept by their number.
 */
export function mergeTexts({ path, base, left, right }: Texts): Merged {
  if (base === undefined) return mergeTwo(left, right)
  const { pieces, conflicts, lineEnd } = merge(base, left, right, { words: mergesByWords(path) })
  return { pieces, conflicts, ...(lineEnd && { lineEnd }) }
}

/**
 * Without a base nobody can say who changed what: lines that both have are kept, and whatever differs is a conflict. Where
 * only the line ends of all lines differ, those of the left stay: it is what the right is merged into.
 */
function mergeTwo(left: string, right: string): Merged {
  const lineEnd = lineEndOf(left)
  if (lineEnd === 'LF' && lineEndOf(right) === 'CRLF') return { ...mergeTwo(left, withLf(right)), lineEnd }
  if (lineEnd === 'CRLF' && lineEndOf(right) === 'LF') {
    const { pieces, conflicts } = mergeTwo(withLf(left), right)
    return { pieces: withLineEnd(pieces, lineEnd), conflicts, lineEnd }
  }
  const [one, other] = [splitLines(left), splitLines(right)]
  const pieces: MergePiece[] = []
  let at = 0
  const both = (end: number) => {
    if (end > at) pieces.push({ kind: 'both', text: one.slice(at, end).join('') })
  }
  const { hunks } = diffLines(one, other)
  for (const { aStart, aEnd, bStart, bEnd } of hunks) {
    both(aStart)
    const texts = { left: one.slice(aStart, aEnd).join(''), right: other.slice(bStart, bEnd).join('') }
    pieces.push({ kind: 'conflict', base: '', ...texts })
    at = aEnd
  }
  both(one.length)
  return { pieces, conflicts: hunks.length }
}

/** Texts of fewer lines are merged in the page before one could notice; longer ones beside it. */
const IN_PAGE_LINES = 2_000

export const isLong = ({ base = '', left, right }: Texts): boolean =>
  [base, left, right].some(text => text.split('\n').length > IN_PAGE_LINES)
