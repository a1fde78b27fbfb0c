import { expect, test } from 'vitest'
import { saySpent } from './spent.ts'

test('what was spent, and that it is not all where a model has no price', () => {
  const of = (spentMicrocents: number, unpriced: number, budgetMicrocents: number | null = null) =>
    saySpent({ spentMicrocents, unpriced, budgetMicrocents })
  expect(of(12_000_000, 0)).toBe('12.00¢ spent')
  expect(of(0, 0)).toBe('0¢ spent')
  expect(of(12_000_000, 0, 100_000_000)).toBe('12.00¢ spent of $1.00')
  expect(of(12_000_000, 4, 100_000_000)).toBe('at least 12.00¢ spent of $1.00; 4 cells have no known price')
  expect(of(0, 1)).toBe('what was spent is not known: 1 cell has no known price')
})
