/** Cuts changes so that each end of a moved block is a change of its own. */

import { type Change, changeOf, type Move, type TextPair } from './change.ts'

/** A stretch of lines on one side of a change; `moved` is the move it is an end of. */
type Piece = { from: number; to: number; moved?: number }

/** The same changes, those with moved lines in them cut into several that touch. */
export function cutOut(changes: readonly Change[], moves: readonly Move[], texts: TextPair): Change[] {
  const fromA = moves.map(move => ({ from: move.aLine, to: move.aLineEnd, moved: move.id })).sort(byPlace)
  const fromB = moves.map(move => ({ from: move.bLine, to: move.bLineEnd, moved: move.id })).sort(byPlace)
  const result: Change[] = []
  let nextA = 0
  let nextB = 0
  for (const change of changes) {
    const endA = endWithin(fromA, nextA, change.aLineEnd)
    const endB = endWithin(fromB, nextB, change.bLineEnd)
    if (endA === nextA && endB === nextB) result.push(change)
    else {
      const a = piecesOf(change.aLine, change.aLineEnd, fromA.slice(nextA, endA))
      const b = piecesOf(change.bLine, change.bLineEnd, fromB.slice(nextB, endB))
      result.push(...cut(change, a, b, texts))
    }
    nextA = endA
    nextB = endB
  }
  return result
}

const byPlace = (one: Piece, other: Piece): number => one.from - other.from

function endWithin(pieces: readonly Piece[], start: number, lineEnd: number): number {
  let end = start
  while ((pieces[end]?.from ?? Number.POSITIVE_INFINITY) < lineEnd) end++
  return end
}

/** The lines [from, to) as moved pieces and what stands before, between and after them. */
function piecesOf(from: number, to: number, moved: readonly Piece[]): Piece[] {
  const pieces: Piece[] = []
  let at = from
  for (const piece of moved) {
    if (at < piece.from) pieces.push({ from: at, to: piece.from })
    pieces.push(piece)
    at = piece.to
  }
  if (at < to) pieces.push({ from: at, to })
  return pieces
}

/**
 * What was not moved on one side may have replaced what was not moved on the other: the largest such pieces stay one
 * change, all others are deletions and insertions before and after it.
 */
function cut(change: Change, a: readonly Piece[], b: readonly Piece[], texts: TextPair): Change[] {
  const keptA = largestUnmoved(a)
  const keptB = largestUnmoved(b)
  const pair = keptA >= 0 && keptB >= 0
  const result: Change[] = []
  let aLine = change.aLine
  let bLine = change.bLine
  const push = (aEnd: number, bEnd: number, moved: number | undefined) => {
    const part = changeOf({ aStart: aLine, aEnd, bStart: bLine, bEnd }, texts)
    result.push(moved === undefined ? part : { ...part, moved })
    aLine = aEnd
    bLine = bEnd
  }
  const aBefore = pair ? keptA : a.length
  const bBefore = pair ? keptB : b.length
  for (const piece of a.slice(0, aBefore)) push(piece.to, bLine, piece.moved)
  for (const piece of b.slice(0, bBefore)) push(aLine, piece.to, piece.moved)
  if (!pair) return result
  push(a[keptA]?.to ?? aLine, b[keptB]?.to ?? bLine, undefined)
  for (const piece of a.slice(keptA + 1)) push(piece.to, bLine, piece.moved)
  for (const piece of b.slice(keptB + 1)) push(aLine, piece.to, piece.moved)
  return result
}

function largestUnmoved(pieces: readonly Piece[]): number {
  let largest = -1
  let size = 0
  pieces.forEach((piece, at) => {
    if (piece.moved !== undefined || piece.to - piece.from <= size) return
    largest = at
    size = piece.to - piece.from
  })
  return largest
}
