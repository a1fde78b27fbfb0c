/** The whole comparison of two texts, as the screen shows it: lines, what kind of change, words, moves. */

import { kindOf } from './classify.ts'
import { type Deadline, deadlineIn } from './deadline.ts'
import { type DiffOptions, type Span, textHunks } from './lines.ts'
import { findMoves, type Move } from './moves.ts'
import { type CharRange, Refiner } from './words.ts'

export type ChangeKind = 'changed' | 'inserted' | 'deleted' | 'whitespace' | 'rewrapped'

/**
 * One changed stretch of whole lines: UTF-16 offsets and 0-based line numbers, both half-open. Two changes may touch when
 * a moved block was cut out of a larger one.
 */
export type Change = {
  aFrom: number
  aTo: number
  bFrom: number
  bTo: number
  aLine: number
  aLineEnd: number
  bLine: number
  bLineEnd: number
  /** What changed inside, in offsets of the whole texts; empty where one side is empty or words were not asked for. */
  inner: CharRange[]
  kind: ChangeKind
  /** The id of the `Move` of which this is one end: all of this change's lines, on its only side. */
  moved?: number
}

export type { Move }

export type TextDiff = {
  changes: Change[]
  moves: Move[]
  /** True when the budget was used up: still right, but coarser than it could be. */
  hitTimeout: boolean
  linesAdded: number
  linesRemoved: number
}

export type TextDiffOptions = DiffOptions & {
  /** Find the changed words inside changes (default true). */
  words?: boolean
  /** Find moved blocks (default true). */
  moves?: boolean
}

/** Compares two texts. `applyDiff(a, b, diff)` gives b; the changes are in order and do not overlap. */
export function diffText(a: string, b: string, options: TextDiffOptions = {}): TextDiff {
  const deadline = deadlineIn(options.budgetMs, options.now)
  if (a === b) return { changes: [], moves: [], hitTimeout: false, linesAdded: 0, linesRemoved: 0 }
  const { hunks, aStarts, bStarts } = textHunks(a, b, options.ignoreWhitespace ?? false, deadline)
  const changes = hunks.map(hunk => changeOf(hunk, a, b, aStarts, bStarts))
  const found =
    (options.moves ?? true) && !deadline.expired()
      ? findMoves(changes, { a, b, aStarts, bStarts }, deadline)
      : { changes, moves: [] }
  if (options.words ?? true) refineAll(found.changes, found.moves, a, b, deadline)
  return { ...found, hitTimeout: deadline.hit, ...count(hunks) }
}

function refineAll(changes: Change[], moves: Move[], a: string, b: string, deadline: Deadline): void {
  const refiner = new Refiner(a, b, deadline)
  for (const change of changes) {
    if (change.aFrom === change.aTo || change.bFrom === change.bTo) continue
    change.inner = refiner.refine(change.aFrom, change.aTo, change.bFrom, change.bTo)
  }
  for (const move of moves) if (move.edited) move.inner = refiner.refine(move.aFrom, move.aTo, move.bFrom, move.bTo)
}

function changeOf(span: Span, a: string, b: string, aStarts: Int32Array, bStarts: Int32Array): Change {
  const change = {
    aFrom: aStarts[span.aStart] ?? 0,
    aTo: aStarts[span.aEnd] ?? 0,
    bFrom: bStarts[span.bStart] ?? 0,
    bTo: bStarts[span.bEnd] ?? 0,
    aLine: span.aStart,
    aLineEnd: span.aEnd,
    bLine: span.bStart,
    bLineEnd: span.bEnd,
    inner: [],
  }
  return { ...change, kind: kindOf(a.slice(change.aFrom, change.aTo), b.slice(change.bFrom, change.bTo)) }
}

function count(hunks: readonly Span[]): { linesAdded: number; linesRemoved: number } {
  let linesAdded = 0
  let linesRemoved = 0
  for (const hunk of hunks) {
    linesAdded += hunk.bEnd - hunk.bStart
    linesRemoved += hunk.aEnd - hunk.aStart
  }
  return { linesAdded, linesRemoved }
}
