import { describe, expect, test } from 'vitest'
import { type TestBackend, testBackend } from '../../test/support/backend.ts'
import { codeOf } from '../../test/support/code-of.ts'

const skillMd = (body: string) => `---\nname: one\ndescription: About one\n---\n${body}`

async function write(t: TestBackend, skillId: string, path: string, text: string) {
  const copy = await t.api.workingCopies.get({ skillId })
  const expected = copy.files.find(file => file.path === path)?.sha256 ?? null
  await t.api.workingCopies.write({ skillId, path, content: { kind: 'text', text }, expected })
}

/** base → left, and base → right: made by editing from the base again, as a second machine does. */
async function diverged(t: TestBackend) {
  const { id: skillId } = await t.api.skills.create({ tenantId: t.tenantId, slug: 'one' })
  const save = (message: string) => t.api.versions.save({ skillId, message })
  await write(t, skillId, 'SKILL.md', skillMd('a\nb\nc\nd\ne\n'))
  await write(t, skillId, 'both.md', 'same\n')
  await write(t, skillId, 'gone.md', 'x\n')
  const base = await save('base')
  const baseFiles = (await t.api.versions.get({ id: base.id })).files
  await write(t, skillId, 'SKILL.md', skillMd('A\nb\nc\nd\ne\n'))
  await write(t, skillId, 'left.md', 'left\n')
  await write(t, skillId, 'both.md', 'left way\n')
  await t.api.workingCopies.remove({ skillId, path: 'gone.md' })
  const left = await save('left')
  await t.api.workingCopies.put({ skillId, baseId: base.id, files: baseFiles })
  await write(t, skillId, 'SKILL.md', skillMd('a\nb\nc\nd\nE\n'))
  await write(t, skillId, 'both.md', 'right way\n')
  await write(t, skillId, 'gone.md', 'changed\n')
  const right = await save('right')
  return { skillId, base, left, right }
}

describe('merging', () => {
  test('finds the base, and says of each file what its hashes tell', async () => {
    await using t = await testBackend()
    const { skillId, base, left, right } = await diverged(t)
    expect(right.parentId).toBe(base.id)
    const prepared = await t.api.merges.prepare({ leftId: left.id, rightId: right.id })
    expect(prepared).toMatchObject({ skillId, base: { id: base.id }, left: { id: left.id }, right: { id: right.id } })
    expect(Object.fromEntries(prepared.files.map(file => [file.path, file.state]))).toEqual({
      'SKILL.md': 'text',
      'both.md': 'text',
      'gone.md': 'choose',
      'left.md': 'left',
    })
  })

  test('saves a version with two parents, from text and from either side’s content', async () => {
    await using t = await testBackend()
    const { skillId, left, right } = await diverged(t)
    const { files } = await t.api.merges.prepare({ leftId: left.id, rightId: right.id })
    const leftMd = files.find(file => file.path === 'left.md')?.left
    const text = { kind: 'text', text: skillMd('A\nb\nc\nd\nE\n') } as const
    const merged = await t.api.merges.save({
      leftId: left.id,
      rightId: right.id,
      message: 'merged',
      files: [
        { path: 'SKILL.md', executable: false, content: text },
        { path: 'left.md', executable: true, content: { kind: 'stored', sha256: leftMd?.sha256 ?? '' } },
      ],
    })
    expect(merged).toMatchObject({ number: 4, parentId: left.id, mergedId: right.id })
    expect((await t.api.skills.get({ id: skillId })).newest?.id).toBe(merged.id)
    const { files: kept } = await t.api.versions.get({ id: merged.id })
    expect(kept.map(file => [file.path, file.executable])).toEqual([
      ['SKILL.md', false],
      ['left.md', true],
    ])
    // Merged once, there is nothing left to merge: the right side is now an ancestor.
    const again = await t.api.merges.prepare({ leftId: merged.id, rightId: right.id })
    expect(again.base?.id).toBe(right.id)
  })

  test('is not saved with a conflict in it, without a SKILL.md, or with content of neither side', async () => {
    await using t = await testBackend()
    const { skillId, left, right } = await diverged(t)
    const save = (files: Parameters<typeof t.api.merges.save>[0]['files']) =>
      codeOf(t.api.merges.save({ leftId: left.id, rightId: right.id, message: '', files }))
    const text = (path: string, body: string) => ({
      path,
      executable: false,
      content: { kind: 'text', text: body } as const,
    })
    expect(await save([text('SKILL.md', '<<<<<<< left\na\n=======\nb\n>>>>>>> right\n')])).toBe('UNSETTLED')
    expect(await save([text('notes.md', 'x')])).toBe('BUNDLE_INVALID')
    expect(await save([text('SKILL.md', 'x'), text('../x', 'x')])).toBe('BUNDLE_INVALID')
    const stranger = { kind: 'stored', sha256: 'f'.repeat(64) } as const
    expect(await save([{ path: 'SKILL.md', executable: false, content: stranger }])).toBe('NOT_FOUND')
    expect(await t.api.versions.list({ skillId })).toHaveLength(3)
  })
})

