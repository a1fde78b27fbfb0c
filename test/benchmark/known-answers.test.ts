import { expect, test } from 'vitest'
import { field } from './field.ts'

/** Answers that are kept: within a limit, the ones that were of use last. */

const DAY = 86_400_000
/** About 300 kB, so that three answers are within a limit of 1 MB and four are not. */
const LONG = 'An answer of some length. '.repeat(11_700)

test('beyond the limit what was not used for longest goes; what is left is not asked again', async () => {
  let now = Date.UTC(2026, 10, 20)
  await using at = await field(() => ({ text: LONG }), { concurrency: 1, clock: () => now })
  expect((await at.api.settings.get()).answersMegabytes).toBe(512)
  await at.api.settings.set({ answersMegabytes: 1 })
  const ids = at.addCases(['One.', 'Two.', 'Three.', 'Four.'].map(prompt => ({ prompt })))
  const run = async (...places: number[]) => {
    const before = at.server.requests.length
    now += 2 * DAY
    const caseIds = places.map(place => ids[place] ?? '')
    expect(await at.run({ caseIds })).toMatchObject({ state: 'completed', failed: 0, done: places.length })
    return at.server.requests.slice(before).map(request => request.messages[0]?.text)
  }
  for (const place of [0, 1, 2]) expect(await run(place)).toHaveLength(1)
  // The first is used again, so the second is now the oldest.
  expect(await run(0)).toEqual([])
  expect(await run(3)).toEqual(['Four.'])
  const kept = await at.api.benchmarks.cache()
  expect(kept.answers).toBe(3)
  expect(kept.bytes).toBeLessThanOrEqual(1_000_000)
  expect(await at.api.benchmarks.plan(at.input({}))).toMatchObject({ cells: 4, cached: 3 })
  expect(await run(0, 2, 3)).toEqual([])
  expect(await run(1)).toEqual(['Two.'])
})

test('a smaller limit holds at once, and results keep their outputs', async () => {
  await using at = await field(() => ({ text: LONG }))
  at.addCases(['One.', 'Two.', 'Three.', 'Four.', 'Five.'].map(prompt => ({ prompt })))
  await at.run({})
  expect(await at.api.benchmarks.cache()).toMatchObject({ answers: 5 })
  await at.api.settings.set({ answersMegabytes: 1 })
  expect(await at.api.benchmarks.cache()).toMatchObject({ answers: 3 })
  const whole = at.rows('SELECT count(*) AS n FROM benchmark_results WHERE output_produced = ?', LONG)
  expect(whole[0]?.n).toBe(5)
  expect(await at.api.benchmarks.clearCache()).toEqual({ removed: 3 })
  expect(await at.api.benchmarks.cache()).toEqual({ answers: 0, bytes: 0 })
})

test('a run whose every answer is beyond the limit comes to its end all the same', async () => {
  await using at = await field(() => ({ text: LONG.repeat(4) }))
  await at.api.settings.set({ answersMegabytes: 1 })
  at.addCases(['One.', 'Two.'].map(prompt => ({ prompt })))
  expect(await at.run({})).toMatchObject({ state: 'completed', done: 2, failed: 0 })
  expect(await at.api.benchmarks.cache()).toEqual({ answers: 0, bytes: 0 })
})
