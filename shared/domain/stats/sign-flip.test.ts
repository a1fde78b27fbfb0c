import { expect, test } from 'vitest'
import { randomFrom } from './random.ts'
import { signFlipP } from './sign-flip.ts'

const p = (...deltas: number[]) => signFlipP(Float64Array.from(deltas), 9_999, randomFrom(1))

/** Eighths of an inch by which Darwin's crossed maize outgrew the self-fertilised, pair by pair. */
const DARWIN = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]

test("Darwin's maize: 863 of 32,768 ways at least as far on either side, as Fisher counted in 1935", () => {
  expect(p(...DARWIN)).toBe((2 * 863) / 32_768)
})

test('past what is counted out, random ways come close to it', () => {
  // Twice the same pairs and zeros that change nothing: by counting all 2³⁰ ways (as sums, which are few) p is 0.00515.
  const exact = countedOut([...DARWIN, ...DARWIN])
  const drawn = p(...DARWIN, ...DARWIN, 0, 0, 0)
  expect(exact).toBeCloseTo(0.005, 3)
  expect(Math.abs(drawn - exact)).toBeLessThan(0.003)
})

/** By the number of ways to each sum, one delta at a time. */
function countedOut(deltas: readonly number[]): number {
  let ways = new Map([[0, 1]])
  for (const delta of deltas) {
    const next = new Map<number, number>()
    for (const [sum, count] of ways)
      for (const signed of [sum + delta, sum - delta]) next.set(signed, (next.get(signed) ?? 0) + count)
    ways = next
  }
  const seen = Math.abs(deltas.reduce((sum, delta) => sum + delta, 0))
  let far = 0
  for (const [sum, count] of ways) if (Math.abs(sum) >= seen) far += count
  return far / 2 ** deltas.length
}

test.each([
  [[], 1],
  [[0, 0, 0], 1],
  [[3], 1],
  [[1, 1, 1, 1, 1], 2 / 32],
  [[1, 1, 1, 1, 1, 1], 2 / 64],
  [[0.1, 0.2, -0.3], 1],
])('%j has p %d', (deltas, expected) => {
  expect(p(...deltas)).toBe(expected)
})

test('the direction does not matter', () => {
  expect(p(...DARWIN.map(delta => -delta))).toBe(p(...DARWIN))
})
