import { expect, test } from 'vitest'
import { casesMissing, detectableWith } from './power.ts'
import { FEWEST_CASES } from './verdict.ts'

test.each([
  // Pairs for 80% power at the 5% level, two-sided: J. Cohen (1988), and G*Power 3.1.
  [0.2, 199],
  [0.5, 34],
  [0.8, 15],
])('a difference of %d standard deviations takes %i pairs', (effect, pairs) => {
  expect(casesMissing(10, effect, 1)).toBe(pairs - 10)
  expect(casesMissing(10, -effect, 1)).toBe(pairs - 10)
})

test('what is missing and what is detectable agree', () => {
  expect(detectableWith(1 / Math.sqrt(34), 33)).toBeLessThan(0.5)
  expect(detectableWith(1 / Math.sqrt(33), 32)).toBeGreaterThan(0.5 * 0.99)
})

test('at least one more, at least enough to tell anything, and no figure where it would be absurd', () => {
  expect(casesMissing(50, 10, 1)).toBe(1)
  expect(casesMissing(2, 10, 0)).toBe(FEWEST_CASES - 2)
  expect(casesMissing(20, 0.05, 1)).toBeUndefined()
  expect(casesMissing(20, 0, 1)).toBeUndefined()
})
