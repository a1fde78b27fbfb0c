/**
 * Blocks that were moved from one place to another, also when edited on the way. A line that was deleted in one change
 * and inserted in another, once each, is a seed; so is a long line of which most words are found again. Around a seed the
 * block grows as long as the lines go on to fit, over a few that do not.
 */

import type { Change, Move, TextPair } from './change.ts'
import { cutOut } from './cut.ts'
import type { Deadline } from './deadline.ts'
import { type ChangedLine, similarLines } from './similar.ts'

/** Characters that must be the same for a block to be worth calling moved; a single line needs the more. */
const MIN_WEIGHT = 24
const MIN_SINGLE = 40
/** Lines on either side that may not fit within a block. */
const MAX_GAP = 3
/** Changed lines on both sides beyond which edited lines are not looked for. */
const MAX_SIMILAR = 4_000
/** Moves that are shown; of a text that was shuffled, only the largest. */
const MAX_MOVES = 1_000

/** Finds moved blocks among what was deleted and inserted; cuts the changes so that each end of a move is a change. */
export function findMoves(
  changes: Change[],
  texts: TextPair,
  deadline: Deadline,
): { changes: Change[]; moves: Move[] } {
  if (changes.length < 2) return { changes, moves: [] }
  const a = changedLines(changes, 'a', texts, deadline)
  const b = changedLines(changes, 'b', texts, deadline)
  if (a.length === 0 || b.length === 0 || deadline.expired()) return { changes, moves: [] }
  const partners = exactPartners(a, b)
  if (deadline.expired()) return { changes, moves: [] }
  if (a.length + b.length <= MAX_SIMILAR && !deadline.expired()) similarLines(a, b, partners, deadline)
  const blocks = largest(grow(a, b, partners))
  if (blocks.length === 0) return { changes, moves: [] }
  const moves = blocks.map((block, id) => moveOf(block, id, a, b, texts))
  return { changes: cutOut(changes, moves, texts), moves }
}

function changedLines(changes: readonly Change[], side: 'a' | 'b', texts: TextPair, deadline: Deadline): ChangedLine[] {
  const text = texts[side]
  const starts = side === 'a' ? texts.aStarts : texts.bStarts
  const lines: ChangedLine[] = []
  changes.forEach((change, n) => {
    // What was only re-indented or re-wrapped stays where it is.
    if (change.kind === 'whitespace' || change.kind === 'rewrapped' || deadline.expired()) return
    const [from, to] = side === 'a' ? [change.aLine, change.aLineEnd] : [change.bLine, change.bLineEnd]
    for (let line = from; line < to; line++)
      lines.push({ line, change: n, key: text.slice(starts[line], starts[line + 1]).trim() })
  })
  return lines
}

/** By index in a: the index in b of the same line, where it was taken out once and put in once; -1 otherwise. */
function exactPartners(a: readonly ChangedLine[], b: readonly ChangedLine[]): Int32Array {
  const partners = new Int32Array(a.length).fill(-1)
  const places = new Map<string, number>()
  b.forEach(({ key }, j) => {
    if (key.length > 3) places.set(key, places.has(key) ? -1 : j)
  })
  const takers = new Map<number, number>()
  a.forEach(({ key, change }, i) => {
    const j = places.get(key)
    if (j === undefined || j < 0) return
    const other = takers.get(j)
    if (other !== undefined) partners[other] = -1
    else if (b[j]?.change !== change) partners[i] = j
    takers.set(j, i)
  })
  return partners
}

/** Indices into the changed lines, half-open. All lines of a block are of one change, so they follow one another. */
type Block = { aFrom: number; aTo: number; bFrom: number; bTo: number; weight: number }

