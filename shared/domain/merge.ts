/**
 * Three-way merge: what two versions made of their common base, put together. Lines first (diff3: S. Khanna, K. Kunal,
 * B. Pierce, 'A Formal Investigation of Diff3', 2007); where both sides changed the same lines, words. What cannot be
 * put together is a conflict, a value; nothing is ever decided in favour of one side.
 */

import { type Deadline, deadlineIn } from './diff/deadline.ts'
import { type DiffOptions, splitLines, type TextHunks, textHunks } from './diff/lines.ts'
import { type CharRange, Refiner } from './diff/words.ts'
import { type LineEnd, mergedLineEnd, withLf, withLineEnd } from './merge-line-ends.ts'

export type MergePiece =
  /**
   * Text of the result: unchanged, changed by one side, or changed by both in the same way. Not always whole lines; empty
   * where something was deleted.
   */
  | { kind: 'same' | 'left' | 'right' | 'both'; text: string }
  /** Whole lines that the two sides changed differently; for a person to settle. */
  | { kind: 'conflict'; base: string; left: string; right: string }

/** The pieces in order. Without conflicts their texts make the merged text. */
export type MergeResult = {
  pieces: MergePiece[]
  conflicts: number
  hitTimeout: boolean
  /** What every line of the result ends with, where that was settled apart from the text. */
  lineEnd?: LineEnd
}

export type MergeOptions = Pick<DiffOptions, 'budgetMs' | 'now'> & {
  /** Settle collisions of lines by words where the words do not collide (default true; see `mergesByWords`). */
  words?: boolean
}

/**
 * Whether a file's lines may be put together from words of both sides: prose only. In JSON, YAML, a lock file, a table or
 * code, half of one line with half of another may be valid and still be what nobody wrote.
 */
export const mergesByWords = (path: string): boolean => {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return (
    /\.(?:md|markdown|mdown|mdx|txt|text|rst|adoc)$/i.test(name) || /^(?:README|LICENSE|CHANGELOG|NOTICE)$/.test(name)
  )
}

/**
 * Merges what `left` and `right` made of `base`. Swapping left and right swaps the kinds and the sides, nothing else. Where
 * each text ends all its lines alike, line ends are merged as one fact about the file, apart from its text.
 */
export function merge(base: string, left: string, right: string, options: MergeOptions = {}): MergeResult {
  const lineEnd = mergedLineEnd(base, left, right)
  if (lineEnd === undefined) return mergeText(base, left, right, options)
  const result = mergeText(withLf(base), withLf(left), withLf(right), options)
  return { ...result, pieces: withLineEnd(result.pieces, lineEnd), lineEnd }
}

function mergeText(base: string, left: string, right: string, options: MergeOptions): MergeResult {
  const deadline = deadlineIn(options.budgetMs, options.now)
  const pieces = new Pieces()
  if (left === right) pieces.add(left === base ? 'same' : 'both', left)
  else if (left === base) pieces.add('right', right)
  else if (right === base) pieces.add('left', left)
  else {
    const toLeft = changesOf(textHunks(base, left, false, deadline))
    const toRight = changesOf(textHunks(base, right, false, deadline))
    const texts = { base, left, right }
    const byWords = (options.words ?? true) && !deadline.hit
    combine(texts, toLeft, toRight, pieces, collision => byWords && mergeWords(collision, deadline, pieces))
  }
  return { pieces: pieces.list, conflicts: pieces.conflicts, hitTimeout: deadline.hit }
}

/** The merged text; undefined while a conflict remains. */
export function mergedText(result: { pieces: readonly MergePiece[] }): string | undefined {
  let text = ''
  for (const piece of result.pieces) {
    if (piece.kind === 'conflict') return undefined
    text += piece.text
  }
  return text
}

type Texts = { base: string; left: string; right: string }

class Pieces {
  readonly list: MergePiece[] = []
  conflicts = 0

  add(kind: 'same' | 'left' | 'right' | 'both', text: string): void {
    if (text === '' && kind === 'same') return
    const last = this.list.at(-1)
    if (last && last.kind === kind) last.text += text
    else this.list.push({ kind, text })
  }

  conflict(texts: Texts): void {
    this.list.push({ kind: 'conflict', ...texts })
    this.conflicts++
  }
}

/**
 * Walks both lists of changes (aFrom, aTo in the base; bFrom, bTo in the side) in step. Changes of the two sides that
 * overlap or touch form a collision; `settle` may add its pieces and answer true, otherwise it is a conflict.
 */
function combine(
  texts: Texts,
  toLeft: readonly CharRange[],
  toRight: readonly CharRange[],
  pieces: Pieces,
  settle: (collision: Texts) => boolean,
): void {
  const left = new Side(texts.left, toLeft)
  const right = new Side(texts.right, toRight)
  let at = 0
  for (;;) {
    const lo = Math.min(left.nextStart(), right.nextStart())
    if (lo === Number.POSITIVE_INFINITY) break
    pieces.add('same', texts.base.slice(at, lo))
    left.begin(lo)
    right.begin(lo)
    let hi = lo
    for (;;) {
      const reach = Math.max(left.takeUpTo(hi), right.takeUpTo(hi))
      if (reach <= hi && left.nextStart() > hi && right.nextStart() > hi) break
      hi = Math.max(hi, reach)
    }
    const collision = { base: texts.base.slice(lo, hi), left: left.end(hi), right: right.end(hi) }
    if (!right.changed) pieces.add('left', collision.left)
    else if (!left.changed) pieces.add('right', collision.right)
    else if (collision.left === collision.right) pieces.add('both', collision.left)
    else if (!settle(collision)) addConflict(collision, pieces)
    at = hi
  }
  pieces.add('same', texts.base.slice(at))
}

