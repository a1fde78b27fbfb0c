import fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../test/support/temporary.ts'
import { type Keychain, noKeychain, openSecrets } from './secrets.ts'

let dataDir = ''
beforeEach(() => {
  dataDir = temporaryFolder()
})
afterEach(() => fs.rmSync(dataDir, { recursive: true, force: true }))

const fileOf = () => path.join(dataDir, 'secrets.json')
const REFUSED = { kind: 'refused', reason: 'It is locked.' } as const

/** The system's part, in memory: it can be locked, and it can be gone. */
function keychain() {
  const held = new Map<string, string>()
  const system = {
    state: 'open' as 'open' | 'locked' | 'absent',
    asked: 0,
    held,
  }
  const ask = <Answer>(answer: () => Answer) => {
    system.asked++
    if (system.state === 'locked') return REFUSED
    return system.state === 'absent' ? ({ kind: 'absent' } as const) : answer()
  }
  const chain: Keychain = {
    get: async account =>
      ask(() => {
        const value = held.get(account)
        return value === undefined ? ({ kind: 'none' } as const) : ({ kind: 'secret', value } as const)
      }),
    set: async (account, value) =>
      ask(() => {
        held.set(account, value)
        return { kind: 'kept' } as const
      }),
    delete: async account =>
      ask(() => {
        held.delete(account)
        return { kind: 'deleted' } as const
      }),
  }
  return { ...system, system, chain }
}

describe('without a keychain', () => {
  test('secrets lie in a file that only this user can read, and come back', async () => {
    const secrets = openSecrets({ dataDir, keychain: noKeychain })
    expect(await secrets.get('team')).toEqual({ kind: 'none' })
    expect(await secrets.set('team', 'p4ss → “wörd”\n')).toEqual({ kind: 'kept', where: 'file' })
    const again = openSecrets({ dataDir, keychain: noKeychain })
    expect(await again.get('team')).toEqual({ kind: 'secret', value: 'p4ss → “wörd”\n' })
    if (process.platform !== 'win32') expect(fs.statSync(fileOf()).mode & 0o777).toBe(0o600)
    expect(fs.readdirSync(dataDir)).toEqual(['secrets.json'])

    await again.delete('team')
    expect(await secrets.get('team')).toEqual({ kind: 'none' })
    expect(fs.readFileSync(fileOf(), 'utf8')).not.toContain('p4ss')
  })

  test('many at once all arrive', async () => {
    const secrets = openSecrets({ dataDir, keychain: noKeychain })
    await Promise.all(Array.from({ length: 20 }, (_, n) => secrets.set(`team ${n}`, `secret ${n}`)))
    for (let n = 0; n < 20; n++)
      expect(await secrets.get(`team ${n}`)).toEqual({ kind: 'secret', value: `secret ${n}` })
  })

  test('a file that cannot be understood is refused and left as it is', async () => {
    fs.writeFileSync(fileOf(), '{"format":1,')
    const secrets = openSecrets({ dataDir, keychain: noKeychain })
    expect((await secrets.get('team')).kind).toBe('refused')
    expect((await secrets.set('team', 'x')).kind).toBe('refused')
    await secrets.delete('team')
    expect(fs.readFileSync(fileOf(), 'utf8')).toBe('{"format":1,')
  })

  test('a folder that cannot be written is said, and the old value stays', async () => {
    const nowhere = path.join(dataDir, 'gone')
    const answer = await openSecrets({ dataDir: nowhere, keychain: noKeychain }).set('team', 'x')
    expect(answer).toMatchObject({ kind: 'refused', reason: expect.stringContaining('ENOENT') })
  })
})

describe('with a keychain', () => {
  test('values are there alone, and two libraries do not mix', async () => {
    const { chain, held } = keychain()
    const other = temporaryFolder()
    const mine = openSecrets({ dataDir, keychain: chain })
    const theirs = openSecrets({ dataDir: other, keychain: chain })
    expect(await mine.set('team', 'mine')).toEqual({ kind: 'kept', where: 'keychain' })
    await theirs.set('team', 'theirs')
    expect(await mine.get('team')).toEqual({ kind: 'secret', value: 'mine' })
    expect(await theirs.get('team')).toEqual({ kind: 'secret', value: 'theirs' })
    expect(fs.readFileSync(fileOf(), 'utf8')).not.toContain('mine')
    await theirs.delete('team')
    expect([...held.values()]).toEqual(['mine'])
    fs.rmSync(other, { recursive: true })
  })

  test('it is not asked for what was never kept in it', async () => {
    const { chain, system } = keychain()
    expect(await openSecrets({ dataDir, keychain: chain }).get('team')).toEqual({ kind: 'none' })
    expect(system.asked).toBe(0)
  })

  test('locked is refused, and nothing falls into the file', async () => {
    const { chain, system } = keychain()
    const secrets = openSecrets({ dataDir, keychain: chain })
    await secrets.set('team', 'before')
    system.state = 'locked'
    expect(await secrets.get('team')).toEqual(REFUSED)
    expect(await secrets.set('team', 'after')).toEqual(REFUSED)
    expect(await secrets.set('another', 'after')).toEqual(REFUSED)
    expect(fs.readFileSync(fileOf(), 'utf8')).not.toContain('after')
    system.state = 'open'
    expect(await secrets.get('team')).toEqual({ kind: 'secret', value: 'before' })
  })

  test('gone after something was kept in it, it is refused too; gone when it holds nothing, the file serves', async () => {
    const { chain, system } = keychain()
    const secrets = openSecrets({ dataDir, keychain: chain })
    await secrets.set('team', 'before')
    system.state = 'absent'
    expect((await secrets.get('team')).kind).toBe('refused')
    expect((await secrets.set('another', 'after')).kind).toBe('refused')
    await secrets.delete('team')
    expect(await secrets.set('another', 'after')).toEqual({ kind: 'kept', where: 'file' })
  })

  test('what is deleted while it is locked is gone for us, and from the keychain once it is open', async () => {
    const { chain, system, held } = keychain()
    const secrets = openSecrets({ dataDir, keychain: chain })
    await secrets.set('team', 'before')
    system.state = 'locked'
    await secrets.delete('team')
    expect(await secrets.get('team')).toEqual({ kind: 'none' })
    system.state = 'open'
    await secrets.set('another', 'x')
    expect([...held.values()]).toEqual(['x'])
  })

  test('what lay in the file moves over when it is set again', async () => {
    const { chain, system } = keychain()
    system.state = 'absent'
    const secrets = openSecrets({ dataDir, keychain: chain })
    expect(await secrets.set('team', 'lay in the file')).toEqual({ kind: 'kept', where: 'file' })
    system.state = 'open'
    expect(await secrets.get('team')).toEqual({ kind: 'secret', value: 'lay in the file' })
    expect(await secrets.set('team', 'lay in the file')).toEqual({ kind: 'kept', where: 'keychain' })
    expect(fs.readFileSync(fileOf(), 'utf8')).not.toContain('lay in the file')
  })
})
