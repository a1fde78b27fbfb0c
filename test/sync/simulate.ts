import { expect, test } from 'vitest'
import { runHistory } from './history.ts'
import { planOf } from './plan.ts'

/** Enough to see what they have in common. */
const MOST_FAILED = 5

/** Lets the histories of so many seeds happen, and holds each to what must be true at its end. */
export function testHistories(first: number, count: number): void {
  test(`${count} of them end, lose nothing, do nothing twice, and leave all computers equal to the registry`, async () => {
    const sums = { events: 0, crashes: 0, versions: 0 }
    const failed: string[] = []
    for (let seed = first; seed < first + count && failed.length < MOST_FAILED; seed++) {
      const { wrong, events, crashes, versions } = await runHistory(planOf(seed))
      if (wrong.length > 0)
        failed.push(`seed ${seed}: ${wrong.slice(0, 3).join('; ')} (npm run fuzz -- --seed ${seed} --trace)`)
      sums.events += events
      sums.crashes += crashes
      sums.versions += versions
    }
    expect(failed).toEqual([])
    // It was not all quiet.
    expect(sums.events).toBeGreaterThan(count * 100)
    expect(sums.crashes).toBeGreaterThan(count)
    expect(sums.versions).toBeGreaterThan(count * 3)
  }, 1_200_000)
}
