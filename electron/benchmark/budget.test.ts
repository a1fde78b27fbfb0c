import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Budget } from './budget.ts'

test('however many ask at once and whatever answers cost, up to their most, the ceiling holds', async () => {
  const request = fc.record({
    most: fc.integer({ min: 0, max: 300 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    turns: fc.integer({ min: 0, max: 5 }),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(request, { maxLength: 40 }),
      fc.integer({ min: 0, max: 1_000 }),
      fc.integer({ min: 0, max: 500 }),
      async (requests, ceiling, before) => {
        const budget = new Budget(ceiling, before)
        let paid = 0
        let refused = 0
        await Promise.all(
          requests.map(async ({ most, share, turns }) => {
            if (!(await budget.setAside(most))) {
              refused += 1
              return
            }
            expect(budget.spent + budget.inFlight).toBeLessThanOrEqual(Math.max(ceiling, before))
            for (let turn = 0; turn < turns; turn++) await Promise.resolve()
            const cost = Math.floor(most * share)
            paid += cost
            budget.settle(most, cost)
          }),
        )
        expect(budget.inFlight).toBe(0)
        expect(budget.spent).toBe(before + paid)
        expect(budget.stopped).toBe(refused > 0)
      },
    ),
  )
})

test('without a ceiling nothing is refused; an unknown cost counts as the most', async () => {
  const budget = new Budget(null, 0)
  expect(await budget.setAside(1e12)).toBe(true)
  budget.settle(1e12, null)
  expect(budget.spent).toBe(1e12)
})
