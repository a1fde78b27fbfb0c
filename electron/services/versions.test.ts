import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { type TestBackend, testBackend } from '../../test/support/backend.ts'
import { codeOf } from '../../test/support/code-of.ts'

const write = async (t: TestBackend, skillId: string, path: string, text: string) => {
  const copy = await t.api.workingCopies.get({ skillId })
  const expected = copy.files.find(file => file.path === path)?.sha256 ?? null
  return t.api.workingCopies.write({ skillId, path, content: { kind: 'text', text }, expected })
}
const skillMd = (name: string, description: string, body = '') =>
  `---\nname: ${name}\ndescription: ${description}\n---\n${body}`
const newSkill = async (t: TestBackend, slug = 'one') => (await t.api.skills.create({ tenantId: t.tenantId, slug })).id
const textOf = async (
  t: TestBackend,
  of: { kind: 'version'; id: string } | { kind: 'working'; skillId: string },
  path = 'SKILL.md',
) => {
  const read = await t.api.files.read({ of, path })
  return read.kind === 'text' ? read.text : read.kind
}

describe('versions', () => {
  test('saving makes numbered versions with parent, author, message and exact content', async () => {
    await using t = await testBackend()
    const id = await newSkill(t)
    const body = 'CRLF\r\nno final newline, ünïcode 🦓'
    await write(t, id, 'SKILL.md', skillMd('one', 'First', body))
    await write(t, id, 'scripts/run.py', 'print(1)\n')
    const first = await t.api.versions.save({ skillId: id, message: 'First' })
    await write(t, id, 'SKILL.md', skillMd('one', 'Second', body))
    const second = await t.api.versions.save({ skillId: id, message: 'Second\n\nwith a body' })
    expect(await t.api.versions.list({ skillId: id })).toMatchObject([
      { id: second.id, number: 2, parentId: first.id, message: 'Second\n\nwith a body', description: 'Second' },
      { id: first.id, number: 1, parentId: null, message: 'First', description: 'First', author: { name: 'You' } },
    ])
    expect(await textOf(t, { kind: 'version', id: first.id })).toBe(skillMd('one', 'First', body))
    expect((await t.api.versions.get({ id: second.id })).files.map(file => file.path)).toEqual([
      'SKILL.md',
      'scripts/run.py',
    ])
    expect(await t.api.skills.get({ id })).toMatchObject({
      description: 'Second',
      changed: false,
      newest: { number: 2 },
    })
  })

  test('nothing changed makes no version, nor does what cannot be a bundle', async () => {
    await using t = await testBackend()
    const id = await newSkill(t)
    await t.api.versions.save({ skillId: id, message: '' })
    expect(await codeOf(t.api.versions.save({ skillId: id, message: '' }))).toBe('NOTHING_CHANGED')
    const was = await textOf(t, { kind: 'working', skillId: id })
    await write(t, id, 'SKILL.md', `${was}!`)
    await write(t, id, 'SKILL.md', was)
    expect(await codeOf(t.api.versions.save({ skillId: id, message: 'typed and taken back' }))).toBe('NOTHING_CHANGED')
    await t.api.workingCopies.remove({ skillId: id, path: 'SKILL.md' })
    await write(t, id, 'notes.md', 'x')
    expect(await codeOf(t.api.versions.save({ skillId: id, message: '' }))).toBe('BUNDLE_INVALID')
    expect(await t.api.versions.list({ skillId: id })).toHaveLength(1)
  })

  test('restoring saves the old content as a new version and keeps what is being edited', async () => {
    await using t = await testBackend()
    const id = await newSkill(t)
    await write(t, id, 'SKILL.md', skillMd('one', 'First'))
    const first = await t.api.versions.save({ skillId: id, message: 'First' })
    await write(t, id, 'SKILL.md', skillMd('one', 'Second'))
    const second = await t.api.versions.save({ skillId: id, message: 'Second' })
    await write(t, id, 'SKILL.md', skillMd('one', 'Typing'))
    const third = await t.api.versions.restore({ id: first.id })
    expect(third).toMatchObject({
      number: 3,
      parentId: second.id,
      contentHash: first.contentHash,
      message: 'Restore version 1',
    })
    expect(await textOf(t, { kind: 'working', skillId: id })).toBe(skillMd('one', 'Typing'))
    expect(await t.api.workingCopies.get({ skillId: id })).toMatchObject({ behind: true, base: { id: second.id } })
    expect(await codeOf(t.api.versions.restore({ id: first.id }))).toBe('NOTHING_CHANGED')
    // Saved from version 2, so that is its parent: the divergence is visible, not papered over.
    expect(await t.api.versions.save({ skillId: id, message: 'Typed' })).toMatchObject({
      number: 4,
      parentId: second.id,
    })
  })

  test('publishing is compare-and-set, and keeps the published text on the skill', async () => {
    await using t = await testBackend()
    const id = await newSkill(t)
    await write(t, id, 'SKILL.md', skillMd('one', 'First'))
    const first = await t.api.versions.save({ skillId: id, message: '' })
    await write(t, id, 'SKILL.md', skillMd('one', 'Second'))
    const second = await t.api.versions.save({ skillId: id, message: '' })
    await t.api.versions.publish({ skillId: id, versionId: first.id, expected: null })
    expect(await codeOf(t.api.versions.publish({ skillId: id, versionId: second.id, expected: null }))).toBe(
      'PUBLISHED_MOVED',
    )
    expect(await t.api.skills.get({ id })).toMatchObject({
      status: 'published',
      published: { id: first.id, number: 1 },
    })
    await t.api.versions.publish({ skillId: id, versionId: null, expected: first.id })
    expect(await t.api.skills.get({ id })).toMatchObject({ status: 'draft', published: null })
    const other = await newSkill(t, 'two')
    expect(await codeOf(t.api.versions.publish({ skillId: other, versionId: first.id, expected: null }))).toBe(
      'NOT_FOUND',
    )
  })

  test('damaged content is named and never shown', async () => {
    await using t = await testBackend()
    const id = await newSkill(t)
    const saved = await t.api.versions.save({ skillId: id, message: '' })
    const file = (await t.api.versions.get({ id: saved.id })).files[0]
    const db = new Database(`${t.dataDir}/library.db`)
    db.exec('DROP TRIGGER blobs_immutable')
    db.prepare("UPDATE blobs SET bytes = x'00' WHERE sha256 = ?").run(file?.sha256)
    db.close()
    expect(await codeOf(t.api.files.read({ of: { kind: 'version', id: saved.id }, path: 'SKILL.md' }))).toBe(
      'CONTENT_DAMAGED',
    )
  })

  test('a team’s version waits for its number, in the outbox, in the same transaction', async () => {
    await using t = await testBackend()
    const id = await newSkill(t)
    const db = new Database(`${t.dataDir}/library.db`)
    db.exec("UPDATE spaces SET kind = 'team'")
    const version = await t.api.versions.save({ skillId: id, message: '' })
    expect(version.number).toBeNull()
    expect(db.prepare('SELECT entity, entity_id, operation FROM outbox').all()).toEqual([
      { entity: 'version', entity_id: version.id, operation: 'insert' },
    ])
    db.exec("CREATE TRIGGER no_outbox BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'disk full, say'); END")
    await write(t, id, 'SKILL.md', skillMd('one', 'Next'))
    await expect(t.api.versions.save({ skillId: id, message: '' })).rejects.toThrow('disk full, say')
    expect(await t.api.versions.list({ skillId: id })).toHaveLength(1)
    expect(await textOf(t, { kind: 'working', skillId: id })).toBe(skillMd('one', 'Next'))
    db.close()
  })
})

