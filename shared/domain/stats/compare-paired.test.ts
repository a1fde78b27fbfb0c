import fc from 'fast-check'
import { expect, test } from 'vitest'
import { comparePaired, type PairedCase, type PairedOptions } from './compare-paired.ts'

/** One case for each delta, run once by each version. */
const byDelta = (deltas: readonly number[]): PairedCase[] =>
  deltas.map((delta, i) => ({ caseId: `case ${i}`, left: [50], right: [50 + delta] }))
const repeated = <T>(times: number, value: T): T[] => Array.from({ length: times }, () => value)

/** R. A. Fisher (1935): Darwin's maize, eighths of an inch by which the crossed plant of a pair was the taller. */
const DARWIN = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]

test("Darwin's maize: what Fisher found of it", () => {
  const result = comparePaired(byDelta(DARWIN))
  expect(result).toMatchObject({ cases: 15, wins: 13, losses: 2, ties: 0, verdict: 'cannot-tell' })
  expect(result.why).toBe('interval-includes-zero')
  expect(result.delta).toBeCloseTo(20.933, 3)
  expect(result.p).toBeCloseTo(0.05267, 5)
  // t = 2.148 with 14 degrees of freedom would just tell, from 0.03; the exact test does not, so the interval starts at 0.
  expect(result.low).toBeLessThanOrEqual(0)
  expect(result.high).toBeGreaterThanOrEqual(41.8)
  expect(result.moreCases).toBeGreaterThan(0)
  expect(result.detectable).toBeCloseTo((2.144787 + 0.868055) * 9.7455, 2)
})

test('the same result from the same seed, on every machine', () => {
  const result = comparePaired(byDelta(DARWIN.map(delta => delta + 10)), { seed: 7 })
  expect([result.low, result.high].map(one => one.toPrecision(9))).toEqual(['5.10074167', '51.8354733'])
  expect(comparePaired(byDelta(DARWIN), { seed: 7 })).toEqual(comparePaired(byDelta(DARWIN), { seed: 7 }))
})

test('14 won, 3 lost, 23 tied', () => {
  const deltas = [...repeated(14, 30), ...repeated(3, -20), ...repeated(23, 0)]
  const result = comparePaired(byDelta(deltas))
  expect(result).toMatchObject({ cases: 40, wins: 14, losses: 3, ties: 23, verdict: 'better', why: undefined })
  expect(result.low).toBeGreaterThan(0)
  expect(result.moreCases).toBeUndefined()
})

test('of cost less is better, and delta keeps its sign', () => {
  const cases = byDelta([-5, -6, -4, -7, -5.5, -4.5, -6.5, -3])
  const result = comparePaired(cases, { higherIsBetter: false })
  expect(result).toMatchObject({ verdict: 'better', wins: 8, losses: 0 })
  expect(result.high).toBeLessThan(0)
  expect(comparePaired(cases).verdict).toBe('worse')
})

test('repeats of a case are no more cases: they count as their mean', () => {
  const once = comparePaired(byDelta(DARWIN))
  const thrice = comparePaired(
    byDelta(DARWIN).map(one => ({ ...one, left: [48, 50, 52], right: [...one.right, ...one.right] })),
  )
  for (const figure of ['delta', 'low', 'high', 'p'] as const) expect(thrice[figure]).toBeCloseTo(once[figure] ?? 0, 9)
  expect(once.fromRepeats).toBeUndefined()
  expect(thrice.fromRepeats).toBeGreaterThan(0)
  expect(thrice.fromRepeats).toBeLessThan(0.01)
})

test('weights: a case of weight 2 pulls twice, equal weights change nothing', () => {
  const plain = comparePaired(byDelta(DARWIN))
  const same = comparePaired(byDelta(DARWIN).map(one => ({ ...one, weight: 3 })))
  for (const figure of ['delta', 'low', 'high', 'p', 'detectable'] as const)
    expect(same[figure]).toBeCloseTo(plain[figure] ?? 0, 9)
  const heavy = comparePaired(byDelta([0, 0, 30]).map((one, i) => ({ ...one, weight: i === 2 ? 2 : 1 })))
  expect(heavy.delta).toBe(15)
  expect([heavy.leftMean, heavy.rightMean]).toEqual([50, 65])
})

