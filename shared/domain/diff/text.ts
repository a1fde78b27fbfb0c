/** The whole comparison of two texts, as the screen shows it: lines, what kind of change, words, moves. */

import { type Change, changeOf, type Move } from './change.ts'
import type { ChangeKind } from './classify.ts'
import { type Deadline, deadlineIn } from './deadline.ts'
import { outsideFences } from './fences.ts'
import { type DiffOptions, type Span, textHunks } from './lines.ts'
import { findMoves } from './moves.ts'
import { cutRewrapped } from './rewrapped.ts'
import { Refiner } from './words.ts'

export type { Change, ChangeKind, Move }

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
  /** The text is Markdown or plain prose, where a paragraph may be re-wrapped (default true); false for code. */
  prose?: boolean
}

/**
 * Compares two texts. `applyDiff(a, b, diff)` gives b (but for white space, where that is ignored); the changes are in
 * order and do not overlap. For a first view without `words` and `moves`, `Refiner` finds the words of single changes.
 */
export function diffText(a: string, b: string, options: TextDiffOptions = {}): TextDiff {
  const deadline = deadlineIn(options.budgetMs, options.now)
  if (a === b) return { changes: [], moves: [], hitTimeout: false, linesAdded: 0, linesRemoved: 0 }
  const { hunks, aStarts, bStarts } = textHunks(a, b, options.ignoreWhitespace ?? false, deadline)
  const flowsAt = (options.prose ?? true) ? outsideFences(a) : () => false
  const texts = { a, b, aStarts, bStarts, flowsAt }
  const whole = hunks.map(hunk => changeOf(hunk, texts))
  const changes = (options.prose ?? true) ? cutRewrapped(whole, texts, deadline) : whole
  const found =
    (options.moves ?? true) && !deadline.expired() ? findMoves(changes, texts, deadline) : { changes, moves: [] }
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

function count(hunks: readonly Span[]): { linesAdded: number; linesRemoved: number } {
  let linesAdded = 0
  let linesRemoved = 0
  for (const hunk of hunks) {
    linesAdded += hunk.bEnd - hunk.bStart
    linesRemoved += hunk.aEnd - hunk.aStart
  }
  return { linesAdded, linesRemoved }
}
