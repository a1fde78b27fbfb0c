import { similarPairs } from '../../../shared/domain/diff/pairs.ts'
import type { Change, TextDiff } from '../../../shared/domain/diff/text.ts'

/**
 * A comparison laid out as documents: one a side, or both in one (inline). A document has the engine's lines and no others:
 * the empty 'line' after a last line break is left off, and whether a text ends with a break is said elsewhere.
 */
export type Pane = {
  text: string
  /** For each line of the document: the index of its change, −1 for an unchanged line. */
  change: Int32Array
  /** For each line, its number (from 1) on the left and on the right; 0 where it is not on that side. */
  left: Int32Array
  right: Int32Array
  /** Changed words, as pairs of offsets, in order. */
  marks: Int32Array
}

/** A run of unchanged lines: where it starts on each side and in the inline document (all from 0). */
export type Same = { left: number; right: number; inline: number; length: number }

export type Model = {
  changes: readonly Change[]
  /** Changes that are shown as such, as indices of `changes`; the others differ in white space or wrapping alone. */
  shown: readonly number[]
  left: Pane
  right: Pane
  inline: Pane
  /** For each change, its first line in the inline document. */
  inlineAt: Int32Array
  same: readonly Same[]
  /**
   * Lines that stand beside each other, in order, as triples: the line on the left, on the right (from 0), and how many
   * pairs of unchanged lines follow from there.
   */
  points: Int32Array
}

/** Line breaks are compared apart from the text, as one fact about the file. */
export const normalised = (text: string): string => (text.includes('\r\n') ? text.replaceAll('\r\n', '\n') : text)

/** A changed stretch without lines that are alike, and of this many lines or fewer is aligned line by line when both sides have equally many. */
const PAIRED_LINES = 200
/** Numbers in `points` from which on changed lines are no longer aligned one by one. */
const MOST_POINTS = 30_000
/** In texts with more changes than this, lines that are alike are not looked for. */
const PAIRED_CHANGES = 2_000

/** Lays out `diff` of `a` and `b`, both with LF breaks. `quiet`: white space and re-wrapping are not shown as changes. */
export function modelOf(a: string, b: string, diff: TextDiff, quiet: boolean): Model {
  const isShown = (change: Change): boolean => !quiet || (change.kind !== 'whitespace' && change.kind !== 'rewrapped')
  const shown = diff.changes.flatMap((change, index) => (isShown(change) ? index : []))
  const left = sidePane(a, diff, 'left', isShown)
  const right = sidePane(b, diff, 'right', isShown)
  return {
    changes: diff.changes,
    shown,
    left,
    right,
    points: pointsOf(a, b, diff.changes, left.change.length),
    ...inlineOf(a, b, diff, isShown, left.change.length, right.change.length),
  }
}

const lineCount = (text: string): number => {
  let lines = 1
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines++
  return lines
}

const withoutLastBreak = (text: string): string => (text.endsWith('\n') ? text.slice(0, -1) : text)

function sidePane(text: string, diff: TextDiff, side: 'left' | 'right', isShown: (change: Change) => boolean): Pane {
  const shownText = withoutLastBreak(text)
  const lines = lineCount(shownText)
  const numbers = Int32Array.from({ length: lines }, (_, index) => index + 1)
  const none = new Int32Array(lines)
  const change = new Int32Array(lines).fill(-1)
  const marks: number[] = []
  for (const [index, each] of diff.changes.entries()) {
    if (!isShown(each)) continue
    if (side === 'left') change.fill(index, each.aLine, each.aLineEnd)
    else change.fill(index, each.bLine, each.bLineEnd)
    for (const range of innerOf(each, diff)) {
      const [from, to] = side === 'left' ? [range.aFrom, range.aTo] : [range.bFrom, range.bTo]
      if (from < to) marks.push(from, Math.min(to, shownText.length))
    }
  }
  return {
    text: shownText,
    change,
    left: side === 'left' ? numbers : none,
    right: side === 'left' ? none : numbers,
    marks: ordered(marks),
  }
}

/** A moved block that was edited on the way has its words in the move, for either end alone has nothing to compare with. */
function innerOf(change: Change, diff: TextDiff): Change['inner'] {
  if (change.moved === undefined) return change.inner
  const move = diff.moves.find(each => each.id === change.moved)
  if (!move?.edited) return []
  const onLeft = change.aTo > change.aFrom
  return move.inner.map(range => (onLeft ? { ...range, bFrom: 0, bTo: 0 } : { ...range, aFrom: 0, aTo: 0 }))
}