function grow(a: readonly ChangedLine[], b: readonly ChangedLine[], partners: Int32Array): Block[] {
  const usedA = new Uint8Array(a.length)
  const usedB = new Uint8Array(b.length)
  const fits: Pairs['fits'] = (i, j, from) => {
    const [one, other] = [a[i], b[j]]
    if (!one || !other || one.change !== a[from.i]?.change || other.change !== b[from.j]?.change) return 0
    if (one.key !== other.key && partners[i] !== j) return 0
    return 1 + one.key.length
  }
  const pairs: Pairs = { fits, isTaken: (i, j) => usedA[i] === 1 || usedB[j] === 1 }
  const blocks: Block[] = []
  for (let i = 0; i < a.length; i++) {
    const j = partners[i] ?? -1
    const itself = j < 0 || pairs.isTaken(i, j) ? 0 : fits(i, j, { i, j })
    if (itself === 0) continue
    const down = reach(i, j, 1, pairs)
    const up = reach(i, j, -1, pairs)
    const block = { aFrom: up.i, aTo: down.i + 1, bFrom: up.j, bTo: down.j + 1 }
    const enough = block.aTo - block.aFrom > 1 ? MIN_WEIGHT : MIN_SINGLE
    const weight = up.weight + itself + down.weight
    if (weight < enough) continue
    usedA.fill(1, block.aFrom, block.aTo)
    usedB.fill(1, block.bFrom, block.bTo)
    blocks.push({ ...block, weight })
  }
  return blocks
}

function largest(blocks: Block[]): Block[] {
  if (blocks.length <= MAX_MOVES) return blocks
  const byWeight = [...blocks].sort((one, other) => other.weight - one.weight)
  return byWeight.slice(0, MAX_MOVES).sort((one, other) => one.aFrom - other.aFrom)
}

type Place = { i: number; j: number }

type Pairs = {
  /** How much says that (i, j) belong together, in the same changes as `from`; 0 when they do not. */
  fits: (i: number, j: number, from: Place) => number
  /** Whether either line is part of a block already. */
  isTaken: (i: number, j: number) => boolean
}

/** How far a block goes on from (i, j) in one direction, and what says so. */
function reach(i: number, j: number, step: 1 | -1, pairs: Pairs): Place & { weight: number } {
  let at = { i, j, weight: 0 }
  for (;;) {
    const next = nextFit(at, step, pairs)
    if (!next) return at
    at = { ...next, weight: at.weight + next.weight }
  }
}

/**
 * The nearest pair that fits; beyond a gap only one that says more than a blank line or a brace does. A gap never spans a
 * line of another block: the two moves would overlap, and the text between them would be cut out twice.
 */
function nextFit(from: Place, step: 1 | -1, pairs: Pairs): (Place & { weight: number }) | undefined {
  const mostA = freeLines(at => pairs.isTaken(from.i + step * at, -1))
  const mostB = freeLines(at => pairs.isTaken(-1, from.j + step * at))
  for (let distance = 2; distance <= 2 * MAX_GAP; distance++)
    for (let down = 1; down < distance; down++) {
      if (down > mostA || distance - down > mostB) continue
      const i = from.i + step * down
      const j = from.j + step * (distance - down)
      const weight = pairs.fits(i, j, from)
      if (weight > (distance === 2 ? 0 : 8)) return { i, j, weight }
    }
  return undefined
}

/** How many lines in a row, up to the longest gap, are in no block yet. */
function freeLines(isTaken: (at: number) => boolean): number {
  let lines = 0
  while (lines < 2 * MAX_GAP - 1 && !isTaken(lines + 1)) lines++
  return lines
}

function moveOf(block: Block, id: number, a: readonly ChangedLine[], b: readonly ChangedLine[], texts: TextPair): Move {
  const aLine = a[block.aFrom]?.line ?? 0
  const aLineEnd = aLine + block.aTo - block.aFrom
  const bLine = b[block.bFrom]?.line ?? 0
  const bLineEnd = bLine + block.bTo - block.bFrom
  const aFrom = texts.aStarts[aLine] ?? 0
  const aTo = texts.aStarts[aLineEnd] ?? 0
  const bFrom = texts.bStarts[bLine] ?? 0
  const bTo = texts.bStarts[bLineEnd] ?? 0
  const edited = texts.a.slice(aFrom, aTo) !== texts.b.slice(bFrom, bTo)
  return { id, aFrom, aTo, bFrom, bTo, aLine, aLineEnd, bLine, bLineEnd, edited, inner: [] }
}
