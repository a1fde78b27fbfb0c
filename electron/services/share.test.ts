import { describe, expect, test } from 'vitest'
import { codeOf } from '../../test/support/code-of.ts'
import { type TeamInTest, teamInTest } from '../../test/support/team.ts'
import { putBlob } from '../library/blobs.ts'
import { findVersion } from '../library/versions.ts'

const author = (t: TeamInTest) =>
  t.library.get<{ user_id: string }>("SELECT user_id FROM spaces WHERE kind = 'personal'").user_id

/** base → left, base → right, and a merge of both, in Personal. */
async function personal(t: TeamInTest) {
  const skillId = t.skill('forms', author(t), t.personal)
  const save = async (message: string, baseId: string | null) => {
    const text = `---\nname: forms\ndescription: d\n---\n${message}\n`
    await t.api.workingCopies.put({ skillId, baseId, files: [] })
    await t.api.workingCopies.write({ skillId, path: 'SKILL.md', content: { kind: 'text', text }, expected: null })
    return (await t.api.versions.save({ skillId, message })).id
  }
  const base = await save('base', null)
  const left = await save('left', base)
  const right = await save('right', base)
  return { skillId, base, left, right }
}

describe('sharing a skill', () => {
  test('copies its lineage into the team, content by hash, in one transaction with what is queued', async () => {
    await using t = teamInTest()
    const { skillId, base, right } = await personal(t)
    const blobs = t.library.get<{ n: number }>('SELECT count(*) AS n FROM blobs').n
    const shared = await t.api.sync.share({ skillId, tenantId: t.tenantId })
    expect(shared.versions).toBe(3)
    expect(t.library.get<{ n: number }>('SELECT count(*) AS n FROM blobs').n).toBe(blobs)
    expect(t.queued()).toEqual(['skill insert', 'version insert', 'version insert', 'version insert'])
    const copies = await t.api.versions.list({ skillId: shared.skillId })
    const of = (message: string) => copies.find(copy => copy.message === message)
    expect(copies.every(copy => copy.number === null && copy.mine && copy.skillId === shared.skillId)).toBe(true)
    expect(of('left')?.parentId).toBe(of('base')?.id)
    expect(of('right')?.parentId).toBe(of('base')?.id)
    // Its date there is the team's; the original's is kept, as what its author says.
    const original = findVersion(t.library, base)
    expect(of('base')?.claimed).toEqual({ author: null, createdAt: original?.created_at })
    expect(t.library.find('SELECT 1 FROM skill_versions WHERE instr(metadata, ?)', base)).toBeUndefined()
    expect(JSON.parse(findVersion(t.library, of('base')?.id ?? '')?.metadata ?? '')).toEqual({
      copyOf: { of: expect.stringMatching(/^[0-9a-f]{64}$/), createdAt: original?.created_at },
    })
    const skill = await t.api.skills.get({ id: shared.skillId })
    expect(skill).toMatchObject({ slug: 'forms', status: 'draft', published: null, newest: { id: of('right')?.id } })
    expect(skill.forkedFrom).toMatchObject({ skillId, versionId: right })
    // The original is as it was.
    expect(await t.api.versions.list({ skillId })).toHaveLength(3)
  })

  test('a name that is taken asks, and another one is taken', async () => {
    await using t = teamInTest()
    const { skillId } = await personal(t)
    const other = t.skill('forms')
    expect(await codeOf(t.api.sync.share({ skillId, tenantId: t.tenantId }))).toBe('SLUG_TAKEN')
    expect(t.queued()).toEqual([])
    const shared = await t.api.sync.share({ skillId, tenantId: t.tenantId, slug: 'forms-2' })
    expect(shared.skillId).not.toBe(other)
    expect(await t.api.skills.get({ id: shared.skillId })).toMatchObject({ slug: 'forms-2' })
  })

  test('a reader cannot, and a skill without a version has nothing to share', async () => {
    await using t = teamInTest()
    const empty = t.skill('empty', author(t), t.personal)
    expect(await codeOf(t.api.sync.share({ skillId: empty, tenantId: t.tenantId }))).toBe('NOTHING_TO_SHARE')
    const { skillId } = await personal(t)
    t.library.run("UPDATE users SET role = 'reader' WHERE id = ?", t.me)
    expect(await codeOf(t.api.sync.share({ skillId, tenantId: t.tenantId }))).toBe('READ_ONLY')
    expect(t.queued()).toEqual([])
  })

  test('to Personal the other way: numbered there, with the names of who made what', async () => {
    await using t = teamInTest()
    const skillId = t.skill('forms')
    const v1 = t.arrive(skillId, 1, t.grace, 'hers', null)
    t.arrive(skillId, 2, t.me, 'mine', v1)
    const copy = await t.api.sync.share({ skillId, tenantId: t.personal })
    expect(await t.api.versions.list({ skillId: copy.skillId })).toMatchObject([
      { message: 'mine', number: 2, mine: true },
      { message: 'hers', number: 1, mine: false, author: { name: 'Grace' } },
    ])
    expect(t.queued(t.personal)).toEqual([])
  })
})

