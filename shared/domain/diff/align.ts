/**
 * Aligns two sequences of small integers (interned lines or words). What cannot match is taken out first, then the
 * shortest script is looked for where differences are few (Myers); otherwise anchors cut the box, and boxes without
 * anchors go to bit-parallel dynamic programming, in blocks when they are too large for that. Every step is bounded, so
 * that no input makes it quadratic without end; without a deadline the answer depends on the input alone.
 */

import { uniqueAnchors } from './anchors.ts'
import { bitCost, bitLcs } from './bit-lcs.ts'
import { type Box, Marks } from './box.ts'
import type { Deadline } from './deadline.ts'
import { type Frontiers, frontiersFor, myers } from './myers.ts'

/** Differences from either end beyond which anchors are tried instead of Myers' algorithm; fewer in large boxes. */
const MYERS_CAP = 512
const MYERS_CAP_LARGE = 128
const LARGE = 8_000
/** Words of the bit table a single box may take (4 bytes each). */
const BIT_LIMIT = 2_000_000
/** Side of the blocks into which a box without anchors is cut when it is beyond that limit. */
const BLOCK = 4_000
const MAX_DEPTH = 32
/** Elements on both sides up to which taking out what cannot match costs more than it saves. */
const SMALL = 64

/** Aligns `a` and `b`. `symbols` is one more than the greatest symbol; both hold integers in [0, symbols). */
export const align = (a: Int32Array, b: Int32Array, symbols: number, deadline: Deadline): Marks =>
  new Aligner(deadline).align(a, b, symbols)

/** `align` for many pairs in a row, whose scratch memory is made once. */
export class Aligner {
  // Scratch by symbol, all 0 between uses.
  private countA: Int32Array = new Int32Array(0)
  private countB: Int32Array = new Int32Array(0)
  private frontiers: Frontiers = frontiersFor(0)
  /** `identity[i] === i`: the places of elements of which none was taken out. */
  private identity: Int32Array = new Int32Array(0)
  private marks: Marks = new Marks(0, 0)
  private readonly deadline: Deadline

  constructor(deadline: Deadline) {
    this.deadline = deadline
  }

  align(a: Int32Array, b: Int32Array, symbols: number): Marks {
    const marks = new Marks(a.length, b.length)
    let lo = 0
    let aHi = a.length
    let bHi = b.length
    while (lo < aHi && lo < bHi && a[lo] === b[lo]) lo++
    while (aHi > lo && bHi > lo && a[aHi - 1] === b[bHi - 1]) {
      aHi--
      bHi--
    }
    if (lo === aHi) marks.b.fill(1, lo, bHi)
    else if (lo === bHi) marks.a.fill(1, lo, aHi)
    else {
      this.prepare(Math.max(aHi, bHi), symbols, marks)
      this.solveWhole(a, b, lo, aHi, bHi)
    }
    return marks
  }

  private prepare(length: number, symbols: number, marks: Marks): void {
    this.marks = marks
    if (this.countA.length < symbols) {
      this.countA = new Int32Array(symbols * 2)
      this.countB = new Int32Array(symbols * 2)
    }
    if (this.identity.length >= length) return
    const size = Math.max(length, 2 * this.identity.length)
    this.frontiers = frontiersFor(size)
    this.identity = new Int32Array(size)
    for (let i = 0; i < this.identity.length; i++) this.identity[i] = i
  }

  private solveWhole(a: Int32Array, b: Int32Array, lo: number, aHi: number, bHi: number): void {
    const box = { a, b, aAt: this.identity, bAt: this.identity, aLo: lo, aHi, bLo: lo, bHi }
    if (aHi + bHi - 2 * lo <= SMALL) this.solve(box, 0)
    else this.solve(this.withoutLoners(box), 0)
  }

  private solve(outer: Box, depth: number): void {
    const box = trim(outer)
    const rows = box.aHi - box.aLo
    const columns = box.bHi - box.bLo
    if (rows === 0) {
      this.marks.outB(box, box.bLo, box.bHi)
      return
    }
    if (columns === 0) {
      this.marks.outA(box, box.aLo, box.aHi)
      return
    }
    if (this.deadline.expired()) {
      this.giveUp(box)
      return
    }
    const cost = bitCost(rows, columns)
    const most = rows + columns > LARGE ? MYERS_CAP_LARGE : MYERS_CAP
    const cap = Math.min(most, Math.ceil(Math.sqrt(cost)) + 32)
    if (myers(box, this.frontiers, this.marks, cap, this.deadline)) return
    if (this.deadline.hit) {
      this.giveUp(box)
      return
    }
    if (depth < MAX_DEPTH && this.solveBetweenAnchors(box, depth)) return
    if (cost <= BIT_LIMIT) bitLcs(box, this.countA, this.marks)
    else this.solveBlocks(box)
  }

