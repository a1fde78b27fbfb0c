import { describe, expect, test } from 'vitest'
import { type Draw, drawFrom, times } from '../../../test/support/random-draws.ts'
import { comparePaired, type PairedCase } from './compare-paired.ts'
import { compareUnpaired } from './compare-unpaired.ts'
import { meanInterval } from './interval.ts'

/**
 * What the intervals promise, measured: how often, over 2,000 seeded sets of cases, the 95% interval holds the true
 * difference. Resamples and tries are an eighth of the usual to keep this quick, which makes nothing better.
 */
const SETS = 2_000
const DRAWS = 250

/** A judge's score, 0 to 100 in whole points. */
const points = (score: number): number => Math.round(Math.min(100, Math.max(0, score)))
const delta = (value: number) => ({ left: [0], right: [value] })

/** By how much `right` betters `left` in truth, and one case. `truth` undefined: measured on 100,000 cases. */
type Shape = { truth?: number; one: (draw: Draw) => Pick<PairedCase, 'left' | 'right' | 'weight'> }

/** The judge sees a case about so hard; three repeats of each version, the right one better by `by`. */
const judged = (hardness: number, by: number): Shape => ({
  one: ({ normal }) => {
    const about = hardness + 20 * normal()
    return {
      left: times(3, () => points(about + 10 * normal())),
      right: times(3, () => points(about + by + 10 * normal())),
    }
  },
})

const SHAPES = {
  normal: { truth: 6, one: ({ normal }) => delta(6 + 15 * normal()) },
  skewed: { truth: 6, one: ({ exponential }) => delta(10 * exponential() - 4) },
  'points of 100, three repeats': judged(75, 5),
  'points at the ceiling': judged(95, 5),
  'more than half ties': {
    truth: 0.43 * 8,
    one: ({ uniform, normal }) => delta(uniform() < 0.57 ? 0 : 8 + 15 * normal()),
  },
  weighted: {
    truth: 6,
    one: ({ uniform, normal }) => ({ ...delta(6 + 15 * normal()), weight: uniform() < 0.3 ? 3 : 1 }),
  },
} satisfies Record<string, Shape>

function truthOf({ truth, one }: Shape): number {
  if (truth !== undefined) return truth
  const draw = drawFrom(99)
  const mean = (scores: readonly number[]) => scores.reduce((sum, score) => sum + score, 0) / scores.length
  let sum = 0
  const many = 100_000
  for (let i = 0; i < many; i++) {
    const { left, right } = one(draw)
    sum += mean(right) - mean(left)
  }
  return sum / many
}

/** Shares of 100 sets: the truth held; a verdict given; a verdict that right is worse. */
function simulate(shape: Shape, n: number) {
  const draw = drawFrom(1_000 + n)
  const truth = truthOf(shape)
  const counts = { held: 0, told: 0, worse: 0 }
  for (let seed = 0; seed < SETS; seed++) {
    const cases = Array.from({ length: n }, (_, i) => ({ caseId: String(i), ...shape.one(draw) }))
    const { low, high, verdict } = comparePaired(cases, { seed, draws: DRAWS })
    if (low <= truth && truth <= high) counts.held++
    if (verdict !== 'cannot-tell') counts.told++
    if (verdict === 'worse') counts.worse++
  }
  return { held: (100 * counts.held) / SETS, told: (100 * counts.told) / SETS, worse: (100 * counts.worse) / SETS }
}

describe('the 95% interval holds the truth in 93 to 97 of 100', () => {
  test.each([
    ['normal', 20],
    ['skewed', 20],
    ['skewed', 40],
    ['points of 100, three repeats', 25],
    ['points at the ceiling', 30],
    ['more than half ties', 25],
    ['weighted', 30],
  ] as const)('%s, %i cases', (shape, n) => {
    const { held, worse } = simulate(SHAPES[shape], n)
    expect(held).toBeGreaterThanOrEqual(93)
    expect(held).toBeLessThanOrEqual(97)
    expect(worse).toBeLessThan(0.5)
  })
})

describe('where nothing differs, at most 5 of 100 verdicts are false alarms', () => {
  test.each<[string, number, Shape['one']]>([
    ['points', 20, judged(85, 0).one],
    ['heavy tails', 30, ({ exponential }) => delta(20 * (exponential() - exponential()))],
    ['the fewest', 6, ({ normal }) => delta(normal())],
  ])('%s, %i cases', (_name, n, one) => {
    const { told } = simulate({ truth: 0, one }, n)
    // 5, and three standard errors of 2,000 sets.
    expect(told).toBeLessThanOrEqual(5 + 3 * 0.49)
  })
})

/**
 * What passed or failed has so few outcomes that each can be reckoned with its probability, without any luck. Shares of 100:
 * the truth held; a verdict given.
 */
