import { randomUUID } from 'node:crypto'
import { AsyncEntry } from '@napi-rs/keyring'
import { afterEach, describe, expect, test } from 'vitest'
import { systemKeychain } from './keychain.ts'

/** A store that is really there: the desktop's, or on Linux without one the kernel's, which has the same interface. */
async function storeHere(): Promise<'secret-service' | 'keyutils' | undefined> {
  if (process.platform !== 'linux') return 'secret-service'
  // The kernel’s refuses the first write of a session.
  for (const store of ['secret-service', 'keyutils', 'keyutils'] as const) {
    try {
      const entry = new AsyncEntry('whetstone-test', randomUUID(), { linux: { store } })
      await entry.setPassword('here')
      await entry.deletePassword()
      return store
    } catch {}
  }
  return undefined
}

const store = await storeHere()
const why = 'no keychain gives anything out here, not even the kernel’s'

describe.skipIf(store === undefined)(`a keychain of this computer (skipped where ${why})`, () => {
  const chain = systemKeychain(store)
  const account = randomUUID()
  afterEach(async () => void (await chain.delete(account)))

  test('keeps, replaces and forgets', async () => {
    expect(await chain.get(account)).toEqual({ kind: 'none' })
    expect(await chain.set(account, 'ünï “cøde”')).toEqual({ kind: 'kept' })
    expect(await chain.get(account)).toEqual({ kind: 'secret', value: 'ünï “cøde”' })
    await chain.set(account, '')
    expect(await chain.get(account)).toEqual({ kind: 'secret', value: '' })
    expect(await chain.delete(account)).toEqual({ kind: 'deleted' })
    expect(await chain.delete(account)).toEqual({ kind: 'deleted' })
    expect(await chain.get(account)).toEqual({ kind: 'none' })
  })

  test('a value longer than an entry may be lies in several, and none stays behind', async () => {
    const first = '𝄞é'.repeat(1_200)
    const second = 'x'.repeat(900)
    await chain.set(account, first)
    expect(await chain.get(account)).toEqual({ kind: 'secret', value: first })
    const entry = (name: string) => new AsyncEntry('whetstone', name, { linux: { store: store ?? 'keyutils' } })
    const [, id, count] = /^parts:(\w+):(\d+)$/.exec((await entry(account).getPassword()) ?? '') ?? []
    expect(Number(count)).toBeGreaterThan(3)
    expect(((await entry(`${account}#${id}.0`).getPassword()) ?? '').length).toBeLessThanOrEqual(1_000)
    await chain.set(account, second)
    expect(await chain.get(account)).toEqual({ kind: 'secret', value: second })
    for (let n = 0; n < Number(count); n++) expect(await entry(`${account}#${id}.${n}`).getPassword()).toBeNull()
  })
})

test.skipIf(process.platform !== 'linux' || store === 'secret-service')(
  'without a Secret Service there is no keychain (skipped where there is one)',
  async () => {
    const chain = systemKeychain()
    expect(await chain.set('account', 'value')).toEqual({ kind: 'absent' })
    expect(await chain.get('account')).toEqual({ kind: 'absent' })
  },
)
