import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { v7 } from 'uuid'
import { openDatabase } from '../../electron/sqlite.ts'
import { checkPath } from '../../shared/domain/bundle.ts'
import { folderNameOf } from '../../shared/domain/folder-name.ts'
import { HOSTILE_PATHS, HOSTILE_SLUGS } from '../support/hostile-names.ts'
import { expect, test } from './support/app.ts'
import { serviceOf } from './support/services.ts'

/**
 * The ways out of the library × hostile names, asked for as a page asks for them, in the browser's host and in Electron's backend:
 * nothing is written outside of the folder that was named, and a refusal says which name it was. `test/hostile-sinks.test.ts`
 * has every sink.
 */
test('exports of hostile names stay where they were sent, or are refused by name', async ({ app }) => {
  test.setTimeout(180_000)
  await expect(app.page.getByRole('button', { name: 'Open the sample' })).toBeVisible()
  const api = await serviceOf(app, 'app')
  const tenantId = (await api.spaces.list()).find(({ kind }) => kind === 'personal')?.tenantId ?? ''
  const { id: skillId } = await api.skills.create({ tenantId, slug: 'brief', description: 'About' })
  const { id } = await api.versions.save({ skillId, message: '' })
  const of = { kind: 'version' as const, id }
  const home = join(app.dataDir, 'home')
  const parent = join(home, 'skills')
  mkdirSync(join(home, '.ssh'), { recursive: true })
  mkdirSync(parent)
  writeFileSync(join(home, '.ssh', 'authorized_keys'), 'mine')
  const outside = () =>
    readdirSync(home, { recursive: true, encoding: 'utf8' })
      .filter(name => !name.startsWith(join('skills', '')))
      .sort()
  const before = outside()

  // As a registry without any rule would have sent them.
  const db = openDatabase(join(app.dataDir, 'library.db'))
  try {
    db.pragma('ignore_check_constraints = ON')
    for (const slug of HOSTILE_SLUGS) {
      db.prepare('UPDATE skills SET slug = ? WHERE id = ?').run(slug, skillId)
      const name = folderNameOf(slug)
      const { path } = await api.exports.toFolder({ of, parent, overwrite: true })
      expect(path, slug).toBe(join(parent, name))
      expect(existsSync(join(path, 'SKILL.md')), slug).toBe(true)
      expect((await api.exports.toArchive({ of })).name, slug).toBe(`${name}.skill`)
    }
    const keep = (text: string) => {
      const bytes = Buffer.from(text)
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      db.prepare('INSERT OR IGNORE INTO blobs (sha256, size, bytes) VALUES (?, ?, ?)').run(sha256, bytes.length, bytes)
      return { sha256, size: bytes.length }
    }
    const written = readdirSync(parent, { recursive: true }).length
    for (const [number, name] of HOSTILE_PATHS.entries()) {
      const files = ['SKILL.md', name].map(path => ({ path, ...keep('text'), executable: false }))
      const version = v7()
      db.prepare(
        `INSERT INTO skill_versions (id, tenant_id, skill_id, version, content_url, content_hash, content_type, name, description,
           message, created_by, created_at)
         SELECT ?, tenant_id, id, ?, 'x', ?, 'x', 'brief', 'x', 'x', author_id, 1 FROM skills WHERE id = ?`,
      ).run(version, 100 + number, keep(JSON.stringify(files)).sha256, skillId)
      const hostile = { kind: 'version' as const, id: version }
      const words = checkPath(name)?.message ?? 'a reason'
      const said = (work: Promise<unknown>) =>
        work.then(
          () => 'it was done',
          (error: Error) => error.message,
        )
      expect(await said(api.exports.toFolder({ of: hostile, parent, overwrite: true })), name).toContain(words)
      expect(await said(api.exports.toArchive({ of: hostile })), name).toContain(words)
    }
    expect(readdirSync(parent, { recursive: true }).length).toBe(written)
  } finally {
    db.close()
  }
  expect(outside()).toEqual(before)
  expect(readFileSync(join(home, '.ssh', 'authorized_keys'), 'utf8')).toBe('mine')
})
