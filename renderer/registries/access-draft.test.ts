import { expect, test } from 'vitest'
import { accessOf, draftFor, EMPTY_ACCESS, missingIn } from './access-draft.ts'

test('what is missing is said field by field', () => {
  expect(Object.keys(missingIn(EMPTY_ACCESS)).sort()).toEqual([
    'accessKeyId',
    'bucket',
    'database',
    'endpoint',
    'secretAccessKey',
  ])
  const folder = { ...EMPTY_ACCESS, storage: 'folder', database: 'postgres://a@b/c' } as const
  expect(Object.keys(missingIn(folder))).toEqual(['folder'])
  expect(missingIn({ ...folder, folder: '/mnt/skills', ca: 'no certificate' })).toHaveProperty('ca')
  expect(missingIn({ ...folder, folder: '/mnt/skills', ca: '-----BEGIN CERTIFICATE-----\n…' })).toEqual({})
})

test('only the chosen storage goes along, without the spaces of a paste', () => {
  const draft = { ...EMPTY_ACCESS, database: ' postgres://a:b@c/d\n', folder: ' /mnt/skills ', bucket: 'left over' }
  expect(accessOf({ ...draft, storage: 'folder' })).toEqual({
    database: 'postgres://a:b@c/d',
    storage: { kind: 'folder', path: '/mnt/skills' },
  })
})

test('a registry in a folder needs only its owner’s login again', () => {
  expect(Object.keys(missingIn(draftFor('folder /mnt/team skills')))).toEqual(['database'])
  expect(draftFor('folder /mnt/team skills').folder).toBe('/mnt/team skills')
  expect(draftFor('bucket b at c')).toEqual(EMPTY_ACCESS)
})
