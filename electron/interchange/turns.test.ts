import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { inTurns, takeTurns } from './turns.ts'

/** How often others had their turn while `work` lasted. */
async function turnsOfOthers(work: Promise<unknown>): Promise<number> {
  let turns = 0
  let done = false
  const counting = (async () => {
    while (!done) {
      await setImmediate()
      turns += 1
    }
  })()
  await work
  done = true
  await counting
  return turns
}

function* pieces(count: number): Generator<void, string, void> {
  for (let n = 0; n < count; n++) yield
  return 'done'
}

test('work whose turn is over lets the others have theirs before it goes on', async () => {
  expect(await turnsOfOthers(inTurns(pieces(20), takeTurns(0)))).toBeGreaterThanOrEqual(20)
})

test('work that ends within its turn is done at once', async () => {
  expect(await turnsOfOthers(inTurns(pieces(20), takeTurns(60_000)))).toBeLessThanOrEqual(1)
})

test('what the last piece answers is the answer, and what one throws is thrown', async () => {
  expect(await inTurns(pieces(3))).toBe('done')
  function* failing(): Generator<void, never, void> {
    yield
    throw new Error('no')
  }
  await expect(inTurns(failing())).rejects.toThrow('no')
})
