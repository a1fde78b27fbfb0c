import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareUnpaired } from './compare-unpaired.ts'

/** B. Efron and R. Tibshirani (1993), table 2.1: days that treated mice and others lived. */
const TREATED = [94, 197, 16, 38, 99, 141, 23]
const OTHERS = [52, 104, 146, 10, 51, 30, 40, 27, 46]

test('the mice: 30.63 days more, which is no proof', () => {
  const result = compareUnpaired(OTHERS, TREATED)
  expect(result).toMatchObject({ verdict: 'cannot-tell', why: 'interval-includes-zero', p: 3513 / 11_440 })
  expect(result.delta).toBeCloseTo(30.63, 2)
  // Welch's own interval by SciPy 1.17: −34.15 to 95.42.
  expect(result.low).toBeLessThanOrEqual(-34.15)
  expect(result.high).toBeGreaterThanOrEqual(95.42)
  expect(result.high).toBeLessThan(120)
})

test('cost: a fifth less is better, with a ratio that goes with it', () => {
  const before = [41, 43, 39, 50, 44, 42, 40, 47]
  const result = compareUnpaired(
    before,
    before.map(cost => cost * 0.8),
    { higherIsBetter: false },
  )
  expect(result.verdict).toBe('better')
  expect(result.high).toBeLessThan(0)
  expect(result.ratio?.value).toBeCloseTo(0.8, 12)
  expect(result.ratio?.low).toBeLessThan(0.8)
  expect(result.ratio?.high).toBeGreaterThan(0.8)
  expect(result.ratio?.high).toBeLessThan(1)
})

test('no ratio of what can be negative or nothing', () => {
  expect(compareUnpaired([-1, 2, 3, 4], [5, 6, 7, 8]).ratio).toBeUndefined()
  expect(compareUnpaired([0, 0, 0, 0], [5, 6, 7, 8]).ratio).toBeUndefined()
})

test.each([
  [[], [1, 2], 'no-scores'],
  [[], [], 'no-scores'],
  [[1], [2, 3, 4, 5, 6, 7, 8, 9], 'too-few-cases'],
  // Of 3 and 3 the most extreme of 20 ways comes up in 2 of 20, whatever the values.
  [[1, 2, 3], [101, 102, 103], 'too-few-cases'],
  [[4, 4, 4, 4], [4, 4, 4, 4], 'all-equal'],
  [[1, 2, 3, 4], [2, 3, 4, 5], 'interval-includes-zero'],
])('%j against %j: cannot tell, %s', (left, right, why) => {
  const result = compareUnpaired(left, right)
  expect(result).toMatchObject({ verdict: 'cannot-tell', why })
  expect(result.low).toBeLessThanOrEqual(0)
  expect(result.high).toBeGreaterThanOrEqual(0)
})

test('without any variance: told, but not to a point', () => {
  const result = compareUnpaired([3, 3, 3, 3, 3], [5, 5, 5, 5, 5])
  expect(result).toMatchObject({ verdict: 'better', delta: 2, high: 2 })
  expect(result.low).toBeGreaterThan(0)
  expect(result.low).toBeLessThan(2)
})

test.each([3_000, 12_000])('%i values on each side: the same answer, by less work', n => {
  const many = Array.from({ length: n }, (_, i) => (i * 7919) % 100)
  const result = compareUnpaired(
    many,
    many.map(one => one + 3),
  )
  expect(result.verdict).toBe('better')
  expect(result.p).toBeLessThan(0.01)
  // Evenly from 0 to 99: the standard error of each mean is 28.87 / √n.
  const reach = 1.96 * 28.87 * Math.sqrt(2 / n)
  expect(result.low / (3 - reach)).toBeCloseTo(1, 1)
  expect(result.high / (3 + reach)).toBeCloseTo(1, 1)
  expect(compareUnpaired(many, many.toReversed())).toMatchObject({ verdict: 'cannot-tell', p: 1 })
})

test('refuses NaN and infinity', () => {
  expect(() => compareUnpaired([1, Number.NaN], [1])).toThrow(RangeError)
  expect(() => compareUnpaired([1], [Number.POSITIVE_INFINITY])).toThrow(RangeError)
})

test('groups of one mean, but for rounding, mirror when swapped', () => {
  const [left, right] = [
    [2, 0, 3, 0, 0, 0, 3, 5, 0, 0],
    [3, 1, 2, 3, 0, 2, 0, 2, 0, 0],
  ]
  expect(compareUnpaired(left, right, { draws: 200 }).p).toBe(compareUnpaired(right, left, { draws: 200 }).p)
})

test.each([1e-60, 1e-82, 1e-89])('values as small as %f are compared like others', scale => {
  const small = (list: number[]) => list.map(value => value * scale)
  const [left, right] = [
    [1, 2, 3, 5, 8],
    [9, 11, 12, 15, 16],
  ]
  const plain = compareUnpaired(left, right)
  const result = compareUnpaired(small(left), small(right))
  expect(result).toMatchObject({ verdict: plain.verdict, p: plain.p })
  expect(result.low / scale).toBeCloseTo(plain.low, 6)
  expect(result.high / scale).toBeCloseTo(plain.high, 6)
})

test('for any values: finite, in order, verdict as the interval says; mirrored when swapped; no order matters', () => {
  const values = fc.array(fc.oneof(fc.integer({ min: 1, max: 5 }), fc.double({ min: 0, max: 1e6, noNaN: true })), {
    maxLength: 12,
  })
  const mirrored = { better: 'worse', worse: 'better', 'cannot-tell': 'cannot-tell' } as const
  fc.assert(
    fc.property(values, values, (left, right) => {
      const options = { draws: 200 }
      const result = compareUnpaired(left, right, options)
      const { low, delta, high, verdict, ratio } = result
      for (const one of [low, delta, high, ratio?.low ?? 0, ratio?.high ?? 0]) expect(one).toSatisfy(Number.isFinite)
      expect(low).toBeLessThanOrEqual(delta)
      expect(high).toBeGreaterThanOrEqual(delta)
      expect(verdict !== 'cannot-tell').toBe(low > 0 || high < 0)
      expect(result.why === undefined).toBe(verdict !== 'cannot-tell')
      const swapped = compareUnpaired(right, left, options)
      expect(swapped).toMatchObject({ verdict: mirrored[verdict], why: result.why, p: result.p })
      const size = Math.max(1, Math.abs(low), Math.abs(high))
      expect(swapped.low / size).toBeCloseTo(-high / size, 9)
      expect(swapped.high / size).toBeCloseTo(-low / size, 9)
      expect(compareUnpaired(left.toReversed(), right.toReversed(), options)).toEqual(result)
    }),
    { numRuns: 150 },
  )
})
