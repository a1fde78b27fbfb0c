import { type Range, StateEffect, StateField } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView, WidgetType } from '@codemirror/view'

/**
 * Keeps two documents in step: lines that belong together stand at the same height, by empty space above the one that would
 * come too early.
 *
 * Heights are known for what has been on screen and estimated for the rest, so all spacers are laid out once by estimate,
 * and those near the screen again whenever something there was measured. What the estimate above the screen is off by goes
 * to the last point above it, where nobody sees it.
 */
const setSpacers = StateEffect.define<DecorationSet>()
export const spacerField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (value, transaction) => {
    for (const effect of transaction.effects) if (effect.is(setSpacers)) return effect.value
    return value
  },
  provide: field => EditorView.decorations.from(field),
})

class Spacer extends WidgetType {
  readonly height: number
  constructor(height: number) {
    super()
    this.height = height
  }
  override eq(other: Spacer) {
    return other.height === this.height
  }
  override get estimatedHeight() {
    return this.height
  }
  override toDOM() {
    const space = document.createElement('div')
    space.className = 'ws-spacer'
    space.style.height = `${this.height}px`
    return space
  }
  override updateDOM(space: HTMLElement) {
    space.style.height = `${this.height}px`
    return true
  }
}

/** Differences below this are rounding. */
const TOLERANCE = 0.6

export type Aligner = { all: () => void; near: () => void }

/** `points`: as in `Model`; a line beyond the last stands for the document's end. */
export function aligner(left: EditorView, right: EditorView, points: Int32Array): Aligner {
  const count = points.length / 3
  const lineOf = (side: 0 | 1, point: number): number => points[point * 3 + side] ?? 0
  const runOf = (point: number): number => points[point * 3 + 2] ?? 0
  const offsets = [left, right].map((view, side) => {
    const { doc } = view.state
    return Int32Array.from({ length: count }, (_, point) => {
      const line = lineOf(side === 0 ? 0 : 1, point) + 1
      return line > doc.lines ? doc.length + 1 : doc.line(line).from
    })
  })
  const [leftAt = new Int32Array(), rightAt = new Int32Array()] = offsets
  const heights = { left: new Float64Array(count + 1), right: new Float64Array(count + 1) }

  /** Top of an offset before any spacer there; the spacers at the document's end are all below its last line. */
  const topOf = (view: EditorView, offset: number, endSpace: number): number =>
    offset > view.state.doc.length ? view.contentHeight - endSpace : view.lineBlockAt(offset).top

  /**
   * Lays out the points [from, to) and the end again, which keeps both documents equally long; true when something changed.
   * `anchor`: lines after the point before `from` that are in sight and belong together.
   */
  const layOut = (from: number, to: number, anchor?: { left: number; right: number }): boolean => {
    const sides = [sideOf(left, leftAt, heights.left), sideOf(right, rightAt, heights.right)] as const
    let changed = false
    const settle = (point: number, difference: number): void => {
      const changedLeft = sides[0].set(point, difference < -TOLERANCE ? -difference : 0)
      const changedRight = sides[1].set(point, difference > TOLERANCE ? difference : 0)
      changed ||= changedLeft || changedRight
    }
    if (anchor && from > 0) {
      const off = lineTop(left, anchor.left) - lineTop(right, anchor.right)
      const net = (heights.left[from - 1] ?? 0) - (heights.right[from - 1] ?? 0)
      if (Math.abs(off) >= TOLERANCE) settle(from - 1, off - net)
    }
    for (const point of [...range(from, to), count])
      settle(point, sides[0].yOf(point, topOf) - sides[1].yOf(point, topOf))
    return changed
  }

  /** The first pair of unchanged lines in sight on both sides, where there is one before the next point. */
  const anchorAfter = (point: number): { left: number; right: number } | undefined => {
    const [atLeft, atRight] = [lineOf(0, point), lineOf(1, point)]
    const skip = Math.max(0, lineAt(left, left.viewport.from) - atLeft, lineAt(right, right.viewport.from) - atRight)
    return skip < runOf(point) ? { left: atLeft + skip, right: atRight + skip } : undefined
  }

  const show = (from: number, to: number): void => {
    left.dispatch({ effects: setSpacers.of(redone(left, leftAt, heights.left, from, to)) })
    right.dispatch({ effects: setSpacers.of(redone(right, rightAt, heights.right, from, to)) })
  }

  return {
    all() {
      heights.left.fill(0)
      heights.right.fill(0)
      left.dispatch({ effects: setSpacers.of(Decoration.none) })
      right.dispatch({ effects: setSpacers.of(Decoration.none) })
      layOut(0, count)
      show(0, count)
    },
    near() {
      const from = Math.min(firstFrom(leftAt, left.viewport.from), firstFrom(rightAt, right.viewport.from))
      const to = Math.max(firstFrom(leftAt, left.viewport.to + 1), firstFrom(rightAt, right.viewport.to + 1))
      const before = Math.max(0, from - 1)
      if (layOut(from, to, from > 0 ? anchorAfter(from - 1) : undefined)) show(before, to)
    },
  }
}

