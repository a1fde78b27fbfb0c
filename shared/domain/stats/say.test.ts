import { expect, test } from 'vitest'
import { comparePaired, type PairedResult } from './compare-paired.ts'
import { compareUnpaired, type UnpairedResult } from './compare-unpaired.ts'
import { sayPaired, sayUnpaired } from './say.ts'

const paired = (some: Partial<PairedResult>): PairedResult => ({ ...comparePaired([]), why: undefined, ...some })
const unpaired = (some: Partial<UnpairedResult>): UnpairedResult => ({
  ...compareUnpaired([], []),
  why: undefined,
  ...some,
})
const points = { unit: 'points' } as const

test('better and worse, with figures', () => {
  const figures = { delta: 6.14, low: 2.04, high: 10.36, wins: 14, losses: 3, ties: 23 }
  expect(sayPaired(paired({ verdict: 'better', ...figures }), points)).toBe(
    'better: +6.1 points (95%: 2.0 to 10.4), 14 won, 3 lost, 23 tied',
  )
  expect(
    sayPaired(paired({ verdict: 'worse', delta: -6, low: -9, high: -3, wins: 1, losses: 9, ties: 0 }), points),
  ).toBe('worse: −6.0 points (95%: −9.0 to −3.0), 1 won, 9 lost, 0 tied')
})

const open = { cases: 15, delta: 2.1, low: -1, high: 5.2, wins: 9, losses: 6, why: 'interval-includes-zero' } as const

test.each([
  [1, 'about 1 more case'],
  [9, 'about 9 more cases'],
  [17, 'about 20 more cases'],
  [20, 'about 20 more cases'],
  [140, 'about 150 more cases'],
])('cannot tell yet, %i more: a rough figure looks rough', (moreCases, words) => {
  expect(sayPaired(paired({ ...open, moreCases }), points)).toBe(
    `cannot tell yet: +2.1 points (95%: −1.0 to 5.2), 9 won, 6 lost, 0 tied; ${words} would tell`,
  )
})

test('cannot tell, and why', () => {
  expect(sayPaired(paired(open), points)).toContain('; so small a difference would take over 1,000 cases more')
  expect(sayPaired(comparePaired([]), points)).toBe('cannot tell: no case has a score on both sides')
  expect(sayPaired(paired({ why: 'too-few-cases', cases: 1 }), points)).toBe(
    'cannot tell: 1 case is too few, at least 6 are needed',
  )
  expect(sayPaired(paired({ why: 'too-few-cases', cases: 5 }), points)).toBe(
    'cannot tell: 5 cases are too few, at least 6 are needed',
  )
  expect(sayPaired(paired({ why: 'all-equal', cases: 20 }), points)).toBe(
    'no difference seen: the same on all 20 cases',
  )
  expect(sayPaired(paired({ why: 'all-equal', cases: 20, low: -13.9, high: 13.9 }), points)).toBe(
    'no difference seen: the same on all 20 cases (95%: −13.9 to 13.9)',
  )
  expect(sayPaired(paired({ why: 'too-few-clusters', cases: 20, clusters: 4 }), points)).toBe(
    'cannot tell: the 20 cases come from 4 sources, at least 6 are needed',
  )
  expect(sayPaired(paired({ ...open, why: 'too-few-differ', moreCases: 40 }), points)).toBe(
    'cannot tell yet: +2.1 points (95%: −1.0 to 5.2), 9 won, 6 lost, 0 tied; too few cases differ; about 40 more cases would tell',
  )
  expect(sayPaired(paired({ ...open, why: 'many-compared' }), points)).toMatch(/^cannot tell: .* by chance$/)
})

test('a bound that is not zero does not read as zero, nor as minus zero', () => {
  const near = paired({ verdict: 'better', delta: 3, low: 0.04, high: 6 })
  expect(sayPaired(near, points)).toContain('+3.00 points (95%: 0.04 to 6.00)')
  expect(sayPaired(paired({ ...open, low: -0.0001 }), points)).not.toContain('−0.0 ')
  expect(sayPaired(paired({ ...open, delta: 0, low: 0, high: 0 }), points)).toContain('±0.0 points (95%: 0.0 to 0.0)')
})

test.each([
  ['stars', { delta: 0.4, low: 0.1, high: 0.7 }, '+0.4 stars (95%: 0.1 to 0.7)'],
  ['ms', { delta: -120, low: -200, high: -40 }, '−120 ms (95%: −200 to −40)'],
  ['ms', { delta: -1_200, low: -2_000, high: -400 }, '−1.2 s (95%: −2.0 to −0.4)'],
  ['cost', { delta: -50_000, low: -90_000, high: -10_000 }, '−0.050¢ (95%: −0.090 to −0.010)'],
  ['cost', { delta: 410_000, low: 100_000, high: 900_000 }, '+0.41¢ (95%: 0.10 to 0.90)'],
  ['cost', { delta: 120_000_000, low: 50_000_000, high: 190_000_000 }, '+$1.20 (95%: $0.50 to $1.90)'],
  ['cost', { delta: -3_100, low: -5_000, high: -1_200 }, '−0.0031¢ (95%: −0.0050 to −0.0012)'],
] as const)('%s: %j', (unit, figures, words) => {
  expect(sayUnpaired(unpaired({ verdict: 'better', ...figures }), { unit })).toBe(`better: ${words}`)
})

test.each([
  [0.88, ', 12% less'],
  [1.256, ', 26% more'],
  [1.004, ', <1% more'],
  [2.44, ', 2.4 times as much'],
  [1, ''],
])('a ratio of %d is said as "%s"', (value, words) => {
  const result = unpaired({ verdict: 'worse', delta: 50, low: 20, high: 80, ratio: { value, low: value, high: value } })
  expect(sayUnpaired(result, { unit: 'ms' })).toBe(`worse: +50 ms (95%: 20 to 80)${words}`)
  expect(sayUnpaired(result, { unit: 'stars' })).not.toContain('%,')
})

test('of two groups: why nothing can be told', () => {
  expect(sayUnpaired(compareUnpaired([], [1]), { unit: 'ms' })).toBe('cannot tell: not measured on both sides')
  expect(sayUnpaired(compareUnpaired([1], [2]), { unit: 'ms' })).toBe('cannot tell: too few were measured')
  expect(sayUnpaired(compareUnpaired([4, 4, 4, 4], [4, 4, 4, 4]), { unit: 'stars' })).toBe(
    'no difference seen: all the same',
  )
  expect(sayUnpaired(compareUnpaired([1, 2, 3, 4], [2, 3, 4, 4]), { unit: 'stars' })).toMatch(
    /^cannot tell yet: \+0\.75? stars|^cannot tell yet: \+0\.8 stars/,
  )
})
