/**
 * Aligns a small stretch by dynamic programming in which a line that says nothing counts for little: two islands cost more
 * than one line changed that need not have been. Affine gaps as O. Gotoh, 'An improved algorithm for matching biological
 * sequences' (1982), with a third state for what is kept behind a change.
 */

import type { Marks } from './box.ts'
import type { Span } from './lines.ts'

/** Cells of a stretch beyond which it stays as it is: a hundred lines on either side. */
const MAX_CELLS = 10_000
/** Each is more than all of those below it can come to in a stretch. */
const EDIT = 4_096
const ISLAND = EDIT * 1.5
const CHANGE = 2
const PLAIN = 1
const FAR = 0x3fffffff

// Where one is: within a change, in a run of plain lines behind one, or behind a line that says something.
const CHANGED = 0
const ISLANDED = 1
const KEPT = 2

// How the best way to a cell came, in bits, by the state it ends in.
const FROM_LEFT = 1
const NEXT_CHANGE = 1
const FROM_ISLAND = 8
const KEPT_FROM = 4

/**
 * Aligns the lines of `span` again, where that makes the script at most `allowance` lines longer; answers by how many it
 * did. The span begins and ends with a change, and what stands around it is kept.
 */
export function realign(
  a: Int32Array,
  b: Int32Array,
  span: Span,
  marks: Marks,
  isPlain: (aLine: number) => boolean,
  allowance: number,
): number {
  const [rows, columns] = [span.aEnd - span.aStart, span.bEnd - span.bStart]
  if ((rows + 1) * (columns + 1) > MAX_CELLS) return 0
  const table = new Table(rows, columns)
  for (let i = 1; i <= rows; i++)
    table.fillRow(i, a[span.aStart + i - 1] ?? 0, b, span.bStart, isPlain(span.aStart + i - 1))
  const way = table.trace()
  const longer =
    sum(way.a) +
    sum(way.b) -
    sum(marks.a.subarray(span.aStart, span.aEnd)) -
    sum(marks.b.subarray(span.bStart, span.bEnd))
  if (longer > allowance) return 0
  marks.a.set(way.a, span.aStart)
  marks.b.set(way.b, span.bStart)
  return longer
}

function sum(flags: Uint8Array): number {
  let total = 0
  for (const flag of flags) total += flag
  return total
}

/** Costs of the best way to a cell by the state it ends in, and of the best one from which a change goes on. */
type Costs = { changed: Int32Array; islanded: Int32Array; kept: Int32Array; next: Int32Array }

const costsOf = (columns: number): Costs => ({
  changed: new Int32Array(columns + 1).fill(FAR),
  islanded: new Int32Array(columns + 1).fill(FAR),
  kept: new Int32Array(columns + 1).fill(FAR),
  next: new Int32Array(columns + 1).fill(FAR),
})

class Table {
  private readonly rows: number
  private readonly columns: number
  private readonly choices: Uint8Array
  private above: Costs
  private here: Costs

  constructor(rows: number, columns: number) {
    this.rows = rows
    this.columns = columns
    this.choices = new Uint8Array((rows + 1) * (columns + 1))
    this.above = costsOf(columns)
    this.here = costsOf(columns)
    this.here.kept[0] = 0
    this.leave(0, 0, 0)
    for (let j = 1; j <= columns; j++) this.leave(0, j, this.change(j))
  }

  /** Row `i`, whose line has `symbol`; b's lines begin at `bStart`. */
  fillRow(i: number, symbol: number, b: Int32Array, bStart: number, plain: boolean): void {
    const { above, here } = this
    this.above = here
    this.here = above
    this.here.kept[0] = FAR
    this.here.islanded[0] = FAR
    this.leave(i, 0, this.change(0))
    for (let j = 1; j <= this.columns; j++) {
      const choice = this.change(j)
      this.leave(i, j, choice | (b[bStart + j - 1] === symbol ? this.keep(j, plain) : this.keepNothing(j)))
    }
  }

  /** One line more is changed: of a, or (`FROM_LEFT`) of b. */
  private change(j: number): number {
    const up = this.above.next[j] ?? FAR
    const left = j > 0 ? (this.here.next[j - 1] ?? FAR) : FAR
    this.here.changed[j] = EDIT + Math.min(up, left)
    return left < up ? FROM_LEFT : 0
  }

  private keep(j: number, plain: boolean): number {
    const changed = this.above.changed[j - 1] ?? FAR
    const islanded = this.above.islanded[j - 1] ?? FAR
    const kept = this.above.kept[j - 1] ?? FAR
    if (plain) {
      this.here.islanded[j] = PLAIN + Math.min(changed, islanded)
      this.here.kept[j] = PLAIN + kept
      return (islanded < changed ? FROM_ISLAND : 0) | (KEPT << KEPT_FROM)
    }
    this.here.islanded[j] = FAR
    this.here.kept[j] = Math.min(changed, islanded, kept)
    return (kept <= changed && kept <= islanded ? KEPT : islanded <= changed ? ISLANDED : CHANGED) << KEPT_FROM
  }

  private keepNothing(j: number): number {
    this.here.islanded[j] = FAR
    this.here.kept[j] = FAR
    return 0
  }

  /** Ends a cell: from which state a change goes on after it, and what that costs. */
  private leave(i: number, j: number, choice: number): void {
    const { changed, islanded, kept, next } = this.here
    const [one = FAR, two = FAR, three = FAR] = [changed[j], (islanded[j] ?? FAR) + ISLAND, (kept[j] ?? FAR) + CHANGE]
    const least = Math.min(one, two, three)
    next[j] = least
    const state = least === one ? CHANGED : least === two ? ISLANDED : KEPT
    this.choices[i * (this.columns + 1) + j] = choice | (state << NEXT_CHANGE)
  }

  /** The best way, as marks of the two sides. */
  trace(): { a: Uint8Array; b: Uint8Array } {
    const way = { a: new Uint8Array(this.rows), b: new Uint8Array(this.columns) }
    const ends = [this.here.changed, this.here.islanded, this.here.kept].map(costs => costs[this.columns] ?? FAR)
    let state = ends.indexOf(Math.min(...ends))
    let [i, j] = [this.rows, this.columns]
    while (i > 0 || j > 0) {
      const choice = this.choices[i * (this.columns + 1) + j] ?? 0
      if (state === CHANGED) {
        if ((choice & FROM_LEFT) !== 0) way.b[--j] = 1
        else way.a[--i] = 1
        state = ((this.choices[i * (this.columns + 1) + j] ?? 0) >> NEXT_CHANGE) & 3
      } else {
        i--
        j--
        state = state === ISLANDED ? ((choice & FROM_ISLAND) !== 0 ? ISLANDED : CHANGED) : choice >> KEPT_FROM
      }
    }
    return way
  }
}
