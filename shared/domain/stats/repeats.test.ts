import { expect, test } from 'vitest'
import { isFlaky, shareOfRepeats } from './repeats.ts'

test.each([
  // Passed and failed by the same version, while the versions hardly differ.
  [[0, 100, 100], [100, 100, 100], true],
  [[0, 100], [0, 100], true],
  // One failure of ten explains no fall from nine to none.
  [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [100, 100, 100, 100, 100, 100, 100, 100, 100, 0], false],
  [[0, 0, 0], [100, 100, 100], false],
  // Apart by less than matters.
  [[78, 80, 79], [80, 81, 79], false],
  [[60, 90], [75, 76], true],
  [[60], [90], false],
])('%j and %j: flaky is %s', (left, right, expected) => {
  expect(isFlaky({ left, right }, 10)).toBe(expected)
  expect(isFlaky({ left: right, right: left }, 10)).toBe(expected)
})

test('the part of repeats in the variance: all, none, unknown', () => {
  // Two runs at 0 and 100 have a variance of 5,000, their mean 2,500; a delta has that of both sides.
  const noisy = { left: [0, 100], right: [0, 100] }
  expect(shareOfRepeats([noisy, noisy], 5_000)).toBe(1)
  expect(shareOfRepeats([noisy, noisy], 20_000)).toBeCloseTo(0.25, 12)
  expect(shareOfRepeats([{ left: [1, 1], right: [5, 5] }], 7)).toBe(0)
  expect(shareOfRepeats([{ left: [1], right: [5, 5] }], 7)).toBeUndefined()
  expect(shareOfRepeats([noisy], 0)).toBeUndefined()
})
