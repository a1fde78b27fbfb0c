import { expect, test } from 'vitest'
import { listMissingContent } from '../../electron/library/missing-content.ts'
import { twoWithOneSkill } from './rounds-support.ts'

test('what a store hands over as found is hashed here once more: other bytes are not kept, and told', async () => {
  const { ben, cleo, skillId } = await twoWithOneSkill()
  await ben.save(skillId, 'Second')
  expect(await ben.round()).toEqual({ kind: 'done' })
  // Of the files: what is no manifest is told from one in another way.
  const manifests = ben.library.all<{ content_hash: string }>('SELECT content_hash FROM skill_versions')
  const isManifest = (hash: unknown) => manifests.some(row => row.content_hash === hash)
  const other = { kind: 'found', bytes: Buffer.from('other bytes') }
  cleo.fault = (call, [hash]) => (call === 'get' && !isManifest(hash) ? other : undefined)
  expect(await cleo.round()).toEqual({ kind: 'done' })
  expect(await cleo.history(skillId)).toEqual([
    ['Second', 2],
    ['First', 1],
  ])
  expect(cleo.conflicts()).toContain('damaged')
  expect([...listMissingContent(cleo.library)]).toHaveLength(1)
  expect(cleo.library.all('SELECT 1 FROM blobs WHERE CAST(bytes AS TEXT) = ?', 'other bytes')).toEqual([])

  cleo.fault = () => undefined
  cleo.office.now += 3_600_000
  await cleo.round()
  expect([...listMissingContent(cleo.library)]).toEqual([])
})