  private solveBetweenAnchors(box: Box, depth: number): boolean {
    const anchors = uniqueAnchors(box, this.countA, this.countB)
    if (anchors.length === 0) return false
    let { aLo, bLo } = box
    for (let at = 0; at <= anchors.length; at += 2) {
      const aHi = anchors[at] ?? box.aHi
      const bHi = anchors[at + 1] ?? box.bHi
      if (aLo < aHi || bLo < bHi) this.solveGap({ ...box, aLo, aHi, bLo, bHi }, depth + 1)
      aLo = aHi + 1
      bLo = bHi + 1
    }
    return true
  }

  private solveGap(gap: Box, depth: number): void {
    const box = trim(gap)
    if (box.aLo === box.aHi) this.marks.outB(box, box.bLo, box.bHi)
    else if (box.bLo === box.bHi) this.marks.outA(box, box.aLo, box.aHi)
    else if (box.aHi - box.aLo + box.bHi - box.bLo <= SMALL) this.solve(box, depth)
    else this.solve(this.withoutLoners(box), depth)
  }

  /** Too large and without anchors: proportional blocks, which lose little where no order is to be found anyway. */
  private solveBlocks(box: Box): void {
    const rows = box.aHi - box.aLo
    const columns = box.bHi - box.bLo
    const blocks = Math.ceil(Math.max(rows, columns) / BLOCK)
    for (let n = 0; n < blocks; n++) {
      const part = {
        ...box,
        aLo: box.aLo + Math.floor((rows * n) / blocks),
        aHi: box.aLo + Math.floor((rows * (n + 1)) / blocks),
        bLo: box.bLo + Math.floor((columns * n) / blocks),
        bHi: box.bLo + Math.floor((columns * (n + 1)) / blocks),
      }
      this.solveGap(part, MAX_DEPTH)
    }
  }

  /** The box without the symbols that stand on one side only: they are in no common subsequence. */
  private withoutLoners(box: Box): Box {
    const { a, b, aAt, bAt, aLo, aHi, bLo, bHi } = box
    const { countA, countB } = this
    for (let i = aLo; i < aHi; i++) countA[a[i] ?? 0] = 1
    for (let j = bLo; j < bHi; j++) countB[b[j] ?? 0] = 1
    const left = keep(a, aAt, aLo, aHi, countB, this.marks.a)
    const right = keep(b, bAt, bLo, bHi, countA, this.marks.b)
    for (let i = aLo; i < aHi; i++) countA[a[i] ?? 0] = 0
    for (let j = bLo; j < bHi; j++) countB[b[j] ?? 0] = 0
    return {
      a: left.symbols,
      aAt: left.at,
      aLo: 0,
      aHi: left.symbols.length,
      b: right.symbols,
      bAt: right.at,
      bLo: 0,
      bHi: right.symbols.length,
    }
  }

  private giveUp(box: Box): void {
    this.marks.outA(box, box.aLo, box.aHi)
    this.marks.outB(box, box.bLo, box.bHi)
  }
}

function keep(from: Int32Array, at: Int32Array, lo: number, hi: number, partners: Int32Array, out: Uint8Array) {
  const symbols = new Int32Array(hi - lo)
  const places = new Int32Array(hi - lo)
  let kept = 0
  for (let i = lo; i < hi; i++) {
    const symbol = from[i] ?? 0
    const place = at[i] ?? 0
    if (partners[symbol] === 0) out[place] = 1
    else {
      symbols[kept] = symbol
      places[kept++] = place
    }
  }
  return { symbols: symbols.subarray(0, kept), at: places.subarray(0, kept) }
}

function trim(box: Box): Box {
  const { a, b } = box
  let { aLo, aHi, bLo, bHi } = box
  while (aLo < aHi && bLo < bHi && a[aLo] === b[bLo]) {
    aLo++
    bLo++
  }
  while (aLo < aHi && bLo < bHi && a[aHi - 1] === b[bHi - 1]) {
    aHi--
    bHi--
  }
  return { ...box, aLo, aHi, bLo, bHi }
}
