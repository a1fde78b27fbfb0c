/**
 * The longest common subsequence by bit-parallel dynamic programming: one bit a column, a whole row in a few additions
 * (M. Crochemore et al., 'A fast and practical bit-vector algorithm for the longest common subsequence problem', 2001;
 * H. Hyyrö, 'Bit-parallel LCS-length computation revisited', 2004). Its cost does not grow with the number of
 * differences, so it takes the boxes that are too different for Myers. Words have 30 bits: sums stay small integers.
 */

import type { Box, Marks } from './box.ts'

const BITS = 30
const FULL = 0x3fffffff

/** Words of memory, and steps of work, that `bitLcs` needs for a box. */
export const bitCost = (aLength: number, bLength: number): number => aLength * Math.ceil(bLength / BITS)

/** `slots[symbol]` must be 0 for every symbol and is so again afterwards. */
export function bitLcs(box: Box, slots: Int32Array, marks: Marks): void {
  const { a, b, aLo, aHi, bLo, bHi } = box
  const rows = aHi - aLo
  const width = Math.ceil((bHi - bLo) / BITS)
  const masks = masksOf(box, slots, width)
  const table = new Int32Array(rows * width)
  let above = -1
  for (let i = 0; i < rows; i++) {
    const slot = slots[a[aLo + i] ?? 0] ?? 0
    const here = i * width
    if (slot === 0) copyRow(table, above, here, width)
    else stepRow(table, above, here, width, masks, (slot - 1) * width)
    above = here
  }
  for (let j = bLo; j < bHi; j++) slots[b[j] ?? 0] = 0
  trace(box, table, width, marks)
}

/** One row of bits for each distinct symbol of b: where it stands. */
function masksOf({ b, bLo, bHi }: Box, slots: Int32Array, width: number): Int32Array {
  let distinct = 0
  for (let j = bLo; j < bHi; j++) {
    const symbol = b[j] ?? 0
    if (slots[symbol] === 0) slots[symbol] = ++distinct
  }
  const masks = new Int32Array(distinct * width)
  for (let j = 0; j < bHi - bLo; j++) {
    const word = ((slots[b[bLo + j] ?? 0] ?? 0) - 1) * width + ((j / BITS) | 0)
    masks[word] = (masks[word] ?? 0) | (1 << (j % BITS))
  }
  return masks
}

function copyRow(table: Int32Array, above: number, here: number, width: number): void {
  if (above < 0) table.fill(FULL, here, here + width)
  else table.copyWithin(here, above, above + width)
}

function stepRow(table: Int32Array, above: number, here: number, width: number, masks: Int32Array, mask: number): void {
  let carry = 0
  for (let w = 0; w < width; w++) {
    const row = above < 0 ? FULL : (table[above + w] ?? 0)
    const match = row & (masks[mask + w] ?? 0)
    const sum = row + match + carry
    carry = sum >>> BITS
    table[here + w] = (sum | (row & ~match)) & FULL
  }
}

/** A bit is 0 where the subsequence grows by one in that column; what is 0 here but not above is a match. */
function trace(box: Box, table: Int32Array, width: number, marks: Marks): void {
  let i = box.aHi - box.aLo - 1
  let j = box.bHi - box.bLo - 1
  while (i >= 0 && j >= 0) {
    const word = (j / BITS) | 0
    const bit = 1 << (j % BITS)
    if (((table[i * width + word] ?? 0) & bit) !== 0) {
      marks.outB(box, box.bLo + j, box.bLo + j + 1)
      j--
    } else if (i > 0 && ((table[(i - 1) * width + word] ?? 0) & bit) === 0) {
      marks.outA(box, box.aLo + i, box.aLo + i + 1)
      i--
    } else {
      i--
      j--
    }
  }
  marks.outA(box, box.aLo, box.aLo + i + 1)
  marks.outB(box, box.bLo, box.bLo + j + 1)
}