describe('the working copy', () => {
  test('survives a restart, byte for byte', async () => {
    await using t = await testBackend()
    const id = await newSkill(t)
    await t.api.versions.save({ skillId: id, message: '' })
    await write(t, id, 'SKILL.md', 'half a sent')
    await using again = await t.restart()
    expect(await textOf(again, { kind: 'working', skillId: id })).toBe('half a sent')
    expect(await again.api.workingCopies.get({ skillId: id })).toMatchObject({ changed: true })
  })

  test('another window’s text is not overwritten: the writer is told', async () => {
    await using t = await testBackend()
    const id = await newSkill(t)
    const seen = (await t.api.workingCopies.get({ skillId: id })).files[0]?.sha256 ?? null
    const put = (text: string, expected: string | null) =>
      t.api.workingCopies.write({ skillId: id, path: 'SKILL.md', content: { kind: 'text', text }, expected })
    await put('theirs', seen)
    expect(await codeOf(put('mine', seen))).toBe('CHANGED_ELSEWHERE')
    expect(await textOf(t, { kind: 'working', skillId: id })).toBe('theirs')
    // The same write again, as after a lost answer, is no conflict.
    expect(await codeOf(put('theirs', seen))).toBe('done')
  })

  test('discarding is undone by putting back what was', async () => {
    await using t = await testBackend()
    const id = await newSkill(t)
    await t.api.versions.save({ skillId: id, message: '' })
    const original = await textOf(t, { kind: 'working', skillId: id })
    await write(t, id, 'SKILL.md', 'typed')
    await write(t, id, 'new.md', 'also typed')
    const { was, now } = await t.api.workingCopies.discard({ skillId: id })
    expect(now).toMatchObject({ changed: false })
    expect(await textOf(t, { kind: 'working', skillId: id })).toBe(original)
    await t.api.workingCopies.put({ skillId: id, files: was })
    expect(await textOf(t, { kind: 'working', skillId: id })).toBe('typed')
    expect(await textOf(t, { kind: 'working', skillId: id }, 'new.md')).toBe('also typed')
    expect(await t.api.workingCopies.get({ skillId: id })).toMatchObject({ changed: true })
  })

  test('files are added, moved and removed; a removed one is put back', async () => {
    await using t = await testBackend()
    const id = await newSkill(t)
    await t.api.versions.save({ skillId: id, message: '' })
    await write(t, id, 'a/b.md', 'text')
    const moved = await t.api.workingCopies.move({ skillId: id, from: 'a/b.md', to: 'c.md' })
    expect(moved.files.map(file => [file.path, file.state])).toEqual([
      ['SKILL.md', 'same'],
      ['c.md', 'added'],
    ])
    const before = moved.files
    const removed = await t.api.workingCopies.remove({ skillId: id, path: 'c.md' })
    expect(removed).toMatchObject({ changed: false, files: [{ path: 'SKILL.md' }] })
    const back = await t.api.workingCopies.put({
      skillId: id,
      files: before.map(({ path, sha256, size, executable }) => ({ path, sha256, size, executable })),
    })
    expect(back.files).toEqual(before)
    expect(await textOf(t, { kind: 'working', skillId: id }, 'c.md')).toBe('text')
  })

  test.each(['../x', '/etc/passwd', 'a/../../b', 'C:\\x', 'a\\b', '', 'con', 'x\u0000', 'skill.MD', 'SKILL.md/inside'])(
    'refuses the name %j',
    async path => {
      await using t = await testBackend()
      const id = await newSkill(t)
      const content = { kind: 'text', text: 'x' } as const
      expect(await codeOf(t.api.workingCopies.write({ skillId: id, path, content, expected: null }))).toBe(
        'PATH_INVALID',
      )
    },
  )
})