describe('merging with renames', () => {
  const NOTES = Array.from({ length: 12 }, (_, at) => `Line ${at} of the notes.\n`).join('')

  async function renamedAndEdited(t: TestBackend, rename: { left: string; right?: string }) {
    const { id: skillId } = await t.api.skills.create({ tenantId: t.tenantId, slug: 'one' })
    const save = (message: string) => t.api.versions.save({ skillId, message })
    const move = async (to: string, text: string) => {
      await t.api.workingCopies.remove({ skillId, path: 'notes.md' })
      await write(t, skillId, to, text)
    }
    await write(t, skillId, 'SKILL.md', skillMd('a\n'))
    await write(t, skillId, 'notes.md', NOTES)
    const base = await save('base')
    await move(rename.left, NOTES.replace('Line 2 ', 'Line two '))
    const left = await save('left')
    const { files } = await t.api.versions.get({ id: base.id })
    await t.api.workingCopies.put({ skillId, baseId: base.id, files })
    const edited = NOTES.replace('Line 9 ', 'Line nine ')
    if (rename.right) await move(rename.right, edited)
    else await write(t, skillId, 'notes.md', edited)
    const right = await save('right')
    const prepared = await t.api.merges.prepare({ leftId: left.id, rightId: right.id })
    return prepared.files.filter(file => file.path !== 'SKILL.md')
  }

  test('a file that one side renamed and edited is merged with what the other changed in it', async () => {
    await using t = await testBackend()
    const files = await renamedAndEdited(t, { left: 'references/notes.md' })
    expect(files).toMatchObject([
      {
        path: 'references/notes.md',
        base: { path: 'notes.md' },
        left: { path: 'references/notes.md' },
        right: { path: 'notes.md' },
        state: 'text',
      },
    ])
  })

  test('a file that got two names is for a person to choose', async () => {
    await using t = await testBackend()
    const files = await renamedAndEdited(t, { left: 'one.md', right: 'two.md' })
    expect(files).toMatchObject([
      { path: 'notes.md', left: { path: 'one.md' }, right: { path: 'two.md' }, state: 'choose' },
    ])
  })
})

describe('blame', () => {
  test('names the version that brought each line, through both parents of a merge', async () => {
    await using t = await testBackend()
    const { base, left, right } = await diverged(t)
    const merged = await t.api.merges.save({
      leftId: left.id,
      rightId: right.id,
      message: 'merged',
      files: [
        { path: 'SKILL.md', executable: false, content: { kind: 'text', text: skillMd('A\nb\nnew\nc\nd\nE\n') } },
      ],
    })
    const { lines, versions } = await t.api.versions.blame({ id: merged.id, path: 'SKILL.md' })
    const names = new Map([
      [base.id, 'base'],
      [left.id, 'left'],
      [right.id, 'right'],
      [merged.id, 'merged'],
    ])
    expect(lines.map(line => names.get(line.versionId))).toEqual([
      ...['base', 'base', 'base', 'base'],
      ...['left', 'base', 'merged', 'base', 'base', 'right'],
    ])
    expect(versions.map(version => names.get(version.id)).sort()).toEqual(['base', 'left', 'merged', 'right'])
    expect(await codeOf(t.api.versions.blame({ id: merged.id, path: 'nowhere.md' }))).toBe('NOT_FOUND')
  })
})
