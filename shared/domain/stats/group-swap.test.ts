import { expect, test } from 'vitest'
import { groupSwapP, waysToDivide } from './group-swap.ts'
import { randomFrom } from './random.ts'

const p = (left: number[], right: number[]) =>
  groupSwapP(Float64Array.from(left), Float64Array.from(right), 9_999, randomFrom(1))

/** Days that treated mice and others lived: B. Efron and R. Tibshirani (1993), table 2.1. */
const TREATED = [94, 197, 16, 38, 99, 141, 23]
const OTHERS = [52, 104, 146, 10, 51, 30, 40, 27, 46]

test('the mice, by all 11,440 ways to divide them', () => {
  // 3,513 by SciPy 1.17, over all combinations.
  expect(p(TREATED, OTHERS)).toBe(3513 / 11_440)
  expect(p(OTHERS, TREATED)).toBe(3513 / 11_440)
})

test('random ways come close to all', () => {
  // Two values more make 48,620 ways; 6,288 by SciPy 1.17, over all combinations.
  expect(Math.abs(p([...TREATED, 120, 130], OTHERS) - 6288 / 48_620)).toBeLessThan(0.01)
})

test('apart without any variance is as rare as can be; all the same is not rare', () => {
  expect(p([1, 1, 1, 1], [2, 2, 2, 2])).toBe(2 / 70)
  expect(p([0.1, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.1])).toBe(1)
})

test.each([
  [8, 4, 70],
  [16, 7, 11_440],
  [5, 0, 1],
  [60, 30, 1.1826458156486142e17],
])('%i values divide with %i of them in %i ways', (total, size, ways) => {
  expect(waysToDivide(total, size) / ways).toBeCloseTo(1, 9)
})
