/**
 * Patience anchors: the symbols that stand once in a and once in b, as many of them as keep one order (the longest
 * increasing subsequence). They cut a large box into small ones (B. Cohen's patience diff).
 */

import type { Box } from './box.ts'

/** Pairs of positions, `[a0, b0, a1, b1, …]`, ascending on both sides. The counters must be all 0 and are so again afterwards. */
export function uniqueAnchors(box: Box, countA: Int32Array, countB: Int32Array): Int32Array {
  const { a, b, aLo, aHi, bLo, bHi } = box
  for (let i = aLo; i < aHi; i++) countA[a[i] ?? 0] = (countA[a[i] ?? 0] ?? 0) + 1
  // In b: 0 absent, position + 1 when it stands there once, -1 when more often.
  for (let j = bLo; j < bHi; j++) countB[b[j] ?? 0] = countB[b[j] ?? 0] === 0 ? j + 1 : -1
  let pairs = 0
  const candidates = new Int32Array(2 * Math.min(aHi - aLo, bHi - bLo))
  for (let i = aLo; i < aHi; i++) {
    const symbol = a[i] ?? 0
    const partner = countB[symbol] ?? 0
    if (countA[symbol] === 1 && partner > 0) {
      candidates[pairs * 2] = i
      candidates[pairs * 2 + 1] = partner - 1
      pairs++
    }
  }
  for (let i = aLo; i < aHi; i++) countA[a[i] ?? 0] = 0
  for (let j = bLo; j < bHi; j++) countB[b[j] ?? 0] = 0
  return longestIncreasing(candidates, pairs)
}

function longestIncreasing(pairs: Int32Array, count: number): Int32Array {
  const tails = new Int32Array(count)
  const before = new Int32Array(count)
  let length = 0
  for (let p = 0; p < count; p++) {
    const value = pairs[p * 2 + 1] ?? 0
    let lo = 0
    let hi = length
    // Most pairs extend the longest run so far.
    if (length > 0 && (pairs[(tails[length - 1] ?? 0) * 2 + 1] ?? 0) < value) lo = length
    while (lo < hi) {
      const middle = (lo + hi) >> 1
      if ((pairs[(tails[middle] ?? 0) * 2 + 1] ?? 0) < value) lo = middle + 1
      else hi = middle
    }
    before[p] = lo > 0 ? (tails[lo - 1] ?? 0) : -1
    tails[lo] = p
    if (lo === length) length++
  }
  const anchors = new Int32Array(length * 2)
  for (let at = length - 1, p = length > 0 ? (tails[length - 1] ?? 0) : -1; at >= 0; at--, p = before[p] ?? -1) {
    anchors[at * 2] = pairs[p * 2] ?? 0
    anchors[at * 2 + 1] = pairs[p * 2 + 1] ?? 0
  }
  return anchors
}
