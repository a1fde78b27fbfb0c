/**
 * The shortest script between two boxes of symbols, in linear space: E. Myers, 'An O(ND) Difference Algorithm and Its
 * Variations' (1986), section 4b, searching from both ends at once. Cheap where the two differ little, quadratic in the
 * number of differences; so it is given a cap and answers false when the differences are more.
 */

import type { Box, Marks } from './box.ts'
import type { Deadline } from './deadline.ts'

const FAR = 0x7fffffff

/** The two frontiers, one entry a diagonal; made once for the widest box and used for all of them. */
export type Frontiers = { forward: Int32Array; backward: Int32Array; offset: number; x: number; y: number }

/** Frontiers for boxes whose sides end at or before `length`, whatever their own sizes. */
export function frontiersFor(length: number): Frontiers {
  const size = 2 * length + 3
  return { forward: new Int32Array(size), backward: new Int32Array(size), offset: length + 1, x: 0, y: 0 }
}

/**
 * Marks what the shortest script leaves out of `box`. False, with nothing marked, when the script is longer than
 * about twice `cap` or the time is up.
 */
export function myers(box: Box, frontiers: Frontiers, marks: Marks, cap: number, deadline: Deadline): boolean {
  if (!split(box, box.aLo, box.aHi, box.bLo, box.bHi, frontiers, cap, deadline)) return false
  const { x, y } = frontiers
  walk(box, box.aLo, x, box.bLo, y, frontiers, marks)
  walk(box, x, box.aHi, y, box.bHi, frontiers, marks)
  return true
}

function walk(box: Box, aFrom: number, aTo: number, bFrom: number, bTo: number, at: Frontiers, marks: Marks): void {
  let [aLo, aHi, bLo, bHi] = [aFrom, aTo, bFrom, bTo]
  const { a, b } = box
  while (aLo < aHi && bLo < bHi && a[aLo] === b[bLo]) {
    aLo++
    bLo++
  }
  while (aLo < aHi && bLo < bHi && a[aHi - 1] === b[bHi - 1]) {
    aHi--
    bHi--
  }
  if (aLo === aHi) {
    marks.outB(box, bLo, bHi)
    return
  }
  if (bLo === bHi) {
    marks.outA(box, aLo, aHi)
    return
  }
  // Half of a script that was within the cap is within it too, so this cannot fail.
  split(box, aLo, aHi, bLo, bHi, at, FAR, undefined)
  const { x, y } = at
  walk(box, aLo, x, bLo, y, at, marks)
  walk(box, x, aHi, y, bHi, at, marks)
}

/** Finds a point on a shortest path near its middle and leaves it in `at.x`, `at.y`. */
function split(
  box: Box,
  aLo: number,
  aHi: number,
  bLo: number,
  bHi: number,
  at: Frontiers,
  cap: number,
  deadline: Deadline | undefined,
): boolean {
  const { a, b } = box
  const { forward, backward, offset } = at
  const dMin = aLo - bHi
  const dMax = aHi - bLo
  const fMid = aLo - bLo
  const bMid = aHi - bHi
  const odd = ((fMid - bMid) & 1) !== 0
  let fMin = fMid
  let fMax = fMid
  let bMin = bMid
  let bMax = bMid
  forward[offset + fMid] = aLo
  backward[offset + bMid] = aHi
  for (let cost = 1; cost <= cap; cost++) {
    if (fMin > dMin) forward[offset + --fMin - 1] = -1
    else fMin++
    if (fMax < dMax) forward[offset + ++fMax + 1] = -1
    else fMax--
    for (let d = fMax; d >= fMin; d -= 2) {
      const left = forward[offset + d - 1] ?? 0
      const above = forward[offset + d + 1] ?? 0
      let x = left >= above ? left + 1 : above
      let y = x - d
      while (x < aHi && y < bHi && a[x] === b[y]) {
        x++
        y++
      }
      forward[offset + d] = x
      if (odd && bMin <= d && d <= bMax && (backward[offset + d] ?? 0) <= x) {
        at.x = x
        at.y = y
        return true
      }
    }
    if (bMin > dMin) backward[offset + --bMin - 1] = FAR
    else bMin++
    if (bMax < dMax) backward[offset + ++bMax + 1] = FAR
    else bMax--
    for (let d = bMax; d >= bMin; d -= 2) {
      const left = backward[offset + d - 1] ?? 0
      const above = backward[offset + d + 1] ?? 0
      let x = left < above ? left : above - 1
      let y = x - d
      while (x > aLo && y > bLo && a[x - 1] === b[y - 1]) {
        x--
        y--
      }
      backward[offset + d] = x
      if (!odd && fMin <= d && d <= fMax && x <= (forward[offset + d] ?? 0)) {
        at.x = x
        at.y = y
        return true
      }
    }
    if (deadline !== undefined && (cost & 15) === 0 && deadline.expired()) return false
  }
  return false
}
