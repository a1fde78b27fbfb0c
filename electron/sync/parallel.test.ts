import { expect, test } from 'vitest'
import { FIRST_AT_ONCE, inParallel, MOST_AT_ONCE } from './parallel.ts'

/** Work that ends when the test says so. */
function work() {
  const waiting: (() => void)[] = []
  let most = 0
  let running = 0
  return {
    begin: () =>
      new Promise<void>(resolve => {
        most = Math.max(most, ++running)
        waiting.push(() => {
          running -= 1
          resolve()
        })
      }),
    most: () => most,
    waiting,
  }
}
const turn = () => new Promise<void>(resolve => setImmediate(resolve))

test('begins with some and lets more in with each that went well, up to a limit', async () => {
  const { begin, most, waiting } = work()
  const done = inParallel(
    Array.from({ length: 3_000 }, (_, at) => at),
    async () => {
      await begin()
      return undefined
    },
  )
  await turn()
  expect(waiting.length).toBe(FIRST_AT_ONCE)
  for (let round = 0; round < 20; round++) {
    for (const end of waiting.splice(0)) end()
    await turn()
    if (round === 0) expect(waiting.length).toBe(2 * FIRST_AT_ONCE)
  }
  while (waiting.length > 0) {
    for (const end of waiting.splice(0)) end()
    await turn()
  }
  expect(await done).toBeUndefined()
  expect(most()).toBe(MOST_AT_ONCE)
})

test('an answer stops it: nothing new begins, and what is under way ends first', async () => {
  let begun = 0
  let ended = 0
  const stop = await inParallel(
    Array.from({ length: 500 }, (_, at) => at),
    async at => {
      begun += 1
      await turn()
      ended += 1
      return at === 3 ? 'full' : undefined
    },
  )
  expect(stop).toBe('full')
  expect(begun).toBeLessThan(500)
  expect(ended).toBe(begun)
})

test('what is large waits for room, and one that is larger than the room goes alone', async () => {
  let now = 0
  let most = 0
  let large = 0
  await inParallel(
    [10, 90, 500, 20, 70, 30],
    async size => {
      now += size
      if (size === 500) large = now
      else most = Math.max(most, now)
      await turn()
      now -= size
      return undefined
    },
    size => size,
    100,
  )
  expect(most).toBeLessThanOrEqual(100)
  expect(large).toBe(500)
})

test('nothing to do is done', async () => {
  expect(await inParallel([], async () => 'never')).toBeUndefined()
})
