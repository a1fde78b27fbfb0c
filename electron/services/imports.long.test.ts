import fs from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import type { ImportProgress, ImportReport, ImportSource } from '../../shared/contract/imports.ts'
import { type TestBackend, temporaryFolder, testBackend } from '../../test/support/backend.ts'
import { codeOf } from '../../test/support/code-of.ts'
import { git, gitMissing, initRepository, writeCommits, writeHistories } from '../../test/support/git-repository.ts'
import { generateSkillHistories, readSkillHistories, type SkillHistory } from '../../test/support/skill-histories.ts'

async function run(
  t: TestBackend,
  source: ImportSource,
  ticket?: string,
  onProgress?: (p: ImportProgress) => void,
): Promise<ImportReport> {
  const progress = await t.api.imports.run({ tenantId: t.tenantId, source, ticket })
  for (;;) {
    const step = await progress.next()
    if (step.done) return step.value
    onProgress?.(step.value)
  }
}
const skillMd = (name: string, body = '') => `---\nname: ${name}\ndescription: About ${name}\n---\n${body}`
function put(root: string, files: Record<string, string | Uint8Array>): void {
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true })
    fs.writeFileSync(path.join(root, name), content)
  }
}
async function inFolder(work: (root: string) => Promise<void>): Promise<void> {
  const root = temporaryFolder()
  try {
    await work(root)
  } finally {
    fs.rmSync(root, { recursive: true, force: true })
  }
}