/** The conflict without the lines that both sides begin or end with. */
function addConflict({ base, left, right }: Texts, pieces: Pieces): void {
  const [one, other] = [splitLines(left), splitLines(right)]
  const most = Math.min(one.length, other.length)
  let lead = 0
  while (lead < most && one[lead] === other[lead]) lead++
  let tail = 0
  while (tail < most - lead && one[one.length - 1 - tail] === other[other.length - 1 - tail]) tail++
  const middle = (lines: readonly string[]) => lines.slice(lead, lines.length - tail).join('')
  if (lead > 0) pieces.add('both', one.slice(0, lead).join(''))
  pieces.conflict({ base, left: middle(one), right: middle(other) })
  if (tail > 0) pieces.add('both', one.slice(one.length - tail).join(''))
}

/** One side of `combine`: its text, its changes, and how far they were taken. */
class Side {
  private readonly text: string
  private readonly ranges: readonly CharRange[]
  private next = 0
  /** What is to be added to an offset of the base to get one of this side. */
  private shift = 0
  private from = 0
  /** Whether a change was taken since `begin`. */
  changed = false

  constructor(text: string, ranges: readonly CharRange[]) {
    this.text = text
    this.ranges = ranges
  }

  nextStart(): number {
    return this.ranges[this.next]?.aFrom ?? Number.POSITIVE_INFINITY
  }

  begin(at: number): void {
    this.from = at + this.shift
    this.changed = false
  }

  /** Takes the changes that begin at or before `hi`; answers where they end in the base. */
  takeUpTo(hi: number): number {
    let reach = hi
    for (let range = this.ranges[this.next]; range && range.aFrom <= hi; range = this.ranges[++this.next]) {
      reach = Math.max(reach, range.aTo)
      this.shift = range.bTo - range.aTo
      this.changed = true
    }
    return reach
  }

  /** This side's text since `begin`. */
  end(hi: number): string {
    return this.text.slice(this.from, hi + this.shift)
  }
}

/**
 * Adds the pieces of a collision of lines in which no word was changed by both sides, not even alike; false, with none
 * added, otherwise.
 */
function mergeWords(texts: Texts, deadline: Deadline, pieces: Pieces): boolean {
  const { base, left, right } = texts
  // With nothing in common to stand between the two changes there is nothing to tell them apart.
  if (base === '' || left === '' || right === '') return false
  const toLeft = wholeWords(base, left, new Refiner(base, left, deadline).refine(0, base.length, 0, left.length))
  const toRight = wholeWords(base, right, new Refiner(base, right, deadline).refine(0, base.length, 0, right.length))
  if (deadline.hit) return false
  const merged = new Pieces()
  combine(texts, toLeft, toRight, merged, () => false)
  // What both changed alike is for a person to confirm: where each side adds an entry and makes a count of 27 into 28, the
  // right count is 29.
  if (merged.conflicts > 0 || merged.list.some(piece => piece.kind === 'both')) return false
  for (const piece of merged.list) if (piece.kind !== 'conflict') pieces.add(piece.kind, piece.text)
  return true
}

const isSpace = (text: string, at: number): boolean => /\s/.test(text.charAt(at))

/**
 * Widens changes to whatever stands between white space: of '1.2.3', made 1.2.4 by one side and 1.3.3 by the other, nobody
 * wants 1.3.4.
 */
function wholeWords(base: string, side: string, ranges: readonly CharRange[]): CharRange[] {
  const wide: CharRange[] = []
  for (const range of ranges) {
    let { aFrom, aTo, bFrom, bTo } = range
    const starts = (aFrom < aTo && !isSpace(base, aFrom)) || (bFrom < bTo && !isSpace(side, bFrom))
    const ends = (aFrom < aTo && !isSpace(base, aTo - 1)) || (bFrom < bTo && !isSpace(side, bTo - 1))
    while (starts && aFrom > 0 && bFrom > 0 && !isSpace(base, aFrom - 1)) {
      aFrom--
      bFrom--
    }
    while (ends && aTo < base.length && bTo < side.length && !isSpace(base, aTo)) {
      aTo++
      bTo++
    }
    const last = wide.at(-1)
    if (last && (aFrom <= last.aTo || bFrom <= last.bTo)) {
      last.aTo = Math.max(last.aTo, aTo)
      last.bTo = Math.max(last.bTo, bTo)
    } else wide.push({ aFrom, aTo, bFrom, bTo })
  }
  return wide
}

const changesOf = ({ hunks, aStarts, bStarts }: TextHunks): CharRange[] =>
  hunks.map(span => ({
    aFrom: aStarts[span.aStart] ?? 0,
    aTo: aStarts[span.aEnd] ?? 0,
    bFrom: bStarts[span.bStart] ?? 0,
    bTo: bStarts[span.bEnd] ?? 0,
  }))
