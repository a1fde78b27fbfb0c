/**
 * Islands: blank lines, braces and fences that a shortest script keeps in the middle of rewritten text, where they break
 * up what was changed as one. They cost the reader more than the few lines that the script gets longer without them:
 * VS Code joins changes across them (`removeVeryShortMatchingLinesBetweenDiffs`), git does not look for matches of lines
 * that stand everywhere (`xdl_cleanup_records`). Here a script may get longer by a small share and no more.
 */

import type { Marks } from './box.ts'
import type { Deadline } from './deadline.ts'
import type { Interned } from './intern.ts'
import type { Span } from './lines.ts'
import { realign } from './realign.ts'

/** What a script may get longer by: this share of itself, of the largest ones less, and `FEW` lines in any case. */
const SHARE = 0.05
const LARGE_SHARE = 0.01
const LARGE_LINES = 20
const FEW = 2
/** Lines, of both sides, from which a change is large enough to go on beyond an island. */
const LARGE_CHANGE = 6
const MAX_ISLAND = 3
/** Kept lines that say something and yet do not end a stretch that is aligned again. */
const MAX_KEPT = 1
/** Table cells that aligning again may take a diff, so that its time grows with the lines and no faster. */
const CELLS = 20_000
const CELLS_A_LINE = 8

type IsPlain = (aLine: number) => boolean

/** Lines by which the script of these changes may get longer. */
export function allowanceOf(spans: readonly Span[]): number {
  let script = 0
  for (const span of spans) script += sizeOf(span)
  return Math.max(FEW, Math.floor(Math.min(script * SHARE, LARGE_LINES + script * LARGE_SHARE)))
}

/**
 * Aligns again what holds islands, where another way has fewer of them. `spans` are the runs of `marks`. Answers what is
 * left of `allowance`.
 */
export function avoidIslands(
  { a, b }: Pick<Interned, 'a' | 'b'>,
  marks: Marks,
  spans: readonly Span[],
  isPlain: IsPlain,
  allowance: number,
  deadline: Deadline,
): number {
  let left = allowance
  let cells = CELLS + CELLS_A_LINE * (a.length + b.length)
  for (const stretch of stretchesOf(spans, isPlain)) {
    const size = (stretch.aEnd - stretch.aStart + 1) * (stretch.bEnd - stretch.bStart + 1)
    if (size > cells || deadline.expired()) continue
    cells -= size
    left -= realign(a, b, stretch, marks, isPlain, left)
  }
  return left
}

/** Changes that stand close together, with islands among them, from the first one's beginning to the last one's end. */
function stretchesOf(spans: readonly Span[], isPlain: IsPlain): Span[] {
  const stretches: Span[] = []
  let open: Span | undefined
  let islands = 0
  const close = () => {
    // One island alone is worth less than the line it would take.
    if (open && islands > 1) stretches.push(open)
    open = undefined
    islands = 0
  }
  for (const span of spans) {
    const kept = open ? keptBetween(open, span, isPlain) : MAX_KEPT + 1
    if (kept > MAX_KEPT) close()
    else if (kept === 0) islands++
    open = open ? { ...open, aEnd: span.aEnd, bEnd: span.bEnd } : span
  }
  close()
  return stretches
}

/** Kept lines between two changes that say something, counted no further than one more than matter. */
function keptBetween(before: Span, after: Span, isPlain: IsPlain): number {
  let kept = 0
  for (let line = before.aEnd; line < after.aStart && kept <= MAX_KEPT; line++) if (!isPlain(line)) kept++
  return kept
}

/** Joins large changes across islands, as many as `allowance` lines are enough for: the shortest islands first. */
export function joinAcrossIslands(hunks: readonly Span[], isPlain: IsPlain, allowance: number): Span[] {
  const islands: { at: number; cost: number; around: number }[] = []
  hunks.forEach((after, at) => {
    const before = hunks[at - 1]
    if (!before || after.aStart - before.aEnd > MAX_ISLAND) return
    const [one, other] = [sizeOf(before), sizeOf(after)]
    if (Math.max(one, other) < LARGE_CHANGE || keptBetween(before, after, isPlain) > 0) return
    islands.push({ at, cost: 2 * (after.aStart - before.aEnd), around: Math.min(one, other) })
  })
  islands.sort((one, other) => one.cost - other.cost || other.around - one.around)
  const joined = new Set<number>()
  let left = allowance
  for (const { at, cost } of islands) {
    if (cost > left) break
    left -= cost
    joined.add(at)
  }
  const result: Span[] = []
  hunks.forEach((hunk, at) => {
    const last = joined.has(at) ? result.pop() : undefined
    result.push(last ? { ...last, aEnd: hunk.aEnd, bEnd: hunk.bEnd } : hunk)
  })
  return result
}

const sizeOf = (span: Span): number => span.aEnd - span.aStart + span.bEnd - span.bStart
