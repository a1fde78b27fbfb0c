import fc from 'fast-check'
import { expect, test } from 'vitest'
import { comparePaired, type PairedResult } from './compare-paired.ts'
import { benjaminiHochberg, holm, judgedTogether } from './correction.ts'

/** Y. Benjamini and Y. Hochberg (1995), §4.1: 15 comparisons of two treatments of infarction. */
const INFARCTION = [
  0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1,
]
const told = (ps: number[]) => ps.filter(p => p <= 0.05).length

test('of 15 comparisons Holm keeps three, Benjamini and Hochberg four, as published', () => {
  expect(told(holm(INFARCTION))).toBe(3)
  expect(told(benjaminiHochberg(INFARCTION))).toBe(4)
})

test('adjusted as by R, p.adjust', () => {
  const close = (ps: number[], expected: number[]) => {
    for (const [i, p] of ps.entries()) expect(p).toBeCloseTo(expected[i] ?? Number.NaN, 12)
  }
  close(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
  close(benjaminiHochberg([0.01, 0.04, 0.03, 0.005]), [0.02, 0.04, 0.04, 0.02])
})

test('never smaller, never above 1, in the same order of size; Holm never below Benjamini and Hochberg', () => {
  const ps = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 })
  fc.assert(
    fc.property(ps, list => {
      const [strict, mild] = [holm(list), benjaminiHochberg(list)]
      for (const [i, p] of list.entries()) {
        expect(strict[i]).toBeGreaterThanOrEqual((mild[i] ?? 2) * (1 - 1e-12))
        expect(mild[i]).toBeGreaterThanOrEqual(p * (1 - 1e-12))
        expect(strict[i]).toBeLessThanOrEqual(1)
        for (const [j, other] of list.entries()) if (p < other) expect(strict[i]).toBeLessThanOrEqual(strict[j] ?? -1)
      }
    }),
  )
})

test('refuses what is no probability', () => {
  expect(() => holm([0.1, Number.NaN])).toThrow(RangeError)
  expect(() => benjaminiHochberg([1.1])).toThrow(RangeError)
})

test('looked at together, a verdict that luck explains is withdrawn, and the others stay', () => {
  const wins = (n: number, of: number) =>
    comparePaired(Array.from({ length: of }, (_, i) => ({ caseId: `${i}`, left: [50], right: [i < n ? 60 + i : 50] })))
  const [sure, hardly, none]: PairedResult[] = [wins(20, 20), wins(6, 9), comparePaired([])]
  expect([sure?.verdict, hardly?.verdict, none?.why]).toEqual(['better', 'better', 'no-scores'])
  const together = judgedTogether([sure, hardly, hardly, none].filter(one => one !== undefined))
  expect(together.map(one => one.verdict)).toEqual(['better', 'cannot-tell', 'cannot-tell', 'cannot-tell'])
  expect(together.map(one => one.why)).toEqual([undefined, 'many-compared', 'many-compared', 'no-scores'])
  expect(together[1]?.p).toBeCloseTo(2 * (hardly?.p ?? 1), 12)
})