test('one case that outweighs all others is as good as one case', () => {
  const cases = byDelta([5, 6, 4, 7, 5, 6, 5, -60]).map((one, i) => ({ ...one, weight: i === 7 ? 1_000 : 1 }))
  const result = comparePaired(cases)
  expect(result.delta).toBeLessThan(-59)
  expect(result.verdict).toBe('cannot-tell')
})

test('flaky cases are named, and are neither regressions nor improvements; the others come by size', () => {
  const result = comparePaired([
    { caseId: 'broke', left: [100, 100, 100], right: [0, 0, 0] },
    { caseId: 'slipped', left: [80, 80, 80], right: [60, 60, 60] },
    { caseId: 'coin', left: [100, 0, 100], right: [0, 100, 0] },
    { caseId: 'same', left: [90, 90, 90], right: [90, 90, 90] },
    { caseId: 'rose', left: [20, 25, 20], right: [70, 70, 75] },
  ])
  expect(result.flaky).toEqual(['coin'])
  expect(result.regressed).toEqual(['broke', 'slipped'])
  expect(result.improved).toEqual(['rose'])
  expect(result).toMatchObject({ wins: 1, losses: 3, ties: 1 })
})

test('what differs by no more than tieWithin is a tie, rounding aside', () => {
  const cases = [
    { caseId: 'a', left: [0.7], right: [0.8] },
    { caseId: 'b', left: [0.8], right: [0.7] },
    { caseId: 'c', left: [0.1, 0.2], right: [0.15] },
    { caseId: 'd', left: [0.1], right: [0.3] },
  ]
  expect(comparePaired(cases, { tieWithin: 0.1 })).toMatchObject({ wins: 1, losses: 0, ties: 3 })
  expect(comparePaired(cases)).toMatchObject({ wins: 2, losses: 1, ties: 1 })
})

test.each([
  ['no case', [], 'no-scores', 0],
  ['one case', [30], 'too-few-cases', 1],
  ['five that all won', [30, 20, 40, 30, 35], 'too-few-cases', 5],
  ['no case that differs', repeated(20, 0), 'all-equal', 20],
  ['five of 20 that differ', [...repeated(15, 0), 30, 20, 40, 30, 35], 'too-few-differ', 20],
  ['as many won as lost', [9, -9, 8, -8, 7, -7, 6, -6], 'interval-includes-zero', 8],
])('%s: cannot tell, and why', (_, deltas, why, cases) => {
  const result = comparePaired(byDelta(deltas))
  expect(result).toMatchObject({ verdict: 'cannot-tell', why, cases })
  expect(result.low).toBeLessThanOrEqual(0)
  expect(result.high).toBeGreaterThanOrEqual(0)
})

test('no cases: every number is one', () => {
  const { leftMean, rightMean, delta, low, high, p, detectable, moreCases } = comparePaired([])
  expect([leftMean, rightMean, delta, low, high]).toEqual([0, 0, 0, 0, 0])
  expect([p, detectable, moreCases]).toEqual([undefined, undefined, undefined])
})

test('a case without a score on one side is no pair, and is named', () => {
  const result = comparePaired([
    ...byDelta([1, 2, 3]),
    { caseId: 'x', left: [], right: [90] },
    { caseId: 'y', left: [1], right: [] },
  ])
  expect(result).toMatchObject({ cases: 3, delta: 2, unpaired: ['x', 'y'] })
  expect(comparePaired([{ caseId: 'x', left: [], right: [90] }])).toMatchObject({ why: 'no-scores', unpaired: ['x'] })
})

test('all up by the same: told from six cases on, and no more certain than six cases are', () => {
  const six = comparePaired(byDelta(repeated(6, 10)))
  expect(six).toMatchObject({ verdict: 'better', delta: 10, high: 10, p: 2 / 64, detectable: undefined })
  // Wilson's interval of 6 of 6 starts at 0.6097.
  expect(six.low).toBeCloseTo(6.097, 3)
  expect(comparePaired(byDelta(repeated(5, 10)))).toMatchObject({
    why: 'too-few-cases',
    low: 0,
    high: 10,
    moreCases: 1,
  })
})

test('the scale bounds what delta can be', () => {
  const cases = byDelta([50, 50, 50, 50, 50, 50, 10])
  expect(comparePaired(cases, { scale: { min: 0, max: 100 } }).high).toBeLessThanOrEqual(100)
  const failed = byDelta([-50, 50, 50]).map(one => ({ ...one, left: [0], right: one.right }))
  expect(comparePaired(failed).high).toBeGreaterThan(100)
  expect(comparePaired(failed, { scale: { min: 0, max: 100 } }).high).toBe(100)
})

