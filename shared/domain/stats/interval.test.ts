import { expect, test } from 'vitest'
import { meanInterval } from './interval.ts'

const scale = { min: 0, max: 100 }

test('each case counts once, however often it was repeated, and no order matters', () => {
  const cases = [[70, 80], [90], [60], [75, 75, 75], [88], []]
  const result = meanInterval(cases, { scale })
  expect(result.cases).toBe(5)
  expect(result.mean).toBeCloseTo((75 + 90 + 60 + 75 + 88) / 5, 12)
  expect(result.low).toBeLessThan(result.mean)
  expect(result.high).toBeGreaterThan(result.mean)
  // As wide as Student's t at least: 77.6 ± 2.776 × 5.41.
  expect(result.high - result.low).toBeGreaterThanOrEqual(2 * 2.776 * 5.4)
})

test('the mouse data: the interval holds that of BCa alone, 46 to 139 by SciPy 1.17', () => {
  const { low, high } = meanInterval([94, 197, 16, 38, 99, 141, 23].map(day => [day]))
  expect(low).toBeLessThan(46.5)
  expect(high).toBeGreaterThan(138.8)
  expect(high).toBeLessThan(175)
})

test('stays on the scale', () => {
  const { high } = meanInterval([[100], [100], [95], [100]], { scale })
  expect(high).toBe(100)
  expect(meanInterval([[100], [100], [95], [100]]).high).toBeGreaterThan(100)
})

test('all the same: what Wilson leaves open of the scale; a point without a scale', () => {
  const all = Array.from({ length: 20 }, () => [100])
  expect(meanInterval(all, { scale }).low).toBeCloseTo(83.9, 1)
  expect(meanInterval(all, { scale }).high).toBe(100)
  expect(meanInterval(all)).toEqual({ mean: 100, low: 100, high: 100, cases: 20 })
})

test('few or none are values, not NaN', () => {
  expect(meanInterval([])).toEqual({ mean: 0, low: 0, high: 0, cases: 0 })
  expect(meanInterval([[], []])).toEqual({ mean: 0, low: 0, high: 0, cases: 0 })
  expect(meanInterval([[40]])).toEqual({ mean: 40, low: 40, high: 40, cases: 1 })
  const two = meanInterval([[40], [60]], { scale })
  expect([two.mean, two.low, two.high]).toEqual([50, 0, 100])
})

test('refuses NaN, infinity, scores off the scale, and too few draws', () => {
  for (const scores of [[Number.NaN], [Number.POSITIVE_INFINITY], [101], [-1]])
    expect(() => meanInterval([[50], scores], { scale })).toThrow(RangeError)
  expect(() => meanInterval([[50]], { draws: 10 })).toThrow(RangeError)
  expect(() => meanInterval([[50]], { seed: 0.5 })).toThrow(RangeError)
})