function reckon(won: number, lost: number, n: number) {
  const logs = [0]
  for (let i = 1; i <= n; i++) logs.push((logs[i - 1] ?? 0) + Math.log(i))
  const ways = (k: number) => logs[k] ?? 0
  const truth = 100 * (won - lost)
  const sums = { held: 0, told: 0 }
  for (let up = 0; up <= n; up++)
    for (let down = 0; up + down <= n; down++) {
      const same = n - up - down
      const log = up * Math.log(won) + down * Math.log(lost) + same * Math.log(1 - won - lost)
      const share = 100 * Math.exp(log + ways(n) - ways(up) - ways(down) - ways(same))
      if (share < 0.01) continue
      const cases = Array.from({ length: n }, (_, i) => ({
        caseId: String(i),
        ...delta(i < up ? 100 : i < up + down ? -100 : 0),
      }))
      const { low, high, verdict } = comparePaired(cases, { draws: DRAWS })
      if (low <= truth && truth <= high) sums.held += share
      if (verdict !== 'cannot-tell') sums.told += share
    }
  return sums
}

describe('passed or failed', () => {
  // The cover jumps with the number of cases, as that of any interval for counts does: L. Brown, T. Cai, A. DasGupta, 2001.
  test.each([
    [0.35, 0.075, 20],
    [0.35, 0.075, 40],
    [0.2, 0.05, 30],
    [0.25, 0.15, 30],
  ])('%d won and %d lost, %i cases: the truth is held in 95 to 98 of 100', (won, lost, n) => {
    const { held } = reckon(won, lost, n)
    expect(held).toBeGreaterThan(95)
    expect(held).toBeLessThan(98)
  })

  test.each([
    [0.06, 20],
    [0.2, 25],
    [0.45, 12],
  ])('%d won and as many lost, %i cases: at most 5 of 100 are false alarms', (each, n) => {
    const { held, told } = reckon(each, each, n)
    expect(told).toBeLessThanOrEqual(5)
    expect(held).toBeGreaterThan(95)
  })
})

test('what is called detectable is found in about 80 of 100 sets', () => {
  const n = 30
  const { detectable = 0 } = comparePaired(
    // Deltas with a standard deviation of 15, exactly.
    Array.from({ length: n }, (_, i) => ({ caseId: `${i}`, ...delta(15 * Math.sqrt((n - 1) / n) * (i % 2 ? 1 : -1)) })),
  )
  const { told } = simulate({ truth: detectable, one: ({ normal }) => delta(detectable + 15 * normal()) }, n)
  expect(told).toBeGreaterThan(75)
  expect(told).toBeLessThan(85)
})

test('of two groups: 93 to 97 of 100 hold the truth, of the ratio too, and at most 5 of 100 are false alarms', () => {
  const draw = drawFrom(5)
  const cost = (median: number) => () => median * Math.exp(0.5 * draw.normal())
  const average = Math.exp(0.125)
  const counts = { delta: 0, ratio: 0, alarm: 0 }
  const sets = 1_000
  for (let seed = 0; seed < sets; seed++) {
    const before = times(20, cost(1))
    const options = { seed, draws: DRAWS, higherIsBetter: false }
    const { low, high, ratio } = compareUnpaired(before, times(12, cost(0.8)), options)
    if (low <= -0.2 * average && -0.2 * average <= high) counts.delta++
    if (ratio && ratio.low <= 0.8 && 0.8 <= ratio.high) counts.ratio++
    if (compareUnpaired(before, times(12, cost(1)), options).verdict !== 'cannot-tell') counts.alarm++
  }
  for (const held of [counts.delta, counts.ratio]) {
    expect(held / sets).toBeGreaterThanOrEqual(0.93)
    expect(held / sets).toBeLessThanOrEqual(0.97)
  }
  expect(counts.alarm / sets).toBeLessThanOrEqual(0.05 + 3 * 0.0069)
})

test('of one version: 93 to 97 of 100 intervals hold the true mean', () => {
  const draw = drawFrom(8)
  let held = 0
  for (let seed = 0; seed < SETS; seed++) {
    // Points of a case between 40 and 100, even: 70 on average; its two repeats a little apart.
    const cases = times(20, () => {
      const about = 42 + 56 * draw.uniform()
      return times(2, () => about + 4 * (draw.uniform() - 0.5))
    })
    const { low, high } = meanInterval(cases, { seed, draws: DRAWS, scale: { min: 0, max: 100 } })
    if (low <= 70 && 70 <= high) held++
  }
  expect(held / SETS).toBeGreaterThanOrEqual(0.93)
  expect(held / SETS).toBeLessThanOrEqual(0.97)
})
