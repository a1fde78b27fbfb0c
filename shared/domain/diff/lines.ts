/** What changed between two texts, line by line. */

import { align } from './align.ts'
import { lineJudge } from './boundaries.ts'
import { type Deadline, deadlineIn } from './deadline.ts'
import { type Interned, internLines, internTexts, lineStarts, splitLines } from './intern.ts'
import { allowanceOf, avoidIslands, joinAcrossIslands } from './islands.ts'
import { plainLines } from './plain-lines.ts'
import { slide } from './slide.ts'
import { spansOf } from './spans.ts'

/** A changed stretch: 0-based, half-open ranges of lines. One side may be empty, never both. */
export type Span = { aStart: number; aEnd: number; bStart: number; bEnd: number }

/** The changed stretches in order, with at least one equal line between any two. */
export type LineDiff = {
  hunks: Span[]
  /** True when the budget was used up: the diff is still right, but coarser than it could be. */
  hitTimeout: boolean
}

export type DiffOptions = {
  /** Milliseconds after which the rest is answered coarsely. Without it no clock is read. */
  budgetMs?: number
  /** A clock in milliseconds; `performance.now` unless given. */
  now?: () => number
  /** Lines that differ only in white space (and line ends) are equal. */
  ignoreWhitespace?: boolean
}

export { splitLines }

/**
 * The changed lines between a and b: close to the fewest possible, placed at natural boundaries, and not broken up by
 * lines that say nothing.
 */
export function diffLines(a: readonly string[], b: readonly string[], options: DiffOptions = {}): LineDiff {
  const deadline = deadlineIn(options.budgetMs, options.now)
  return { hunks: lineHunks(a, b, options.ignoreWhitespace ?? false, deadline), hitTimeout: deadline.hit }
}

/** `diffLines(splitLines(a), splitLines(b))`, about twice as fast. */
export function diffLinesOfTexts(a: string, b: string, options: DiffOptions = {}): LineDiff {
  const deadline = deadlineIn(options.budgetMs, options.now)
  return { hunks: textHunks(a, b, options.ignoreWhitespace ?? false, deadline).hunks, hitTimeout: deadline.hit }
}

/** Two texts with the offset of each line (and of the end), and their changed lines. */
export type TextHunks = { hunks: Span[]; aStarts: Int32Array; bStarts: Int32Array }

/** `diffLinesOfTexts` for callers that share one deadline over several steps. */
export function textHunks(a: string, b: string, ignoreWhitespace: boolean, deadline: Deadline): TextHunks {
  if (ignoreWhitespace) {
    const hunks = lineHunks(splitLines(a), splitLines(b), true, deadline)
    return { hunks, aStarts: lineStarts(a), bStarts: lineStarts(b) }
  }
  const interned = internTexts(a, b)
  const { aStarts, bStarts } = interned
  const aLine = (at: number) => a.slice(aStarts[at], aStarts[at + 1])
  const bLine = (at: number) => b.slice(bStarts[at], bStarts[at + 1])
  return { hunks: hunksOf(interned, aLine, bLine, deadline), aStarts, bStarts }
}

function lineHunks(a: readonly string[], b: readonly string[], ignoreWhitespace: boolean, deadline: Deadline): Span[] {
  const interned = internLines(a, b, ignoreWhitespace)
  return hunksOf(
    interned,
    at => a[at] ?? '',
    at => b[at] ?? '',
    deadline,
  )
}

type LineAt = (at: number) => string

function hunksOf(interned: Interned, aLine: LineAt, bLine: LineAt, deadline: Deadline): Span[] {
  const { a, b, symbols } = interned
  const marks = align(a, b, symbols, deadline)
  const isPlain = plainLines(a, symbols, aLine)
  const spans = spansOf(marks.a, marks.b)
  const allowance = spans.length < 2 ? 0 : avoidIslands(interned, marks, spans, isPlain, allowanceOf(spans), deadline)
  slide(a, marks.a, marks.b, lineJudge(aLine, a.length), deadline)
  slide(b, marks.b, marks.a, lineJudge(bLine, b.length), deadline)
  return joinAcrossIslands(spansOf(marks.a, marks.b), isPlain, allowance)
}
