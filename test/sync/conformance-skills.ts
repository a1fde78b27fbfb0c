import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import type { Remote } from '../../electron/sync/remote.ts'
import { newSkill, newVersion, provenText } from '../registry/registry.ts'
import { chain, type Get, lastRowOf, rowsOf, skillWith, statesOf } from './conformance-support.ts'
import type { MemberUnderTest } from './team.ts'

export function skills(get: Get) {
  test('go in, are changed, and sent again are identical', async () => {
    const { author } = get()
    const skill = newSkill()
    expect(await statesOf(author.remote.pushSkills([skill]))).toEqual(['inserted'])
    expect(await statesOf(author.remote.pushSkills([skill]))).toEqual(['identical'])
    const changed = { ...skill, category: 'writing', tags: '["a"]' }
    const [row] = await rowsOf(author.remote.pushSkills([changed]))
    expect(row).toMatchObject({ state: 'updated', seq: expect.any(Number) })
    expect(await statesOf(author.remote.pushSkills([changed]))).toEqual(['identical'])
  })

  test('a change made from an older state is a conflict and changes nothing', async () => {
    const { author, admin } = get()
    const skill = newSkill()
    const [made] = await rowsOf(author.remote.pushSkills([skill]))
    const seq = made?.state === 'inserted' ? (made.seq ?? 0) : 0
    expect(await statesOf(admin.remote.pushSkills([{ ...skill, category: 'theirs', expected_seq: seq }]))).toEqual([
      'updated',
    ])
    const late = { ...skill, category: 'mine', expected_seq: seq }
    expect(await statesOf(author.remote.pushSkills([late]))).toEqual(['conflict'])
    expect(await statesOf(author.remote.pushSkills([{ ...skill, category: 'theirs' }]))).toEqual(['identical'])
  })

  test('another’s is not changed; a slug that is taken names whose it is', async () => {
    const { author, other } = get()
    const { skill } = await skillWith(author, 1)
    expect(await statesOf(other.remote.pushSkills([{ ...skill, category: 'mine' }]))).toEqual(['forbidden'])
    expect(await rowsOf(other.remote.pushSkills([newSkill({ slug: skill.slug })]))).toMatchObject([
      { state: 'slug_taken', other_id: skill.id },
    ])
  })

  test('what is personal is refused, and the rest of its page goes in', async () => {
    const { author } = get()
    const page = [newSkill(), newSkill({ visibility: 'personal' }), newSkill({ tags: 'no JSON' }), newSkill()]
    expect(await statesOf(author.remote.pushSkills(page))).toEqual(['inserted', 'refused', 'refused', 'inserted'])
  })

  test('called as their newest version says, which is the one with the highest number', async () => {
    const { author } = get()
    const { skill } = await skillWith(author, 0)
    const [first, second] = chain(skill.id, 2)
    if (!first || !second) throw new Error('there are two')
    await author.remote.pushVersions([first, { ...second, name: 'renamed', description: 'Says so.' }])
    const row = await lastRowOf(author.remote, 'skills', skill.id)
    expect(row).toMatchObject({ name: 'renamed', description: 'Says so.', draft_version_id: second.id })
    expect(await statesOf(author.remote.pushSkills([{ ...skill, name: 'older name' }]))).toEqual(['identical'])
  })

  test('deleted while they have no version, for ever; with one they are kept', async () => {
    const { author, other } = get()
    const { skill } = await skillWith(author, 0)
    expect(await statesOf(other.remote.removeRows('skills', [skill.id]))).toEqual(['forbidden'])
    expect(await statesOf(author.remote.removeRows('skills', [skill.id]))).toEqual(['deleted'])
    expect(await statesOf(author.remote.removeRows('skills', [skill.id, v7()]))).toEqual(['deleted', 'missing'])
    expect(await statesOf(author.remote.pushSkills([skill]))).toEqual(['deleted'])
    expect(await statesOf(author.remote.pushVersions([newVersion(skill.id)]))).toEqual(['refused'])
    const { skill: kept } = await skillWith(author, 1)
    expect(await statesOf(author.remote.removeRows('skills', [kept.id]))).toEqual(['forbidden'])
  })
}

