import { expect, test } from 'vitest'
import { ONE_IN_ALL, randomFrom } from './random.ts'

const first = (seed: number, n: number) => {
  const numbers = new Uint32Array(n)
  randomFrom(seed)(numbers)
  return [...numbers]
}

test('the same numbers from a seed, for ever: results that people kept rest on them', () => {
  // By the published algorithms in another language.
  expect(first(1, 4)).toEqual([2420951833, 2513034076, 3847892949, 4064752930])
  expect(first(-7, 2)).toEqual([3986084578, 3183441412])
})

test('one by one or all at once', () => {
  const random = randomFrom(1)
  const one = new Uint32Array(1)
  const numbers = Array.from({ length: 5 }, () => {
    random(one)
    return one[0]
  })
  expect(numbers).toEqual(first(1, 5))
})

test('other seeds give other numbers', () => {
  expect(new Set(Array.from({ length: 1_000 }, (_, seed) => first(seed, 1)[0])).size).toBeGreaterThan(995)
})

test('32 bits, each as often set as not', () => {
  const numbers = first(2, 20_000)
  expect(numbers.every(one => Number.isInteger(one) && one >= 0 && one * ONE_IN_ALL < 1)).toBe(true)
  for (let bit = 0; bit < 32; bit++) {
    const set = numbers.filter(one => (one >>> bit) & 1).length
    // 5 standard errors of a fair coin.
    expect(Math.abs(set - 10_000)).toBeLessThan(354)
  }
})

test('picks out of 7 evenly', () => {
  const counts = new Array<number>(7).fill(0)
  for (const one of first(3, 70_000)) {
    const pick = Math.floor(one * ONE_IN_ALL * 7)
    counts[pick] = (counts[pick] ?? 0) + 1
  }
  // χ² with 6 degrees of freedom is below 22.5 in 999 of 1,000.
  expect(counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)).toBeLessThan(22.5)
})
