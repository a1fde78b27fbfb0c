import { describe, expect, test } from 'vitest'
import { runHistory } from './history.ts'
import { planOf } from './plan.ts'
import { testHistories } from './simulate.ts'

/** Half of the 2,000 that `npm test` has time for; `npm run fuzz` goes on from there, and planted mistakes ask for fewer. */
describe('any history of several computers and one registry', () => {
  test('the same seed is the same history, line by line', async () => {
    for (let seed = 1; seed <= 25; seed++) {
      const [once, again] = [await runHistory(planOf(seed)), await runHistory(planOf(seed))]
      expect(again.hash, `seed ${seed}`).toBe(once.hash)
    }
    expect((await runHistory(planOf(1))).hash).not.toBe((await runHistory(planOf(2))).hash)
  })

  testHistories(1_000_000, Number(process.env.WHETSTONE_HISTORIES ?? 1_000))
})
