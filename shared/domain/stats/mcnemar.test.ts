import { expect, test } from 'vitest'
import { midPOfChanges } from './mcnemar.ts'

test.each([
  // M. Fagerland et al. (2013), two of their examples: 1 and 7, p = 0.0703 exact, 0.0391 mid-p; 6 and 16: 0.0525 and 0.0347.
  [1, 7, 0.0390625],
  [6, 16, 0.03469],
  [0, 5, 1 / 32],
  [0, 6, 1 / 64],
  [4, 4, 0.7265625 + 0.2734375],
  [0, 0, 1],
])('%i one way and %i the other: p = %d', (up, down, p) => {
  expect(midPOfChanges(up, down)).toBeCloseTo(p, 4)
  expect(midPOfChanges(down, up)).toBe(midPOfChanges(up, down))
})

test('thousands of changes neither overflow nor vanish', () => {
  expect(midPOfChanges(5_000, 5_000)).toBeCloseTo(1, 2)
  expect(midPOfChanges(4_900, 5_100)).toBeCloseTo(0.0455, 3)
})