export function publishing(get: Get) {
  test('moves only from where the mover saw it; the later of two is told where it is', async () => {
    const { author, admin, other, reader } = get()
    const { hash, content } = provenText('# A')
    const { skill, ids } = await skillWith(author, 2, { content_hash: hash })
    const [v1 = '', v2 = ''] = ids
    const move = ({ remote }: MemberUnderTest, versionId: string | null, expected: string | null) =>
      remote.publish({ skillId: skill.id, versionId, expected, content })
    expect(await move(other, v1, null)).toEqual({ kind: 'forbidden', published: null })
    expect(await move(reader, v1, null)).toMatchObject({ kind: 'denied' })
    expect(await move(author, v1, null)).toEqual({ kind: 'published', published: v1 })
    expect(await move(author, v1, null)).toEqual({ kind: 'identical', published: v1 })
    expect(await move(admin, v2, null)).toEqual({ kind: 'moved', published: v1 })
    expect(await move(author, v7(), v1)).toEqual({ kind: 'missing', published: v1 })
    expect(await lastRowOf(author.remote, 'skills', skill.id)).toMatchObject({
      published_version_id: v1,
      status: 'published',
      content: '# A',
    })
    expect(await move(author, null, v1)).toEqual({ kind: 'published', published: null })
    expect(await lastRowOf(author.remote, 'skills', skill.id)).toMatchObject({
      published_version_id: null,
      status: 'draft',
    })
  })

  test('what is kept as published is the version’s own SKILL.md, or nothing', async () => {
    const { author, admin } = get()
    const { hash, content } = provenText('# Approved')
    const lie = provenText('# Not what was approved').content
    const { skill, ids } = await skillWith(author, 1, { content_hash: hash })
    const move = { skillId: skill.id, versionId: ids[0] ?? '', expected: null }
    for (const untrue of [
      lie,
      { skillMd: lie.skillMd, manifest: content.manifest },
      { skillMd: content.skillMd, manifest: lie.manifest },
      { skillMd: content.skillMd, manifest: `${content.manifest} ` },
      { skillMd: content.skillMd, manifest: 'no json' },
      { skillMd: '', manifest: content.manifest },
    ])
      for (const { remote } of [author, admin])
        expect(await remote.publish({ ...move, content: untrue })).toMatchObject({ kind: 'refused', code: 'WS409' })
    expect(await lastRowOf(author.remote, 'skills', skill.id)).toMatchObject({
      published_version_id: null,
      content: null,
    })
    expect(await author.remote.publish({ ...move, content: null })).toMatchObject({ kind: 'published' })
    expect(await lastRowOf(author.remote, 'skills', skill.id)).toMatchObject({ content: null })
    expect(
      await author.remote.publish({ ...move, versionId: null, expected: move.versionId, content: null }),
    ).toMatchObject({
      kind: 'published',
    })
    expect(await author.remote.publish({ ...move, content })).toMatchObject({ kind: 'published' })
    expect(await lastRowOf(author.remote, 'skills', skill.id)).toMatchObject({ content: '# Approved' })
    const nothing = { ...move, versionId: null, expected: move.versionId, content }
    expect(await author.remote.publish(nothing)).toMatchObject({ kind: 'published' })
    expect(await lastRowOf(author.remote, 'skills', skill.id)).toMatchObject({ content: null })
  })

  test('two at once: one moves it, the other is told', async () => {
    const { author, admin } = get()
    const { skill, ids } = await skillWith(author, 3)
    const [v1 = '', v2 = ''] = ids
    const both = await Promise.all([
      author.remote.publish({ skillId: skill.id, versionId: v1, expected: null, content: null }),
      admin.remote.publish({ skillId: skill.id, versionId: v2, expected: null, content: null }),
    ])
    expect(both.map(one => one.kind).sort()).toEqual(['moved', 'published'])
    expect(new Set(both.map(one => 'published' in one && one.published)).size).toBe(1)
  })

  test('another skill’s version, another tenant’s skill and one that is not there cannot be published', async () => {
    const { author, stranger } = get()
    const { skill, ids } = await skillWith(author, 1)
    const { ids: foreign } = await skillWith(author, 1)
    const at = (remote: Remote, skillId: string, versionId: string | undefined) =>
      remote.publish({ skillId, versionId: versionId ?? null, expected: null, content: null })
    expect(await at(author.remote, skill.id, foreign[0])).toMatchObject({ kind: 'missing' })
    expect(await at(author.remote, v7(), ids[0])).toMatchObject({ kind: 'missing' })
    expect(await at(stranger.remote, skill.id, ids[0])).toEqual({ kind: 'missing', published: null })
  })

  test('where the team wants it, only what somebody else has approved', async () => {
    const team = get()
    const { author, admin, other, reader, stranger } = team
    const { skill, ids } = await skillWith(author, 1)
    const [versionId = ''] = ids
    const publish = () => author.remote.publish({ skillId: skill.id, versionId, expected: null, content: null })
    await team.requireApproval(true)
    try {
      expect(await author.remote.hello()).toMatchObject({ hello: { publish_needs_approval: 1 } })
      expect(await publish()).toEqual({ kind: 'needs_approval', published: null })
      // Not whoever saved it, not an author of other skills, not a reader; another team's admin sees no such version.
      expect(await author.remote.approve(versionId)).toEqual({ kind: 'forbidden' })
      expect(await other.remote.approve(versionId)).toEqual({ kind: 'forbidden' })
      expect(await reader.remote.approve(versionId)).toMatchObject({ kind: 'denied' })
      expect(await stranger.remote.approve(versionId)).toEqual({ kind: 'missing' })
      expect(await admin.remote.approve(v7())).toEqual({ kind: 'missing' })
      expect(await publish()).toEqual({ kind: 'needs_approval', published: null })
      for (const _ of [1, 2]) expect(await admin.remote.approve(versionId)).toEqual({ kind: 'approved' })
      expect(await publish()).toEqual({ kind: 'published', published: versionId })
      // What somebody else saved in one's own skill one may approve, and then publish, oneself.
      const theirs = chain(skill.id, 1, versionId)
      expect(await statesOf(other.remote.pushVersions(theirs))).toEqual(['inserted'])
      const move = { skillId: skill.id, versionId: theirs[0]?.id ?? '', expected: versionId, content: null }
      expect(await author.remote.publish(move)).toMatchObject({ kind: 'needs_approval' })
      expect(await author.remote.approve(move.versionId)).toEqual({ kind: 'approved' })
      expect(await author.remote.publish(move)).toMatchObject({ kind: 'published' })
    } finally {
      await team.requireApproval(false)
    }
  })

  test('a version saved while its skill is published leaves the pointer where it is', async () => {
    const { author } = get()
    const { skill, ids } = await skillWith(author, 1)
    const [v1 = ''] = ids
    await author.remote.publish({ skillId: skill.id, versionId: v1, expected: null, content: null })
    await author.remote.pushVersions(chain(skill.id, 1, v1))
    expect(await lastRowOf(author.remote, 'skills', skill.id)).toMatchObject({ published_version_id: v1 })
  })
}