test.each([
  ['NaN', [{ caseId: 'a', left: [Number.NaN], right: [1] }], {}],
  ['infinity', [{ caseId: 'a', left: [1], right: [Number.NEGATIVE_INFINITY] }], {}],
  ['NaN beside nothing', [{ caseId: 'a', left: [], right: [Number.NaN] }], {}],
  ['too large to square', [{ caseId: 'a', left: [1e300], right: [1] }], {}],
  ['a case twice', [...byDelta([1]), ...byDelta([2])], {}],
  ['weight 0', [{ caseId: 'a', left: [1], right: [1], weight: 0 }], {}],
  ['a weight of NaN', [{ caseId: 'a', left: [1], right: [1], weight: Number.NaN }], {}],
  ['a score off the scale', byDelta([60]), { scale: { min: 0, max: 100 } }],
  ['few draws', byDelta([1]), { draws: 50 }],
  ['half a seed', byDelta([1]), { seed: 0.5 }],
  ['ties within less than 0', byDelta([1]), { tieWithin: -1 }],
] satisfies [string, PairedCase[], PairedOptions][])('refuses %s', (_, cases, options) => {
  expect(() => comparePaired(cases, options)).toThrow(RangeError)
})

const score = fc.oneof(
  fc.integer({ min: 0, max: 100 }),
  fc.constantFrom(0, 100),
  fc.double({ min: 0, max: 100, noNaN: true }),
)
const scores = fc.array(score, { maxLength: 4 })
const someCases = fc
  .array(
    fc.record({
      left: scores,
      right: scores,
      weight: fc.constantFrom(1, 1, 2, 0.5),
      cluster: fc.constantFrom(undefined, undefined, 'a', 'b'),
    }),
    { maxLength: 25 },
  )
  .map(list => list.map((one, i): PairedCase => ({ caseId: `c${i}`, ...one })))
const QUICK = { draws: 200 }
const someOptions = fc.constantFrom(QUICK, { ...QUICK, scale: { min: 0, max: 100 } })

test('for any scores: finite numbers in order, counts that add up, a verdict that agrees with interval and p', () => {
  fc.assert(
    fc.property(someCases, someOptions, (cases, options) => {
      const result = comparePaired(cases, options)
      const { low, delta, high, p = 1, verdict, why, wins, losses, ties } = result
      for (const one of [low, delta, high, result.leftMean, result.rightMean, p]) expect(one).toSatisfy(Number.isFinite)
      expect(low).toBeLessThanOrEqual(delta + 1e-9)
      expect(high).toBeGreaterThanOrEqual(delta - 1e-9)
      expect(wins + losses + ties).toBe(result.cases)
      expect(result.cases + result.unpaired.length).toBe(cases.length)
      expect(verdict !== 'cannot-tell').toBe(low > 0 || high < 0)
      expect(why === undefined).toBe(verdict !== 'cannot-tell')
      if (verdict !== 'cannot-tell') expect(p).toBeLessThanOrEqual(0.05)
      if (verdict === 'better') expect(delta).toBeGreaterThan(0)
      for (const one of [result.detectable, result.moreCases]) expect(one ?? 1).toBeGreaterThan(0)
    }),
    { numRuns: 300 },
  )
})

test('swapping the sides mirrors everything, and the order of the cases changes nothing', () => {
  const mirrored = { better: 'worse', worse: 'better', 'cannot-tell': 'cannot-tell' } as const
  fc.assert(
    fc.property(someCases, someOptions, (cases, options) => {
      const result = comparePaired(cases, options)
      const swapped = comparePaired(
        cases.map(one => ({ ...one, left: one.right, right: one.left })),
        options,
      )
      expect(swapped.delta).toBeCloseTo(-result.delta, 9)
      expect(swapped.low).toBeCloseTo(-result.high, 9)
      expect(swapped.high).toBeCloseTo(-result.low, 9)
      expect(swapped.p).toBe(result.p)
      expect(swapped).toMatchObject({
        verdict: mirrored[result.verdict],
        why: result.why,
        wins: result.losses,
        flaky: result.flaky,
        improved: result.regressed,
        moreCases: result.moreCases,
      })
      const { unpaired, ...back } = comparePaired(cases.toReversed(), options)
      expect({ ...back, unpaired: unpaired.toReversed() }).toEqual(result)
    }),
    { numRuns: 200 },
  )
})
