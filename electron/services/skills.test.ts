import { describe, expect, test } from 'vitest'
import { testBackend } from '../../test/support/backend.ts'
import { codeOf } from '../../test/support/code-of.ts'

describe('skills', () => {
  test('a new one holds a SKILL.md to start from, and no version until one is saved', async () => {
    await using t = await testBackend()
    const { id } = await t.api.skills.create({
      tenantId: t.tenantId,
      slug: 'pdf-forms',
      description: 'Fill: “forms”\nand more',
    })
    const copy = await t.api.workingCopies.get({ skillId: id })
    expect(copy).toMatchObject({ base: null, changed: true, files: [{ path: 'SKILL.md', state: 'added' }] })
    const read = await t.api.files.read({ of: { kind: 'working', skillId: id }, path: 'SKILL.md' })
    expect(read.kind === 'text' && read.text).toContain('name: pdf-forms\ndescription: "Fill: “forms” and more"\n')
    expect(await t.api.skills.get({ id })).toMatchObject({
      newest: null,
      versions: 0,
      averageRating: null,
      costMicrocents: null,
    })
    expect(await codeOf(t.api.skills.create({ tenantId: t.tenantId, slug: 'pdf-forms' }))).toBe('SLUG_TAKEN')
  })

  test('search finds every word as a prefix in name, description, tags and body, the best first, the last word as typed so far', async () => {
    await using t = await testBackend()
    const make = async (slug: string, body: string) => {
      const { id } = await t.api.skills.create({ tenantId: t.tenantId, slug, description: `About ${slug}` })
      const of = { kind: 'working', skillId: id } as const
      const was = await t.api.files.read({ of, path: 'SKILL.md' })
      const text = `${was.kind === 'text' ? was.text : ''}\n${body}\n`
      await t.api.workingCopies.write({
        skillId: id,
        path: 'SKILL.md',
        content: { kind: 'text', text },
        expected: was.sha256,
      })
      await t.api.versions.save({ skillId: id, message: '' })
      return id
    }
    const zebra = await make('zebra-care', 'Feed them hay.')
    const stable = await make('stable', 'Where zebras sleep; Ünïcode näive café.')
    await t.api.skills.describe({ id: zebra, category: null, tags: ['equids'] })
    const find = async (query: string) =>
      (await t.api.skills.list({ tenantId: t.tenantId, query })).rows.map(row => row.id)
    expect(await find('zeb')).toEqual([zebra, stable])
    expect(await find('zebra sleep')).toEqual([stable])
    expect(await find('equid')).toEqual([zebra])
    expect(await find('cafe unicode')).toEqual([stable])
    expect(await find('nothing-of-that')).toEqual([])
    // Whatever a person types is words, never search syntax.
    for (const query of ['"', "'; DROP", 'NEAR(', 'a OR', '*', 'name:x', '(', 'AND', '^zebra'])
      expect(Array.isArray(await find(query)), query).toBe(true)
    const { rows } = await t.api.skills.list({ tenantId: t.tenantId, query: 'sleep' })
    expect(rows[0]?.snippet).toContain('\u{E000}sleep\u{E001}')
  })

  test('what is typed is found only once it is a version, and then the old words are gone', async () => {
    await using t = await testBackend()
    const { id } = await t.api.skills.create({ tenantId: t.tenantId, slug: 'one', description: 'Walrus' })
    const save = async (text: string) => {
      const copy = await t.api.workingCopies.get({ skillId: id })
      const expected = copy.files.find(file => file.path === 'SKILL.md')?.sha256 ?? null
      await t.api.workingCopies.write({ skillId: id, path: 'SKILL.md', content: { kind: 'text', text }, expected })
      await t.api.versions.save({ skillId: id, message: '' })
    }
    const hits = async (query: string) => (await t.api.skills.list({ tenantId: t.tenantId, query })).total
    await save('---\nname: one\ndescription: Narwhal\n---\nTusk\n')
    expect([await hits('narwhal'), await hits('tusk')]).toEqual([1, 1])
    await save('---\nname: one\ndescription: Seal\n---\nFlipper\n')
    expect([await hits('narwhal'), await hits('tusk'), await hits('seal flipper')]).toEqual([0, 0, 1])
  })

  test('filters, sorts and pages agree with their counts', async () => {
    await using t = await testBackend()
    const { tenantId } = await t.api.spaces.openSample()
    await t.backend.settled()
    const all = await t.api.skills.list({ tenantId })
    expect(all.rows.map(row => row.name)).toEqual([...all.rows.map(row => row.name)].sort())
    expect(all.rows).toHaveLength(all.total)
    expect(all.rows.reduce((sum, row) => sum + row.versions, 0)).toBe(all.versions)
    const invalid = await t.api.skills.list({ tenantId, filters: ['invalid'] })
    expect(invalid.rows.map(row => row.slug)).toEqual(['api-docs'])
    expect(invalid.counts.invalid).toBe(1)
    for (const sort of ['name', 'updated', 'version', 'tokens', 'rating', 'cost', 'quality', 'state'] as const) {
      const paged = await Promise.all(
        [0, 4, 8].map(offset => t.api.skills.list({ tenantId, sort, descending: true, offset, limit: 4 })),
      )
      const whole = await t.api.skills.list({ tenantId, sort, descending: true })
      expect(
        paged.flatMap(page => page.rows.map(row => row.id)),
        sort,
      ).toEqual(whole.rows.map(row => row.id))
    }
    for (const descending of [false, true]) {
      const scores = (await t.api.skills.list({ tenantId, sort: 'quality', descending })).rows.map(
        row => row.quality?.score,
      )
      // Not measured comes last, whichever way.
      expect(scores.indexOf(undefined)).toBeGreaterThan(0)
      expect(scores.slice(scores.indexOf(undefined)).every(score => score === undefined)).toBe(true)
    }
  })

  test('archiving hides, and is undone by its opposite', async () => {
    await using t = await testBackend()
    const { tenantId } = await t.api.spaces.openSample()
    const [row] = (await t.api.skills.list({ tenantId, filters: ['published'] })).rows
    const id = row?.id ?? ''
    expect(await t.api.skills.archive({ id, archived: true })).toEqual({ status: 'archived' })
    expect((await t.api.skills.list({ tenantId })).rows.some(one => one.id === id)).toBe(false)
    expect((await t.api.skills.list({ tenantId, filters: ['archived'] })).rows.map(one => one.id)).toEqual([id])
    expect(await t.api.skills.archive({ id, archived: false })).toEqual({ status: 'published' })
  })

  test('the sample comes once and goes whole; the personal library stays', async () => {
    await using t = await testBackend()
    await t.api.skills.create({ tenantId: t.tenantId, slug: 'mine' })
    const { tenantId } = await t.api.spaces.openSample()
    expect(await t.api.spaces.openSample()).toEqual({ tenantId })
    expect(await codeOf(t.api.spaces.removeSample({ tenantId: t.tenantId }))).toBe('NOT_FOUND')
    expect((await t.api.spaces.removeSample({ tenantId })).skills).toBeGreaterThanOrEqual(6)
    expect(await t.api.spaces.list()).toMatchObject([{ kind: 'personal', skills: 1 }])
    expect((await t.api.skills.list({ tenantId, query: 'release' })).total).toBe(0)
  })

  test('what is invalid follows the profile that is chosen, and is counted by it', async () => {
    await using t = await testBackend()
    const make = async (slug: string, text: string) => {
      const { id } = await t.api.skills.create({ tenantId: t.tenantId, slug })
      const of = { kind: 'working', skillId: id } as const
      const { sha256: expected } = await t.api.files.read({ of, path: 'SKILL.md' })
      const content = { kind: 'text', text } as const
      await t.api.workingCopies.write({ skillId: id, path: 'SKILL.md', content, expected })
      await t.api.versions.save({ skillId: id, message: '' })
    }
    await make('fine', '---\nname: fine\ndescription: Does it.\n---\nBody\n')
    await make('own-field', '---\nname: own-field\ndescription: Does it.\nargument-hint: "[file]"\n---\nBody\n')
    await make('nameless', '---\ndescription: Does it.\n---\nBody\n')
    const seen = async (profile: 'strict' | 'reference' | 'claude-code') => {
      await t.api.settings.set({ profile })
      const invalid = await t.api.skills.list({ tenantId: t.tenantId, filters: ['invalid'] })
      const { rows } = await t.api.skills.list({ tenantId: t.tenantId })
      expect(invalid.counts.invalid).toBe(invalid.rows.length)
      expect(rows.filter(row => (row.checks?.errors ?? 0) > 0).map(row => row.slug)).toEqual(
        invalid.rows.map(row => row.slug),
      )
      for (const row of rows) expect((await t.api.skills.get({ id: row.id })).checks).toEqual(row.checks)
      return invalid.rows.map(row => row.slug).sort()
    }
    await t.api.skills.list({ tenantId: t.tenantId, query: 'does' })
    expect(await seen('strict')).toEqual(['nameless', 'own-field'])
    expect(await seen('claude-code')).toEqual([])
    expect(await seen('reference')).toEqual(['nameless', 'own-field'])
  })

  test('settings and the author’s name are kept over a restart', async () => {
    await using t = await testBackend()
    await t.api.settings.set({ colorScheme: 'dark', authorName: 'Ada', authorEmail: 'ada@example.com' })
    const { id } = await t.api.skills.create({ tenantId: t.tenantId, slug: 'one' })
    await t.api.versions.save({ skillId: id, message: 'x' })
    await using again = await t.restart()
    expect(await again.api.settings.get()).toMatchObject({ colorScheme: 'dark', profile: 'strict', authorName: 'Ada' })
    expect(await again.api.versions.list({ skillId: id })).toMatchObject([
      { author: { name: 'Ada', email: 'ada@example.com' } },
    ])
  })
})