test('a reader is refused at once and in words; rating is theirs', async () => {
  await using t = teamInTest()
  const skillId = t.skill('forms')
  const v1 = t.arrive(skillId, 1, t.me, 'x', null)
  t.arrive(skillId, 2, t.me, 'left', v1)
  t.arrive(skillId, 3, t.grace, 'right', v1)
  expect(await t.api.sync.conflicts({ tenantId: t.tenantId })).toHaveLength(1)
  t.library.run("UPDATE users SET role = 'reader' WHERE id = ?", t.me)
  const file = { path: 'SKILL.md', content: { kind: 'text', text: 'y' }, expected: null } as const
  const tries = [
    t.api.skills.create({ tenantId: t.tenantId, slug: 'new' }),
    t.api.skills.archive({ id: skillId, archived: true }),
    t.api.skills.describe({ id: skillId, category: null, tags: ['x'] }),
    t.api.versions.restore({ id: v1 }),
    t.api.versions.publish({ skillId, versionId: v1, expected: null }),
    t.api.workingCopies.write({ skillId, ...file }),
    t.api.workingCopies.put({ skillId, baseId: v1, files: [] }),
  ]
  expect(await Promise.all(tries.map(codeOf))).toEqual(tries.map(() => 'READ_ONLY'))
  expect(t.queued()).toEqual([])
  expect(await t.api.sync.conflicts({ tenantId: t.tenantId })).toEqual([])
  expect(await t.api.sync.status()).toMatchObject([{ needsYou: 0 }])
  await t.api.ratings.rate({ versionId: v1, rating: 3, comment: null, hoursSaved: null })
  expect(t.queued()).toEqual(['rating insert'])
})

describe('content that is elsewhere', () => {
  test('is brought before a copy is made, and when a version is asked for', async () => {
    const store = new Map<string, Buffer>()
    let t: TeamInTest
    const fetched: string[][] = []
    const said: unknown[] = []
    await using team = teamInTest(() => ({
      fetch: async (_tenantId, hashes) => {
        fetched.push([...hashes])
        said.push(...(await t.api.sync.bringing()))
        const missing = hashes.filter(hash => !store.has(hash))
        for (const hash of hashes) {
          const bytes = store.get(hash)
          if (bytes) putBlob(t.library, hash, bytes)
        }
        return missing.length === 0 ? { kind: 'here' } : { kind: 'missing', hashes: missing }
      },
    }))
    t = team
    const skillId = t.skill('forms')
    const v1 = t.arrive(skillId, 1, t.grace, 'hers', null)
    const away = () => {
      for (const row of t.library.all<{ sha256: string; bytes: Buffer }>('SELECT * FROM blobs')) {
        store.set(row.sha256, row.bytes)
        t.library.run('DELETE FROM blobs WHERE sha256 = ?', row.sha256)
      }
    }
    const marked = async () => (await t.api.versions.list({ skillId })).map(row => row.elsewhere)
    expect(await marked()).toEqual([undefined])
    away()
    expect(await marked()).toEqual([true])
    expect(await codeOf(t.api.versions.get({ id: v1 }))).toBe('CONTENT_ELSEWHERE')
    expect(await t.api.sync.fetchContent({ versionId: v1 })).toEqual({ files: 2 })
    expect(fetched.map(hashes => hashes.length)).toEqual([1, 1])
    // How far it is can be asked while it comes: before the manifest is here, nobody knows how much there is.
    expect(said).toEqual([{ versionId: v1, done: 0, total: 36 }])
    expect([await t.api.sync.bringing(), await marked()]).toEqual([[], [undefined]])
    expect((await t.api.versions.get({ id: v1 })).files).toHaveLength(1)
    // Once it is here nobody is asked.
    expect(await t.api.sync.fetchContent({ versionId: v1 })).toEqual({ files: 0 })
    expect(fetched).toHaveLength(2)
    away()
    const copy = await t.api.sync.share({ skillId, tenantId: t.personal })
    const [version] = await t.api.versions.list({ skillId: copy.skillId })
    expect((await t.api.versions.get({ id: version?.id ?? '' })).files).toHaveLength(1)
    away()
    store.clear()
    expect(await codeOf(t.api.sync.fetchContent({ versionId: v1 }))).toBe('SYNC_PROBLEM')
    expect(await codeOf(t.api.sync.share({ skillId, tenantId: t.personal, slug: 'x' }))).toBe('SYNC_PROBLEM')
  })
})

describe('leaving a team', () => {
  test('says what only this computer had, and keeps or removes the copy', async () => {
    const left: string[] = []
    await using t = teamInTest(() => ({
      leave: async tenantId => {
        left.push(tenantId)
      },
    }))
    const skillId = t.skill('forms')
    const v1 = t.arrive(skillId, 1, t.grace, 'hers', null)
    await t.api.ratings.rate({ versionId: v1, rating: 5, comment: null, hoursSaved: 0 })
    const [file] = (await t.api.workingCopies.get({ skillId })).files
    await t.api.workingCopies.write({
      ...{ skillId, path: 'SKILL.md', content: { kind: 'text', text: 'x' }, expected: file?.sha256 ?? null },
    })
    expect(await t.api.sync.status()).toMatchObject([{ unsent: 1, edited: 1, notify: true }])
    expect(await t.api.sync.leave({ tenantId: t.tenantId, copy: 'keep' })).toEqual({ unsent: 1 })
    expect(await t.api.versions.list({ skillId })).toHaveLength(1)
    expect(t.queued()).toHaveLength(1)
    expect(await t.api.sync.leave({ tenantId: t.tenantId, copy: 'remove' })).toEqual({ unsent: 1 })
    expect(await codeOf(t.api.skills.get({ id: skillId }))).toBe('NOT_FOUND')
    expect(left).toEqual([t.tenantId, t.tenantId])
    expect(await codeOf(t.api.sync.leave({ tenantId: t.personal, copy: 'remove' }))).toBe('NOT_FOUND')
  })
})