describe('import', () => {
  test('of a folder brings every skill whole, says what stayed out, and adds nothing the second time', () =>
    inFolder(async root => {
      await using t = await testBackend()
      put(root, {
        'a/SKILL.md': skillMd('a'),
        'a/scripts/run.py': 'print(1)',
        'a/image.png': new Uint8Array([0x89, 0x50, 0, 1]),
        'deep/er/b/SKILL.md': '---\nname: [b\n---\nYAML that is not',
        'latin/SKILL.md': new Uint8Array([0x2d, 0x2d, 0x2d, 0xe9, 0x0a]),
        'README.md': 'not a skill',
      })
      const source = { kind: 'path', path: root } as const
      const first = await run(t, source)
      expect(first).toMatchObject({ skillsAdded: 2, versionsAdded: 2, cancelled: false, source: { kind: 'folder' } })
      expect(first.skipped.map(skip => skip.path).join(' ')).toContain('latin')
      const { rows } = await t.api.skills.list({ tenantId: t.tenantId })
      expect(rows.map(row => row.slug).sort()).toEqual(['a', 'b'])
      const whole = rows.find(row => row.slug === 'a')
      const newest = await t.api.versions.get({ id: whole?.newest?.id ?? '' })
      expect(newest.files.map(file => file.path)).toEqual(['SKILL.md', 'image.png', 'scripts/run.py'])
      const again = await run(t, source)
      expect(again).toMatchObject({ skillsAdded: 0, skillsUpdated: 0, skillsUnchanged: 2, versionsAdded: 0 })
    }))

  test('again after a change adds a version on top; after changes on both sides keeps both and says so', () =>
    inFolder(async root => {
      await using t = await testBackend()
      put(root, { 'a/SKILL.md': skillMd('a', 'one') })
      const source = { kind: 'folder', path: root } as const
      await run(t, source)
      put(root, { 'a/SKILL.md': skillMd('a', 'two') })
      expect(await run(t, source)).toMatchObject({ skillsUpdated: 1, versionsAdded: 1, skipped: [] })
      const [row] = (await t.api.skills.list({ tenantId: t.tenantId })).rows
      const skillId = row?.id ?? ''
      const second = (await t.api.versions.list({ skillId }))[0]
      expect(second).toMatchObject({ number: 2, parentId: (await t.api.versions.list({ skillId }))[1]?.id })
      const read = await t.api.files.read({ of: { kind: 'working', skillId }, path: 'SKILL.md' })
      const content = { kind: 'text', text: skillMd('a', 'mine') } as const
      await t.api.workingCopies.write({ skillId, path: 'SKILL.md', content, expected: read.sha256 })
      const mine = await t.api.versions.save({ skillId, message: 'mine' })
      put(root, { 'a/SKILL.md': skillMd('a', 'theirs') })
      const report = await run(t, source)
      expect(report.skipped).toMatchObject([{ code: 'DIVERGED' }])
      const all = await t.api.versions.list({ skillId })
      expect(all.map(version => [version.number, version.parentId])).toEqual([
        [4, second?.id],
        [3, second?.id],
        [2, all[3]?.id],
        [1, null],
      ])
      // The author's own stays the newest; importing once more adds nothing.
      expect((await t.api.skills.get({ id: skillId })).newest?.id).toBe(mine.id)
      expect(await run(t, source)).toMatchObject({ skillsUnchanged: 1, versionsAdded: 0 })
    }))

  test('two folders of one name are two skills, and stay two', () =>
    inFolder(async root => {
      await using t = await testBackend()
      put(root, { 'x/same/SKILL.md': skillMd('same', 'x'), 'y/same/SKILL.md': skillMd('same', 'y') })
      const source = { kind: 'folder', path: root } as const
      expect(await run(t, source)).toMatchObject({ skillsAdded: 2 })
      expect((await t.api.skills.list({ tenantId: t.tenantId })).rows.map(row => row.slug)).toEqual(['same', 'same-2'])
      expect(await run(t, source)).toMatchObject({ skillsAdded: 0, skillsUnchanged: 2 })
    }))

  test('of what cannot be read is an expected failure, in words', async () => {
    await using t = await testBackend()
    const source = (where: string) => run(t, { kind: 'path', path: where })
    expect(await codeOf(source(path.join(t.dataDir, 'nowhere')))).toBe('SOURCE_UNREADABLE')
    expect(await codeOf(source(t.dataDir))).toBe('NOTHING_FOUND')
    const base64 = Buffer.from('not a zip').toString('base64')
    expect(await codeOf(run(t, { kind: 'archive', name: 'x.zip', base64 }))).toBe('SOURCE_UNREADABLE')
    expect(await codeOf(run(t, { kind: 'git', path: t.dataDir }))).toBe(
      gitMissing ? 'GIT_MISSING' : 'SOURCE_UNREADABLE',
    )
  })

  test('of an archive is what an export wrote', async () => {
    await using t = await testBackend()
    const { tenantId } = await t.api.spaces.openSample()
    const [row] = (await t.api.skills.list({ tenantId, slug: 'pdf-forms' })).rows
    const of = { kind: 'version', id: row?.newest?.id ?? '' } as const
    const { name, base64 } = await t.api.exports.toArchive({ of })
    expect(name).toBe('pdf-forms.skill')
    expect(await run(t, { kind: 'archive', name, base64 })).toMatchObject({ skillsAdded: 1, skipped: [] })
    const mine = (await t.api.skills.list({ tenantId: t.tenantId })).rows[0]
    const twin = await t.api.versions.get({ id: mine?.newest?.id ?? '' })
    expect(twin.contentHash).toBe((await t.api.versions.get({ id: of.id })).contentHash)
    const { path: written } = await t.api.exports.toFolder({ of, parent: t.dataDir })
    expect(await codeOf(t.api.exports.toFolder({ of, parent: t.dataDir }))).toBe('TARGET_NOT_EMPTY')
    for (const file of twin.files) expect(fs.statSync(path.join(written, file.path)).size).toBe(file.size)
  })

  test('of several skills in one archive keeps what can be executed; a namesake is left out by name', async () => {
    await using t = await testBackend()
    const make = async (slug: string) => {
      const { id } = await t.api.skills.create({ tenantId: t.tenantId, slug })
      await t.api.workingCopies.write({
        skillId: id,
        path: 'run.sh',
        content: { kind: 'text', text: 'echo hi\n' },
        expected: null,
        executable: true,
      })
      return { kind: 'version' as const, id: (await t.api.versions.save({ skillId: id, message: '' })).id }
    }
    const [one, two] = [await make('one'), await make('two')]
    const { base64, skills, left } = await t.api.exports.toOneArchive({ of: [one, two, one] })
    expect(skills).toBe(2)
    expect(left).toEqual([{ name: 'one', reason: 'Another skill of that name is in the archive.' }])
    await using u = await testBackend()
    expect(await run(u, { kind: 'archive', name: 'skills.zip', base64 })).toMatchObject({ skillsAdded: 2, skipped: [] })
    for (const row of (await u.api.skills.list({ tenantId: u.tenantId })).rows) {
      const { files } = await u.api.versions.get({ id: row.newest?.id ?? '' })
      expect(files.map(file => [file.path, file.executable])).toEqual([
        ['SKILL.md', false],
        ['run.sh', true],
      ])
    }
  })

  test('stopped half-way keeps whole skills, says so, and goes on the next time', () =>
    inFolder(async root => {
      await using t = await testBackend()
      for (let n = 0; n < 300; n++) put(root, { [`s${n}/SKILL.md`]: skillMd(`s${n}`) })
      const source = { kind: 'folder', path: root } as const
      const stopped = await run(t, source, 'mine', progress => {
        if (progress.phase === 'reading' && progress.done > 20) void t.api.imports.stop({ ticket: 'mine' })
      })
      expect(stopped.cancelled).toBe(true)
      expect(stopped.skillsAdded).toBeLessThan(300)
      const { total, versions } = await t.api.skills.list({ tenantId: t.tenantId })
      expect([total, versions]).toEqual([stopped.skillsAdded, stopped.skillsAdded])
      expect(await run(t, source)).toMatchObject({
        skillsAdded: 300 - stopped.skillsAdded,
        skillsUnchanged: stopped.skillsAdded,
      })
      expect(await t.api.imports.stop({ ticket: 'mine' })).toEqual({ stopped: false })
    }))
})