/** Pairs in order of their start; they do not overlap within one document. */
function ordered(marks: readonly number[]): Int32Array {
  const pairs: [number, number][] = []
  for (let i = 0; i + 1 < marks.length; i += 2) pairs.push([marks[i] ?? 0, marks[i + 1] ?? 0])
  pairs.sort((x, y) => x[0] - y[0])
  return Int32Array.from(pairs.flat())
}

function pointsOf(a: string, b: string, changes: readonly Change[], leftLines: number): Int32Array {
  const points = [0, 0, changes[0]?.aLine ?? leftLines]
  for (const [index, change] of changes.entries()) {
    const { aLine, aLineEnd, bLine, bLineEnd } = change
    const lines = aLineEnd - aLine
    const pairs = changes.length <= PAIRED_CHANGES && points.length < MOST_POINTS ? similarPairs(change, a, b) : []
    if (pairs.length > 0) {
      for (const [left, right] of pairs) if (left > aLine || right > bLine) points.push(left, right, 0)
    } else if (lines === bLineEnd - bLine && lines <= PAIRED_LINES && points.length < MOST_POINTS)
      for (let i = 1; i < lines; i++) points.push(aLine + i, bLine + i, 0)
    points.push(aLineEnd, bLineEnd, (changes[index + 1]?.aLine ?? leftLines) - aLineEnd)
  }
  return Int32Array.from(points)
}

type Inline = Pick<Model, 'inline' | 'inlineAt' | 'same'>

function inlineOf(
  a: string,
  b: string,
  diff: TextDiff,
  isShown: (change: Change) => boolean,
  aLines: number,
  bLines: number,
): Inline {
  const out = new InlineWriter(aLines + bLines)
  const inlineAt = new Int32Array(diff.changes.length)
  const same: Same[] = []
  let [aAt, bAt, bLine] = [0, 0, 0]
  const copySame = (bTo: number, length: number): void => {
    if (length > 0) same.push({ left: aAt, right: bLine, inline: out.line, length })
    out.copy(b.slice(bAt, bTo), -1, aAt + 1, bLine + 1, length)
    aAt += length
    bLine += length
    bAt = bTo
  }
  for (const [index, change] of diff.changes.entries()) {
    copySame(change.bFrom, change.bLine - bLine)
    inlineAt[index] = out.line
    const shown = isShown(change)
    const [aCount, bCount] = [change.aLineEnd - change.aLine, change.bLineEnd - change.bLine]
    const inner = shown ? innerOf(change, diff) : []
    if (shown) {
      out.mark(inner.map(({ aFrom, aTo }) => [aFrom - change.aFrom, aTo - change.aFrom]))
      out.copy(a.slice(change.aFrom, change.aTo), index, aAt + 1, 0, aCount)
      out.mark(inner.map(({ bFrom, bTo }) => [bFrom - change.bFrom, bTo - change.bFrom]))
    }
    const beside = shown ? 0 : aAt + 1
    out.copy(b.slice(change.bFrom, change.bTo), shown ? index : -1, beside, bLine + 1, bCount)
    aAt += aCount
    bLine += bCount
    bAt = change.bTo
  }
  copySame(b.length, (b === '' ? 0 : bLines) - bLine)
  return { inline: out.finish(), inlineAt, same }
}

/** Writes the inline document, block by block. */
class InlineWriter {
  line = 0
  #text = ''
  #marks: number[] = []
  readonly #change: Int32Array
  readonly #left: Int32Array
  readonly #right: Int32Array

  constructor(capacity: number) {
    this.#change = new Int32Array(capacity + 1).fill(-1)
    this.#left = new Int32Array(capacity + 1)
    this.#right = new Int32Array(capacity + 1)
  }

  /** Changed words of the block that is copied next, relative to its start. */
  mark(ranges: readonly (readonly number[])[]): void {
    for (const [from = 0, to = 0] of ranges)
      if (from < to && from >= 0) this.#marks.push(this.#text.length + from, this.#text.length + to)
  }

  /** `left` and `right`: the number of the block's first line on that side, 0 for none. */
  copy(block: string, change: number, left: number, right: number, lines: number): void {
    if (lines <= 0) return
    this.#text += block.endsWith('\n') ? block : `${block}\n`
    for (let i = 0; i < lines; i++) {
      this.#change[this.line] = change
      this.#left[this.line] = left === 0 ? 0 : left + i
      this.#right[this.line] = right === 0 ? 0 : right + i
      this.line++
    }
  }

  finish(): Pane {
    const lines = Math.max(this.line, 1)
    const text = withoutLastBreak(this.#text)
    return {
      text,
      change: this.#change.slice(0, lines),
      left: this.#left.slice(0, lines),
      right: this.#right.slice(0, lines),
      marks: Int32Array.from(this.#marks, offset => Math.min(offset, text.length)),
    }
  }
}
