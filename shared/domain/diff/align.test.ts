import { describe, expect, it } from 'vitest'
import { align } from './align.ts'
import { bitLcs } from './bit-lcs.ts'
import { Marks } from './box.ts'
import { deadlineIn } from './deadline.ts'
import { diffLinesOfTexts } from './lines.ts'
import { applyDiff } from './patch.ts'
import { diffText } from './text.ts'

/** A reproducible sequence of `length` integers in [0, symbols). */
function sequence(length: number, symbols: number, seed: number): Int32Array {
  let state = seed
  return Int32Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return (state >> 8) % symbols
  })
}

const kept = (symbols: Int32Array, out: Uint8Array): number[] => [...symbols].filter((_, at) => out[at] === 0)

function commonLength(a: Int32Array, b: Int32Array): number {
  const row = new Int32Array(b.length + 1)
  for (const one of a) {
    let diagonal = 0
    for (let j = 0; j < b.length; j++) {
      const above = row[j + 1] ?? 0
      row[j + 1] = one === b[j] ? diagonal + 1 : Math.max(above, row[j] ?? 0)
      diagonal = above
    }
  }
  return row[b.length] ?? 0
}

const untimed = () => deadlineIn(undefined)

describe('bitLcs', () => {
  it('finds a longest common subsequence', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const symbols = 1 + (seed % 9)
      const a = sequence((seed * 13) % 130, symbols, seed)
      const b = sequence((seed * 29) % 130, symbols, seed + 1)
      const marks = new Marks(a.length, b.length)
      const place = (length: number) => Int32Array.from({ length }, (_, at) => at)
      const sides = { a, b, aAt: place(a.length), bAt: place(b.length) }
      const slots = new Int32Array(symbols)
      bitLcs({ ...sides, aLo: 0, aHi: a.length, bLo: 0, bHi: b.length }, slots, marks)
      expect(kept(a, marks.a)).toEqual(kept(b, marks.b))
      expect(kept(a, marks.a)).toHaveLength(commonLength(a, b))
      expect([...slots].every(slot => slot === 0)).toBe(true)
    }
  })
})

describe('align', () => {
  it('is exact where the two differ in nearly everything', () => {
    const [a, b] = [sequence(1_500, 7, 1), sequence(1_400, 7, 2)]
    const marks = align(a, b, 7, untimed())
    expect(kept(a, marks.a)).toEqual(kept(b, marks.b))
    expect(kept(a, marks.a)).toHaveLength(commonLength(a, b))
  })

  it.each([
    ['few symbols', sequence(30_000, 40, 1), sequence(30_000, 40, 2), 40],
    ['one symbol', sequence(60_000, 1, 1), sequence(20_000, 1, 2), 1],
    ['a period', sequence(60_000, 1, 1).map((_, n) => n % 97), sequence(60_000, 1, 1).map((_, n) => n % 89), 97],
    ['reversed', sequence(50_000, 1, 1).map((_, n) => n), sequence(50_000, 1, 1).map((_, n) => 49_999 - n), 50_000],
    ['shuffled', sequence(50_000, 50_000, 1), sequence(50_000, 50_000, 2), 50_000],
    ['very unlike lengths', sequence(100_000, 30, 1), sequence(300, 30, 2), 30],
  ])('answers on hostile input: %s', (_, a, b, symbols) => {
    const marks = align(a, b, symbols, untimed())
    expect(kept(a, marks.a)).toEqual(kept(b, marks.b))
  })

  it('stops when the time is up, says so, and is still right', () => {
    const texts = [1, 2].map(seed => Array.from(sequence(20_000, 50, seed), symbol => `line ${symbol}\n`).join(''))
    const [a = '', b = ''] = texts
    // A clock that moves on by a millisecond whenever it is read.
    let time = 0
    const options = { budgetMs: 3, now: () => time++ }
    const lines = diffLinesOfTexts(a, b, options)
    expect(lines.hitTimeout).toBe(true)
    const diff = diffText(a, b, options)
    expect(diff.hitTimeout).toBe(true)
    expect(applyDiff(a, b, diff)).toBe(b)
    expect(diffText(a, b, { budgetMs: 1e9, now: () => 0 }).hitTimeout).toBe(false)
  })

  it('reads no clock without a budget', () => {
    const now = () => {
      throw new Error('the clock was read')
    }
    expect(diffText('a b c\nd\n', 'a x c\ne\n', { now }).hitTimeout).toBe(false)
  })
})
