import { expect, test } from 'vitest'
import { type OneMachine, twoWithOneSkill } from './rounds-support.ts'

/** Until no promise is left that could go on by itself. */
const settled = async (): Promise<void> => {
  for (let i = 0; i < 50; i++) await new Promise<void>(resolve => setImmediate(resolve))
}

/** While the registry is being asked the second version is saved, which wakes the engine; then it says no, for ever. */
async function savedWhileRefused(ben: OneMachine, skillId: string, failure: object): Promise<void> {
  let saved: Promise<unknown> | undefined
  ben.fault = call => {
    if (call !== 'pushVersions') return undefined
    saved ??= ben.save(skillId, 'Third').then(() => ben.engine.wake('queued'))
    return saved.then(() => failure)
  }
  await ben.save(skillId, 'Second')
  ben.calls = []
  ben.engine.start()
  await settled()
}

/** Each begins with one. */
const rounds = (ben: OneMachine): number => ben.calls.filter(call => call === 'pull').length

test('what is queued while a login is refused does not ask again', async () => {
  const { ben, skillId } = await twoWithOneSkill()
  await savedWhileRefused(ben, skillId, { kind: 'denied', code: '28P01', message: 'password authentication failed' })
  expect(ben.engine.status()).toMatchObject({ state: 'attention' })
  expect(rounds(ben)).toBe(1)
  await ben.engine.stop()
})

test('what is queued while a try fails waits with it', async () => {
  const { ben, skillId } = await twoWithOneSkill()
  await savedWhileRefused(ben, skillId, { kind: 'retry', code: 'ECONNRESET', message: 'reset' })
  expect(ben.engine.status()).toMatchObject({ state: 'offline' })
  expect(rounds(ben)).toBe(1)
  expect(ben.timers.size).toBe(1)
  ben.fault = () => undefined
  ben.engine.wake('now')
  await settled()
  expect(await ben.history(skillId)).toEqual([
    ['Third', 3],
    ['Second', 2],
    ['First', 1],
  ])
  await ben.engine.stop()
})
