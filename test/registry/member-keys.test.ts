import { afterAll, beforeAll, expect, test } from 'vitest'
import { examineStorage } from '../../electron/registry/doctor-storage.ts'
import { carriesOwnersKey, storageFor } from '../../electron/registry/keep.ts'
import { type TestR2, testR2 } from '../support/r2.ts'

/** Keys of a bucket by role: who gets which, and what the doctor says of them. */
let r2: TestR2
beforeAll(async () => {
  r2 = await testR2()
})
afterAll(() => r2[Symbol.asyncDispose]())

const bucket = () => {
  const [settings] = r2.settings
  if (!settings) throw new Error('no bucket')
  return { kind: 'r2', ...settings } as const
}
const reader = { accessKeyId: 'reads', secretAccessKey: 'r'.repeat(32) }
const writer = { accessKeyId: 'writes', secretAccessKey: 'w'.repeat(32) }

test('a reader’s invite carries the readers’ key, an author’s and an admin’s the writers’, and without them the owner’s is named', () => {
  const storage = bucket()
  expect(storageFor({ storage, keys: { reader, writer } }, 'reader')).toEqual({ ...storage, ...reader })
  for (const role of ['author', 'admin'] as const)
    expect(storageFor({ storage, keys: { reader, writer } }, role)).toEqual({ ...storage, ...writer })
  for (const role of ['reader', 'author', 'admin'] as const) {
    expect(storageFor({ storage }, role)).toEqual(storage)
    expect(carriesOwnersKey({ storage }, role)).toBe(true)
    expect(carriesOwnersKey({ storage, keys: { reader, writer } }, role)).toBe(false)
    expect(
      carriesOwnersKey({ storage: { kind: 'folder', path: '/team' }, keys: { reader, writer } }, role),
    ).toBeUndefined()
  }
  expect(carriesOwnersKey({ storage, keys: { reader } }, 'author')).toBe(true)
})

test('the doctor deletes an object of its own with each key that members hold, and says which deletes or writes', async () => {
  const owner = bucket()
  const states = async (key: { accessKeyId: string; secretAccessKey: string }) => {
    const settings = { ...owner, ...key }
    const findings = await examineStorage(owner, [
      { of: 'readers', settings, writes: false },
      { of: 'authors and admins', settings, writes: true },
    ])
    return Object.fromEntries(
      findings.filter(one => /readers|authors/.test(one.id)).map(one => [one.id, one.state] as const),
    )
  }
  expect(await states(owner)).toEqual({
    'storage-delete-readers': 'advice',
    'storage-write-readers': 'advice',
    'storage-delete-authors': 'advice',
  })
  // The simulator knows one key; one that it refuses stands for one that may not.
  expect(await states({ accessKeyId: owner.accessKeyId, secretAccessKey: '0'.repeat(64) })).toEqual({
    'storage-delete-readers': 'pass',
    'storage-write-readers': 'pass',
    'storage-delete-authors': 'pass',
  })
})
