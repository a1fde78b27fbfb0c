import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MISTAKES } from './mutations/mistakes.ts'
import { Scratch } from './mutations/plant.ts'

/** A sample of `npm run mutations`, which plants all of them: whether planting works, and these few are seen. */
describe('a planted mistake turns its suite red', () => {
  let scratch: Scratch
  beforeAll(() => {
    scratch = new Scratch()
  })
  afterAll(() => scratch.remove())

  for (const mistake of MISTAKES.filter(({ quick }) => quick === true))
    test(mistake.name, async () => {
      expect(await scratch.plant(mistake)).toMatchObject({ kind: 'caught' })
    })

  test('without one it is green', async () => {
    expect(await scratch.run({ file: 'test/sync/listening.test.ts' })).toMatchObject({ kind: 'survived' })
  })

  test('a patch that fits nowhere is said so', async () => {
    const edits = [{ file: 'shared/domain/merge.ts', find: 'no such text', replace: '' }]
    expect(await scratch.plant({ name: 'x', edits, suite: { file: 'x' } })).toMatchObject({ kind: 'stale' })
  })

  test('there are at least 20', () => {
    expect(MISTAKES.length).toBeGreaterThanOrEqual(20)
    expect(new Set(MISTAKES.map(({ name }) => name)).size).toBe(MISTAKES.length)
  })
})
