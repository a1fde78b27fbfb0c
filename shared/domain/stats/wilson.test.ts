import { expect, test } from 'vitest'
import { wilson } from './wilson.ts'

test.each([
  // R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
])('%i of %i is %d to %d, as published', (successes, n, low, high) => {
  const interval = wilson(successes, n)
  expect(interval.rate).toBe(successes / n)
  expect(interval.low).toBeCloseTo(low, 4)
  expect(interval.high).toBeCloseTo(high, 4)
})

test('successes and failures mirror each other, and the ends are exact', () => {
  const [some, others] = [wilson(7, 31), wilson(24, 31)]
  expect(some.low).toBeCloseTo(1 - others.high, 12)
  expect(some.high).toBeCloseTo(1 - others.low, 12)
  expect(wilson(0, 5).low).toBe(0)
  expect(wilson(5, 5).high).toBe(1)
})

test('more confidence is wider', () => {
  expect(wilson(5, 20, 0.99).low).toBeLessThan(wilson(5, 20, 0.9).low)
  expect(wilson(5, 20, 0.99).high).toBeGreaterThan(wilson(5, 20, 0.9).high)
})

test('without tries nothing is known', () => {
  expect(wilson(0, 0)).toEqual({ rate: 0, low: 0, high: 1 })
})

test.each([
  [2, 1, 0.95],
  [-1, 5, 0.95],
  [0.5, 5, 0.95],
  [Number.NaN, 5, 0.95],
  [1, Number.POSITIVE_INFINITY, 0.95],
  [1, 5, 1],
  [1, 5, Number.NaN],
])('refuses %d of %d at %d', (successes, n, confidence) => {
  expect(() => wilson(successes, n, confidence)).toThrow(RangeError)
})
