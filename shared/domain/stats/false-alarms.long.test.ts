import { describe, expect, test } from 'vitest'
import { type Draw, drawFrom, times } from '../../../test/support/random-draws.ts'
import { comparePaired, type PairedCase } from './compare-paired.ts'

/**
 * How often 'better' is said where neither version is: over seeded sets of cases in shapes that evaluations have and textbooks
 * do not, on the scale that the app uses. Resamples and tries are an eighth of the usual to keep this quick.
 */
const SETS = 1_000
const OPTIONS = { draws: 250, scale: { min: 0, max: 100 } }
/** 5 of 100, and three standard errors of so many sets. */
const MOST = 5 + 3 * 0.69

const onScale = (score: number): number => Math.min(100, Math.max(0, score))
/** A case that stands at 50 and differs by so much. */
const differing = (by: number) => ({ left: [50], right: [onScale(50 + by)] })

type Set = (draw: Draw) => Omit<PairedCase, 'caseId'>[]

/** Of 100 sets: how often right is called better, and how often any verdict is given. */
function alarms(set: Set, sets = SETS) {
  const draw = drawFrom(7)
  const counts = { better: 0, told: 0 }
  for (let seed = 0; seed < sets; seed++) {
    const cases = set(draw).map((one, at) => ({ caseId: String(at), ...one }))
    const { verdict } = comparePaired(cases, { ...OPTIONS, seed })
    if (verdict === 'better') counts.better++
    if (verdict !== 'cannot-tell') counts.told++
  }
  return { better: (100 * counts.better) / sets, told: (100 * counts.told) / sets }
}

describe('a few cases carry the difference', () => {
  /** Most cases gain a little and a few lose much; on average nothing changes. `noise`: of the judge, in points. */
  const rare =
    (n: number, gain: number, loss: number, noise: number): Set =>
    ({ uniform, normal }) =>
      times(n, () => differing((uniform() < gain / (gain + loss) ? -loss : gain) + noise * normal()))

  test.each([
    [8, 5, 35, 0],
    [8, 5, 35, 3],
    [12, 5, 35, 0],
    [12, 5, 35, 3],
    [20, 5, 35, 0],
    [20, 5, 35, 3],
    [40, 5, 35, 0],
    [20, 2, 38, 0],
    [60, 2, 38, 1],
    [8, 10, 30, 0],
    [20, 10, 30, 3],
  ])('%i cases of +%i or −%i with noise of %i: better in at most 5 of 100', (n, gain, loss, noise) => {
    expect(alarms(rare(n, gain, loss, noise)).better).toBeLessThanOrEqual(MOST)
  })

  test('eight that all gain 5 points are no verdict, and so are 7 that gain 5 and one that loses 35', () => {
    for (const deltas of [times(8, () => 5), [...times(7, () => 5), -35]])
      expect(
        comparePaired(
          deltas.map((by, at) => ({ caseId: String(at), ...differing(by) })),
          OPTIONS,
        ).verdict,
      ).toBe('cannot-tell')
  })

  test('a difference that is large against what was missed is still told from six cases on', () => {
    const six = times(6, at => ({ caseId: String(at), left: [10], right: [90] }))
    expect(comparePaired(six, OPTIONS).verdict).toBe('better')
  })
})

describe('cases that share a source', () => {
  /** `sizes`: cases of each source. A source goes its own way by 15 points, each of its cases by 5 more or less. */
  const sources =
    (sizes: readonly number[], known: boolean): Set =>
    ({ normal }) =>
      sizes.flatMap((size, source) => {
        const way = 15 * normal()
        return times(size, () => ({
          ...differing(way + 5 * normal()),
          ...(known && { cluster: `source ${source}` }),
        }))
      })

  test.each([
    ['4 sources of 5', times(4, () => 5)],
    ['6 sources of 5', times(6, () => 5)],
    ['8 sources of 3', times(8, () => 3)],
    ['10 sources of 1 to 10', times(10, at => at + 1)],
    ['12 sources of 2, one of 20', [...times(12, () => 2), 20]],
    ['20 sources of 2', times(20, () => 2)],
  ])('%s: better in at most 5 of 100, any verdict in about as many', (_, sizes) => {
    const { better, told } = alarms(sources(sizes, true))
    expect(better).toBeLessThanOrEqual(MOST)
    expect(told).toBeLessThanOrEqual(MOST)
  })

  test('taken for cases of their own they give far more', () => {
    expect(alarms(sources([...times(8, () => 3)], false), 300).told).toBeGreaterThan(12)
    expect(alarms(sources([...times(6, () => 5)], false), 300).told).toBeGreaterThan(25)
  })

  test('fewer than six sources are too few, however many cases', () => {
    const draw = drawFrom(1)
    const cases = sources(
      [20, 20, 20, 20, 20],
      true,
    )(draw).map((one, at) => ({
      caseId: String(at),
      ...one,
      left: [10],
      right: [90],
    }))
    expect(comparePaired(cases, OPTIONS)).toMatchObject({
      cases: 100,
      clusters: 5,
      verdict: 'cannot-tell',
      why: 'too-few-clusters',
    })
  })
})