describe.skipIf(gitMissing)(`import of a git repository${gitMissing ? ` (skipped: ${gitMissing})` : ''}`, () => {
  const real = readSkillHistories('claude-plugins')
  test(`${real ? 'the whole claude-plugins history' : 'a generated history (the real one is not here)'}: every version equals its source byte for byte`, () =>
    inFolder(async root => {
      await using t = await testBackend()
      const histories = real ?? generateSkillHistories({ chains: 60, versions: 6 })
      const repository = path.join(root, 'repository')
      initRepository(repository)
      await writeHistories(repository, histories, { name: 'Ann', email: 'ann@example.com' })
      const report = await run(t, { kind: 'path', path: repository })
      expect(report.source.kind).toBe('git')
      expect(report.skillsAdded).toBe(histories.length)
      compareWithSource(t.dataDir, histories)
      const again = await run(t, { kind: 'path', path: repository })
      expect(again).toMatchObject({
        skillsAdded: 0,
        skillsUpdated: 0,
        skillsUnchanged: histories.length,
        versionsAdded: 0,
      })
    }))

  test('a new commit later adds just its version; merges keep two parents; renames keep the skill', () =>
    inFolder(async root => {
      await using t = await testBackend()
      initRepository(root)
      const commit = (
        name: string,
        parents: string[],
        file: string,
        body: string,
        more: { rename: string; to: string }[] = [],
      ) => ({
        name,
        parents,
        message: name,
        date: '2026-01-02T03:04:05Z',
        changes: [...more, { write: file, bytes: skillMd('a', body) }],
      })
      const commits = [
        commit('base', [], 'a/SKILL.md', 'l1\n\n\nl2\n'),
        commit('left', ['base'], 'a/SKILL.md', 'L1\n\n\nl2\n'),
        commit('right', ['base'], 'a/SKILL.md', 'l1\n\n\nL2\n'),
        commit('merged', ['left', 'right'], 'a/SKILL.md', 'L1\n\n\nL2\n'),
      ]
      await writeCommits(root, commits)
      const source = { kind: 'git', path: root } as const
      expect(await run(t, source)).toMatchObject({ skillsAdded: 1, versionsAdded: 4 })
      const [row] = (await t.api.skills.list({ tenantId: t.tenantId })).rows
      const skillId = row?.id ?? ''
      const byMessage = new Map((await t.api.versions.list({ skillId })).map(version => [version.message, version]))
      expect(byMessage.get('merged')).toMatchObject({
        parentId: byMessage.get('left')?.id,
        mergedId: byMessage.get('right')?.id,
        number: 4,
      })
      await writeCommits(root, [
        ...commits,
        commit('renamed', ['merged'], 'b/SKILL.md', 'L1\n\n\nL2\nmore\n', [{ rename: 'a', to: 'b' }]),
      ])
      expect(await run(t, source)).toMatchObject({ skillsAdded: 0, skillsUpdated: 1, versionsAdded: 1 })
      expect((await t.api.versions.list({ skillId }))[0]).toMatchObject({
        number: 5,
        parentId: byMessage.get('merged')?.id,
      })
      expect(git(root, 'rev-list', '--count', 'main').trim()).toBe('5')
    }))
})

/** Straight from the tables, so that no service can flatter itself. */
function compareWithSource(dataDir: string, histories: readonly SkillHistory[]): void {
  const db = new Database(`${dataDir}/library.db`, { readonly: true })
  const origin = db.prepare<[string], { skill_id: string }>(
    "SELECT skill_id FROM import_origins WHERE origin LIKE '%:' || ?",
  )
  const list = db.prepare<[string], { message: string; created_at: number; metadata: string; manifest: Buffer }>(
    `SELECT v.message, v.created_at, v.metadata, b.bytes AS manifest FROM skill_versions v JOIN blobs b ON b.sha256 = v.content_hash
     WHERE v.skill_id = ? ORDER BY v.version`,
  )
  const blob = db.prepare<[string], { bytes: Buffer }>('SELECT bytes FROM blobs WHERE sha256 = ?')
  let compared = 0
  for (const history of histories) {
    const versions = list.all(origin.get(path.posix.dirname(history.path))?.skill_id ?? '')
    // A commit that leaves the folder as it was makes no version.
    const expected = history.versions.filter(
      (version, index) => version.content !== history.versions[index - 1]?.content,
    )
    expect(versions, history.path).toHaveLength(expected.length)
    for (const [index, version] of expected.entries()) {
      const row = versions[index]
      const manifest: { path: string; sha256: string }[] = JSON.parse(row?.manifest.toString('utf8') ?? '[]')
      expect(manifest.map(file => file.path)).toEqual(['SKILL.md'])
      const bytes = blob.get(manifest[0]?.sha256 ?? '')?.bytes
      if (!bytes?.equals(Buffer.from(version.content)))
        throw new Error(`${history.path}, version ${index + 1}: other bytes`)
      expect(row).toMatchObject({ message: version.message.trim(), created_at: Date.parse(version.date) })
      expect(JSON.parse(row?.metadata ?? '{}')).toMatchObject({ author: { name: 'Ann', email: 'ann@example.com' } })
      compared += 1
    }
  }
  expect(compared).toBeGreaterThan(histories.length)
  db.close()
}
