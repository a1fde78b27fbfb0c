import { expect, test } from 'vitest'
import { coalesce } from './coalesce.ts'

/** Lets everything that is ready to go on, go on. */
const settle = () => new Promise(resolve => setImmediate(resolve))

test('the first goes at once; what comes meanwhile goes together, after the pause', async () => {
  const rounds: string[][] = []
  const release: (() => void)[] = []
  const pauses: (() => void)[] = []
  const add = coalesce<string>(
    items => {
      rounds.push([...items])
      return new Promise<void>(resolve => release.push(resolve))
    },
    () => new Promise<void>(resolve => pauses.push(resolve)),
  )
  add(['a'])
  expect(rounds).toEqual([['a']])
  for (let time = 0; time < 1_000; time += 1) add(['b', 'c'])
  await settle()
  expect(rounds).toHaveLength(1)
  release.shift()?.()
  await settle()
  expect(rounds, 'still in the pause').toHaveLength(1)
  pauses.shift()?.()
  await settle()
  expect(rounds).toEqual([['a'], ['b', 'c']])
})

test('a failed round does not end it', async () => {
  const rounds: number[] = []
  const add = coalesce<number>(
    async items => {
      rounds.push(...items)
      throw new Error('lost')
    },
    async () => {},
  )
  add([1])
  await settle()
  add([2])
  await settle()
  expect(rounds).toEqual([1, 2])
})