describe('passed or failed, by the exact test with mid-p', () => {
  /** Each outcome with its probability, `changed` the share of cases that change, one way as often as the other. */
  function reckon(changed: number, n: number) {
    const logs = [0]
    for (let i = 1; i <= n; i++) logs.push((logs[i - 1] ?? 0) + Math.log(i))
    const ways = (k: number) => logs[k] ?? 0
    const sums = { better: 0, told: 0 }
    for (let up = 0; up <= n; up++)
      for (let down = 0; up + down <= n; down++) {
        const same = n - up - down
        const log = (up + down) * Math.log(changed / 2) + (same === 0 ? 0 : same * Math.log(1 - changed))
        const share = 100 * Math.exp(log + ways(n) - ways(up) - ways(down) - ways(same))
        if (share < 0.001) continue
        const cases = times(n, at => ({
          caseId: String(at),
          left: [at < up ? 0 : 100],
          right: [at < up ? 100 : at < up + down ? 0 : 100],
        }))
        const { verdict } = comparePaired(cases, OPTIONS)
        if (verdict === 'better') sums.better += share
        if (verdict !== 'cannot-tell') sums.told += share
      }
    return sums
  }

  test.each([0.1, 0.3, 0.6, 0.95].flatMap(changed => [6, 8, 12, 20, 30].map(n => [changed, n] as const)))(
    'a share of %d changes in %i cases: at most 5 of 100 are false alarms',
    (changed, n) => {
      const { better, told } = reckon(changed, n)
      expect(better).toBeLessThanOrEqual(5)
      // Where nearly every case changes, mid-p passes 5 by a little; M. Fagerland et al. measured the same.
      expect(told).toBeLessThanOrEqual(5.5)
    },
  )

  test('five changes to none in 12 cases tell, where the exact test alone would not', () => {
    const cases = times(12, at => ({ caseId: String(at), left: [at < 5 ? 0 : 100], right: [100] }))
    const result = comparePaired(cases, OPTIONS)
    expect(result.p).toBeCloseTo(1 / 32, 9)
    expect(result).toMatchObject({ wins: 5, losses: 0, ties: 7, verdict: 'better' })
  })
})

describe('ties', () => {
  test.each([
    [0, 20],
    [50, 20],
    [100, 20],
    [77, 6],
  ])('all cases at %i on both sides, %i of them: a bound, not “0 to 0”', (score, n) => {
    const cases = times(n, at => ({ caseId: String(at), left: [score], right: [score] }))
    const { delta, low, high, verdict, why } = comparePaired(cases, OPTIONS)
    expect({ delta, verdict, why }).toEqual({ delta: 0, verdict: 'cannot-tell', why: 'all-equal' })
    expect(low).toBeLessThan(-5)
    expect(high).toBeGreaterThan(5)
    expect(low).toBe(-high)
    expect(high).toBeLessThanOrEqual(100)
    // Nothing bounds what a case without a score could be, but more of them do.
    const more = comparePaired(
      times(10 * n, at => ({ caseId: String(at), left: [score], right: [score] })),
      OPTIONS,
    )
    expect(more.high).toBeLessThan(high / 4)
  })

  test('nine in ten tie, and the others go either way: better in at most 5 of 100', () => {
    const mostly: Set = ({ uniform, normal }) => times(30, () => differing(uniform() < 0.9 ? 0 : 20 * normal()))
    expect(alarms(mostly).told).toBeLessThanOrEqual(MOST)
  })
})
