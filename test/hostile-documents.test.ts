import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { READ_CHARACTERS } from '../shared/domain/skill-md.ts'
import { type TestBackend, testBackend } from './support/backend.ts'
import { codeOf } from './support/code-of.ts'

/**
 * Texts that held the backend for seconds to minutes. What is told here by counts is measured by `npm run bench hostile-backend`: how
 * long others wait.
 */
const HEAD = '---\nname: heavy\ndescription: A heavy document.\n---\n'
const MEGABYTE = 1_000_000
const fill = (unit: string, size: number): string => unit.repeat(Math.ceil(size / unit.length)).slice(0, size)
const lines = (count: number, one: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => one(n)).join('\n')

describe('a heavy SKILL.md', () => {
  let t: TestBackend
  beforeAll(async () => {
    t = await testBackend()
  })
  afterAll(() => t[Symbol.asyncDispose]())

  const write = async (skillId: string, text: string) => {
    const expected = (await t.api.workingCopies.get({ skillId })).files[0]?.sha256 ?? null
    const content = { kind: 'text', text } as const
    await t.api.workingCopies.write({ skillId, path: 'SKILL.md', content, expected })
  }
  const saved = async (slug: string, text: string) => {
    const { id: skillId } = await t.api.skills.create({ tenantId: t.tenantId, slug })
    await write(skillId, text)
    return { skillId, versionId: (await t.api.versions.save({ skillId, message: 'm' })).id }
  }
  /** How many calls were answered while `work` lasted. */
  const answeredDuring = async (work: Promise<unknown>): Promise<number> => {
    let answered = 0
    let done = false
    const asking = (async () => {
      while (!done) {
        await t.api.spaces.list()
        answered += 1
        await setImmediate()
      }
    })()
    await work
    done = true
    await asking
    return answered
  }

  test.each([
    ['words that are no words', lines(150_000, n => (Math.imul(n + 1, 0x9e3779b1) >>> 0).toString(36))],
    ['links that lead nowhere', lines(60_000, n => `[a](b/${n}.md)`)],
    ['a fence that ends in what it may not have', `${fill('`', MEGABYTE)}a\``],
    ['code that never ends', fill('` ', MEGABYTE)],
    ['fences that never close', fill('```a\n~~~b\n', MEGABYTE)],
  ])('%s: searched, checked and counted while others are answered', async (name, body) => {
    const slug = `heavy-${name.split(' ').at(-1) ?? ''}`
    const { skillId, versionId } = await saved(slug, `${HEAD}findable\n${body}\nunfindable`)
    const answered = await answeredDuring(t.backend.settled())
    expect(answered).toBeGreaterThan(5)
    const row = (await t.api.skills.list({ tenantId: t.tenantId, slug })).rows[0]
    expect(row?.tokens?.onTrigger).toBeGreaterThan(1_000)
    expect(row?.checks?.warnings).toBeGreaterThan(0)
    const found = async (query: string) => (await t.api.skills.list({ tenantId: t.tenantId, query })).rows
    expect((await found('findable')).map(one => one.id)).toContain(skillId)
    // What lies beyond is not read: a finding says so.
    expect(body.length).toBeGreaterThan(READ_CHARACTERS)
    expect((await found('unfindable')).map(one => one.id)).not.toContain(skillId)
    expect(await codeOf(t.api.versions.blame({ id: versionId, path: 'SKILL.md' }))).toBe('TOO_LONG')
  })

  test('a version that is saved while the one before is read is the one that is found', async () => {
    const { skillId } = await saved('overtaken', `${HEAD}earlier ${lines(30_000, n => n.toString(36))}`)
    await setImmediate()
    await write(skillId, `${HEAD}later`)
    await t.api.versions.save({ skillId, message: 'm' })
    await t.backend.settled()
    const found = async (query: string) => (await t.api.skills.list({ tenantId: t.tenantId, query })).rows.length
    expect([await found('earlier'), await found('later')]).toEqual([0, 1])
  })

  test('a library that is closed while a text is read is closed, and the text is read when it is opened again', async () => {
    await using other = await testBackend()
    const { id: skillId } = await other.api.skills.create({ tenantId: other.tenantId, slug: 'closed' })
    const expected = (await other.api.workingCopies.get({ skillId })).files[0]?.sha256 ?? null
    const content = { kind: 'text', text: `${HEAD}${lines(60_000, n => n.toString(36))}` } as const
    await other.api.workingCopies.write({ skillId, path: 'SKILL.md', content, expected })
    await other.api.versions.save({ skillId, message: 'm' })
    await setImmediate()
    const again = await other.restart()
    await again.backend.settled()
    const [row] = (await again.api.skills.list({ tenantId: again.tenantId })).rows
    expect(row?.tokens?.onTrigger).toBeGreaterThan(1_000)
    await again.backend.close()
  })
})

describe('an import of many', () => {
  test('skills of one name are numbered one after the other', async () => {
    await using t = await testBackend()
    const root = path.join(t.dataDir, 'many')
    for (let n = 0; n < 300; n++) {
      const folder = path.join(root, `${n}`, 'same')
      mkdirSync(folder, { recursive: true })
      writeFileSync(path.join(folder, 'SKILL.md'), `${HEAD}${n}`)
    }
    const steps = await t.api.imports.run({ tenantId: t.tenantId, source: { kind: 'folder', path: root } })
    while (!(await steps.next()).done);
    const { rows } = await t.api.skills.list({ tenantId: t.tenantId, limit: 500 })
    const expected = ['same', ...Array.from({ length: 299 }, (_, n) => `same-${n + 2}`)]
    expect(rows.map(row => row.slug).sort()).toEqual(expected.sort())
  })
})
