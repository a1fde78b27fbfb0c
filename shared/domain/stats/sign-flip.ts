import type { Random } from './random.ts'

/** Up to so many cases that differ, every way to swap sides is tried. */
const EXACT_UP_TO = 16

/**
 * The paired permutation test (R. A. Fisher, 'The Design of Experiments', 1935, §21): if nothing differs, each case could
 * as well have come out with its sides swapped. The share of all ways to swap sides whose total is at least as far from
 * zero as the one seen: two-sided p, exact up to 16 cases that differ, else from 9,999 random ways with the one seen counted
 * among them (B. Phipson, G. Smyth, 2010), so that p ≤ 0.05 comes up at most 5 times in 100 when nothing differs.
 */
export function signFlipP(deltas: Float64Array, tries: number, random: Random): number {
  const values = deltas.filter(delta => delta !== 0)
  const n = values.length
  if (n === 0) return 1
  let total = 0
  let size = 0
  for (const value of values) {
    total += value
    size += Math.abs(value)
  }
  // Sums that are equal but for rounding are equal.
  const atLeast = Math.abs(total) - size * 1e-12
  const tables = sumsByByte(values)
  return n <= EXACT_UP_TO ? shareOfAll(n, tables, atLeast) : shareOfRandom(tables, atLeast, tries, random)
}

/** For every 8 values, their sum under each of the 256 ways to sign them; a missing value counts 0. */
function sumsByByte(values: Float64Array): Float64Array[] {
  const tables: Float64Array[] = []
  for (let from = 0; from < values.length; from += 8) {
    const table = new Float64Array(256)
    for (const value of values.subarray(from, from + 8)) table[0] = (table[0] ?? 0) - value
    for (let signs = 1; signs < 256; signs++) {
      // As without its lowest sign, which is turned.
      const lowest = 31 - Math.clz32(signs & -signs)
      table[signs] = (table[signs & (signs - 1)] ?? 0) + 2 * (values[from + lowest] ?? 0)
    }
    tables.push(table)
  }
  return tables
}

function shareOfAll(n: number, tables: Float64Array[], atLeast: number): number {
  // Swapping every side gives the same distance from zero: half of the ways are enough.
  const ways = 2 ** (n - 1)
  let far = 0
  for (let signs = 0; signs < ways; signs++) {
    let sum = 0
    for (let k = 0, rest = signs; k < tables.length; k++, rest >>= 8) sum += tables[k]?.[rest & 255] ?? 0
    if (Math.abs(sum) >= atLeast) far++
  }
  return far / ways
}

function shareOfRandom(tables: Float64Array[], atLeast: number, tries: number, random: Random): number {
  // Four tables of 8 values to each number of 32 bits.
  const bits = new Uint32Array(Math.ceil(tables.length / 4))
  let far = 0
  for (let i = 0; i < tries; i++) {
    random(bits)
    let sum = 0
    for (let k = 0; k < tables.length; k++) sum += tables[k]?.[((bits[k >> 2] ?? 0) >>> (8 * (k & 3))) & 255] ?? 0
    if (Math.abs(sum) >= atLeast) far++
  }
  return (far + 1) / (tries + 1)
}