test('a word of any script is found wherever it stands, and what is like it in part only is not', async () => {
  await using t = await testBackend()
  const described = {
    chinese: '一个写作助手，帮你写会议记录',
    japanese: 'データベースのバックアップを取る',
    thai: 'ช่วยเขียนรายงานการประชุมภาษาไทย',
    korean: '팀회의록을 정리한다',
    hindi: 'हिन्दी में रिपोर्ट लिखता है',
    arabic: 'يَكتُبُ التقارير',
    mixed: 'Reads PDF文件 and ＣＳＶ files',
  }
  const ids = new Map<string, string>()
  for (const [slug, description] of Object.entries(described)) {
    const { id } = await t.api.skills.create({ tenantId: t.tenantId, slug, description })
    await t.api.versions.save({ skillId: id, message: '' })
    ids.set(id, slug)
  }
  const find = async (query: string) =>
    (await t.api.skills.list({ tenantId: t.tenantId, query })).rows.map(row => ids.get(row.id))
  expect(await find('写')).toEqual(['chinese'])
  expect(await find('会议')).toEqual(['chinese'])
  expect(await find('议会')).toEqual([])
  expect(await find('ベース')).toEqual(['japanese'])
  expect(await find('ﾊﾞｯｸｱｯﾌﾟ')).toEqual(['japanese'])
  expect(await find('ประชุม')).toEqual(['thai'])
  // Another vowel is another word.
  expect(await find('ประชิม')).toEqual([])
  expect(await find('회의')).toEqual(['korean'])
  expect(await find('रिपोर्ट')).toEqual(['hindi'])
  expect(await find('रिपो')).toEqual(['hindi'])
  expect(await find('रपट')).toEqual([])
  expect(await find('يكتب')).toEqual(['arabic'])
  expect(await find('文件 csv')).toEqual(['mixed'])
  const { rows } = await t.api.skills.list({ tenantId: t.tenantId, query: '会议' })
  expect(rows[0]?.snippet).toContain('\u{E000}会议\u{E001}')
})