function* range(from: number, to: number): Generator<number> {
  for (let at = from; at < to; at++) yield at
}

/** A line's number, from 0. */
const lineAt = (view: EditorView, offset: number): number => view.state.doc.lineAt(offset).number - 1
const lineTop = (view: EditorView, line: number): number => view.lineBlockAt(view.state.doc.line(line + 1).from).top

/** One document while it is laid out: what its spacers were, and by how much those set so far have moved the rest. */
function sideOf(view: EditorView, offsets: Int32Array, heights: Float64Array) {
  const { length } = view.state.doc
  let endSpace = 0
  for (let point = firstFrom(offsets, length + 1); point < heights.length; point++) endSpace += heights[point] ?? 0
  let [shift, at, above] = [0, -1, 0]
  return {
    yOf(point: number, topOf: (view: EditorView, offset: number, endSpace: number) => number): number {
      const offset = offsets[point] ?? length + 1
      if (offset !== at) [at, above] = [offset, sumBefore(point)]
      return topOf(view, offset, endSpace) + above + shift
    },
    /** True when it differs from what was there. */
    set(point: number, height: number): boolean {
      const was = heights[point] ?? 0
      const same = Math.abs(height - was) < TOLERANCE
      if (!same) {
        heights[point] = height
        shift += height - was
      }
      above += was
      return !same
    },
  }

  /** Space of earlier points at the same offset, as it is on screen. */
  function sumBefore(point: number): number {
    let sum = 0
    for (let i = point - 1; i >= 0 && (offsets[i] ?? 0) === (offsets[point] ?? length + 1); i--) sum += heights[i] ?? 0
    return sum
  }
}

/** The first point at or after an offset. */
function firstFrom(offsets: Int32Array, offset: number): number {
  let [low, high] = [0, offsets.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((offsets[middle] ?? 0) < offset) low = middle + 1
    else high = middle
  }
  return low
}

/** The spacers with those of the points [from, to), and the one at the end, made anew. */
function redone(view: EditorView, offsets: Int32Array, heights: Float64Array, from: number, to: number): DecorationSet {
  const { length } = view.state.doc
  const atEnd = firstFrom(offsets, length + 1)
  // Points that share an offset are redone together, for a set is cut by offset.
  let [first, last] = [Math.min(from, atEnd), Math.min(to, atEnd)]
  while (first > 0 && offsets[first - 1] === offsets[first]) first--
  while (last < atEnd && last > 0 && offsets[last - 1] === offsets[last]) last++
  const near: Range<Decoration>[] = []
  for (let point = first; point < last; point++) {
    const height = heights[point] ?? 0
    if (height > 0) near.push(spacer(height, -1).range(offsets[point] ?? 0))
  }
  let end = 0
  for (let point = atEnd; point < heights.length; point++) end += heights[point] ?? 0
  const atBottom = end > 0 ? [spacer(end, 1).range(length)] : []
  const now = view.state.field(spacerField)
  const [filterFrom = 0, filterTo = 0] = first < last ? [offsets[first], offsets[last - 1]] : []
  const isEnd = (value: Decoration): boolean => value.spec.side === 1
  const inside =
    first < last
      ? now.update({ filterFrom, filterTo, filter: (_from, _to, value) => isEnd(value), add: near, sort: true })
      : now
  return inside.update({
    filterFrom: length,
    filterTo: length,
    filter: (_from, _to, value) => !isEnd(value),
    add: atBottom,
  })
}

const spacer = (height: number, side: -1 | 1): Decoration =>
  Decoration.widget({ widget: new Spacer(height), block: true, side })
