/**
 * A run of inserted or deleted elements can often stand at several places that are equally right: of '- a, - b' and
 * '- a, - x, - b' nobody can tell. This moves every run to the place that reads best: beside a change of the other side,
 * or where the text has a natural boundary. The moving is git's (xdiff, `xdl_change_compact`), the judgement is passed in.
 */

import type { Deadline } from './deadline.ts'

/** Says where a run of `size` elements, which may end (exclusively) anywhere from `top` to `bottom`, should end. */
export type Judge = (size: number, top: number, bottom: number) => number

/** Places tried for one run: beyond them a text repeats itself so much that all are the same. */
const MAX_PLACES = 200

type Run = { start: number; end: number }

/** Moves the runs in `out` (1 = changed) of one side; `otherOut` is the other side's and is only read. */
export function slide(symbols: Int32Array, out: Uint8Array, otherOut: Uint8Array, judge: Judge, deadline: Deadline) {
  const length = symbols.length
  const run: Run = { start: 0, end: 0 }
  const other: Run = { start: 0, end: 0 }
  endOf(out, run, length)
  endOf(otherOut, other, otherOut.length)
  for (;;) {
    if (run.end > run.start) {
      if (deadline.expired()) return
      slideRun(symbols, out, otherOut, run, other, judge)
    }
    if (!next(out, run) || !next(otherOut, other)) return
  }
}

function slideRun(
  symbols: Int32Array,
  out: Uint8Array,
  otherOut: Uint8Array,
  run: Run,
  other: Run,
  judge: Judge,
): void {
  let size: number
  let top: number
  let beside: number
  // Moving may join runs, and the larger run may move further.
  do {
    size = run.end - run.start
    beside = -1
    let steps = 0
    while (steps++ < MAX_PLACES && up(symbols, out, run)) previous(otherOut, other)
    top = run.end
    if (other.end > other.start) beside = run.end
    steps = 0
    while (steps++ < 2 * MAX_PLACES && down(symbols, out, run)) {
      next(otherOut, other)
      if (other.end > other.start) beside = run.end
    }
  } while (size !== run.end - run.start)
  if (run.end === top) return
  const best = beside >= 0 ? beside : judge(size, Math.max(top, run.end - MAX_PLACES), run.end)
  while (run.end > best && up(symbols, out, run)) previous(otherOut, other)
}

/** One place up: the run takes in the element before it and leaves its own last one, when the two are equal. */
function up(symbols: Int32Array, out: Uint8Array, run: Run): boolean {
  if (run.start === 0 || symbols[run.start - 1] !== symbols[run.end - 1]) return false
  out[--run.start] = 1
  out[--run.end] = 0
  while (run.start > 0 && out[run.start - 1] === 1) run.start--
  return true
}

function down(symbols: Int32Array, out: Uint8Array, run: Run): boolean {
  if (run.end >= symbols.length || symbols[run.start] !== symbols[run.end]) return false
  out[run.start++] = 0
  out[run.end++] = 1
  endOf(out, run, symbols.length)
  return true
}

function endOf(out: Uint8Array, run: Run, length: number): void {
  while (run.end < length && out[run.end] === 1) run.end++
}

/** The next run, maybe empty: between any two kept elements there is one. */
function next(out: Uint8Array, run: Run): boolean {
  if (run.end >= out.length) return false
  run.start = run.end + 1
  run.end = run.start
  endOf(out, run, out.length)
  return true
}

function previous(out: Uint8Array, run: Run): boolean {
  if (run.start === 0) return false
  run.end = run.start - 1
  run.start = run.end
  while (run.start > 0 && out[run.start - 1] === 1) run.start--
  return true
}
