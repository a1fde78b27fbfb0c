import { expect, test } from 'vitest'
import { teamInTest } from '../../test/support/team.ts'
import type { FoundSkill } from '../interchange/source.ts'
import { putBlob, sha256 } from '../library/blobs.ts'
import type { Library } from '../library/library.ts'
import { findSkill } from '../library/skills.ts'
import { findSpace } from '../library/spaces.ts'
import { listVersions } from '../library/versions.ts'
import { importSkill } from './import-skill.ts'

/** A history of so many commits, its content stored. */
function longHistory(library: Library, commits: number): FoundSkill {
  const versions = Array.from({ length: commits }, (_, n) => {
    const bytes = Buffer.from(`---\nname: long\ndescription: d\n---\n${n}`)
    const file = { path: 'SKILL.md', sha256: sha256(bytes), size: bytes.byteLength, executable: false }
    library.write(() => putBlob(library, file.sha256, bytes))
    const parents = n === 0 ? [] : [n - 1]
    return { manifest: [file], message: `${n}`, createdAt: n + 1, parents, sourceRef: `commit ${n}` }
  })
  return { origin: 'git:x:long', folderName: 'long', path: 'long', versions, deleted: false }
}

function importing(t: ReturnType<typeof teamInTest>, found: FoundSkill) {
  const userId = findSpace(t.library, t.personal)?.user_id ?? ''
  const describe = () => ({ name: 'long', description: 'd' })
  const target = { tenantId: t.personal, userId, describe, lastOfSlug: new Map<string, number>() }
  return importSkill(t.context, target, found)
}

test('a long history comes in steps; what an ended process left of it is gone on with the next time', async () => {
  await using t = teamInTest()
  const found = longHistory(t.library, 250)
  const steps = importing(t, found)
  expect(t.library.write(() => steps.next())).toEqual({ done: false, value: undefined })
  const skillId = t.library.get<{ id: string }>('SELECT id FROM skills WHERE slug = ?', 'long').id
  const there = listVersions(t.library, skillId)
  expect(there.length).toBeLessThan(250)
  expect(findSkill(t.library, skillId)?.draft_version_id).toBe(there[0]?.id)

  const again = importing(t, found)
  let step = t.library.write(() => again.next())
  while (!step.done) step = t.library.write(() => again.next())
  expect(step.value).toMatchObject({ skillId, versionsAdded: 250 - there.length, diverged: false })
  const all = listVersions(t.library, skillId)
  expect(all.map(version => version.message)).toEqual(Array.from({ length: 250 }, (_, n) => `${249 - n}`))
  expect(all.slice(0, -1).every((version, at) => version.parent_version_id === all[at + 1]?.id)).toBe(true)
  expect(findSkill(t.library, skillId)?.draft_version_id).toBe(all[0]?.id)
})

test('a version that its author saves meanwhile stays the newest', async () => {
  await using t = teamInTest()
  const steps = importing(t, longHistory(t.library, 150))
  t.library.write(() => steps.next())
  const skillId = t.library.get<{ id: string }>('SELECT id FROM skills WHERE slug = ?', 'long').id
  const content = { kind: 'text', text: '---\nname: long\ndescription: mine\n---\n' } as const
  const expected = (await t.api.workingCopies.get({ skillId })).files[0]?.sha256 ?? null
  await t.api.workingCopies.write({ skillId, path: 'SKILL.md', content, expected })
  const mine = await t.api.versions.save({ skillId, message: 'mine' })
  expect(t.library.write(() => steps.next())).toMatchObject({ done: true, value: { diverged: true } })
  expect(findSkill(t.library, skillId)?.draft_version_id).toBe(mine.id)
  expect(new Set(listVersions(t.library, skillId).map(version => version.version)).size).toBe(151)
})
