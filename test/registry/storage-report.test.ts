import fs from 'node:fs'
import path from 'node:path'
import type pg from 'pg'
import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BlobStore, blobKey, sha256 } from '../../electron/registry/blobs.ts'
import { openFolderBlobs } from '../../electron/registry/folder-blobs.ts'
import { initFolderBlobs } from '../../electron/registry/folder-mark.ts'
import { publish, pushRows, pushSkills, pushVersions } from '../../electron/registry/postgres.ts'
import { listPublishLog, readApproval, setApproval } from '../../electron/registry/provision.ts'
import { reportStorage } from '../../electron/registry/storage-report.ts'
import { encodeManifest } from '../../shared/domain/bundle.ts'
import { temporaryFolder } from '../support/backend.ts'
import { noPostgres } from '../support/postgres.ts'
import { newSkill, newVersion, startTestRegistry, type TestDatabase, type TestRegistry } from './registry.ts'

describe.skipIf(noPostgres !== undefined)(`what an owner looks at${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let registry: TestRegistry
  let db: TestDatabase
  let owner: pg.Client
  let author: pg.Client
  let store: BlobStore
  const root = temporaryFolder()
  beforeAll(async () => {
    registry = await startTestRegistry()
    db = await registry.database()
    owner = await db.owner()
    author = await db.as(registry.a.author)
    await initFolderBlobs(root, v7)
    const opened = await openFolderBlobs(root)
    if (opened.kind !== 'open') throw new Error(opened.message)
    store = opened.store
  })
  afterAll(async () => {
    store.close()
    await db.close()
    await registry.stop()
    fs.rmSync(root, { recursive: true })
  })

  const put = async (text: string) => {
    const bytes = Buffer.from(text)
    expect(await store.put(sha256(bytes), bytes)).toEqual({ kind: 'stored' })
    return { sha256: sha256(bytes), size: bytes.length }
  }
  const fileOf = (hash: string) => path.join(root, ...blobKey(hash).split('/'))
  const look = async () => {
    const reported = await reportStorage(owner, registry.a.id, store, { graceMs: 0 })
    if (reported.kind !== 'report') throw new Error(reported.message)
    return reported.report
  }
  const everything = () => fs.readdirSync(root, { recursive: true }).sort()

  test('garbage is what no manifest, file of one or case names; nothing of it is deleted', async () => {
    const skill = newSkill()
    await pushSkills(author, [skill])
    const file = { path: 'SKILL.md', executable: false, ...(await put('a skill')) }
    const manifest = await put(encodeManifest([file]))
    const lost = { path: 'SKILL.md', executable: false, sha256: sha256(Buffer.from('never sent')), size: 10 }
    const half = await put(encodeManifest([lost]))
    await pushVersions(author, [
      newVersion(skill.id, { content_hash: manifest.sha256 }),
      newVersion(skill.id, { content_hash: half.sha256 }),
    ])
    const ofCase = await put('a file of a case')
    const one = { path: 'in.csv', ...ofCase }
    await pushRows(author, 'benchmark_cases', [
      {
        id: v7(),
        skill_id: skill.id,
        name: 'n',
        prompt: 'p',
        assertions: '[]',
        files: JSON.stringify([one, { path: 'not-here.csv', sha256: null, size: null }]),
        tags: '[]',
        weight: 1,
        archived: 0,
        provenance: '{}',
      },
    ])
    const left = await put('nobody’s')
    fs.writeFileSync(path.join(root, 'blobs', 'sha256', 'note.txt'), 'x')
    const before = everything()
    const report = await look()
    expect(report).toMatchObject({ blobs: 5, missing: [lost.sha256], unread: [] })
    expect(report.unreferenced.map(entry => entry.hash)).toEqual([left.sha256])
    expect(report.strange.map(entry => entry.key)).toContain('blobs/sha256/note.txt')
    expect(everything()).toEqual(before)
    // With the usual patience, what is as new as this may be on its way.
    const patient = await reportStorage(owner, registry.a.id, store)
    expect(patient).toMatchObject({ report: { unreferenced: [], recent: [{ hash: left.sha256 }] } })
    // The other team's rows name none of it.
    const theirs = await reportStorage(owner, registry.b.id, store, { graceMs: 0 })
    expect(theirs.kind === 'report' && theirs.report.unreferenced).toHaveLength(5)

    // A case's file that nobody sent is missing, as any other; a list that a modified app made up is refused.
    const unsent = sha256(Buffer.from('never sent either'))
    const row = { skill_id: skill.id, name: 'n', prompt: 'p', assertions: '[]', tags: '[]', weight: 1, archived: 0 }
    const named = { path: 'a', sha256: unsent, size: 1 }
    const push = (files: unknown) =>
      pushRows(author, 'benchmark_cases', [{ ...row, id: v7(), files: JSON.stringify(files), provenance: '{}' }])
    expect(await push([named])).toMatchObject({ kind: 'answered' })
    for (const odd of [[named, 'x', { sha256: 'y' }, null], { a: 1 }])
      expect(await push(odd)).toMatchObject({ rows: [{ state: 'refused', code: '23514' }] })
    expect((await look()).missing.sort()).toEqual([lost.sha256, unsent].sort())

    // A manifest that cannot be read hides what it names: that is said.
    fs.writeFileSync(fileOf(manifest.sha256), 'damaged')
    expect(await look()).toMatchObject({ unread: [manifest.sha256] })
    fs.rmSync(fileOf(manifest.sha256))
    const gone = await look()
    expect(gone.unread).toEqual([manifest.sha256])
    expect(gone.missing).toContain(manifest.sha256)
  })

  test('the log says who moved which pointer when, of this team alone; approval is read as it was set', async () => {
    const skill = newSkill({ slug: 'logged' })
    await pushSkills(author, [skill])
    const versions = [newVersion(skill.id), newVersion(skill.id)]
    await pushVersions(author, versions)
    const [first, second] = versions.map(version => version.id)
    const move = (to: string | null | undefined, expected: string | null | undefined) =>
      publish(author, { skillId: skill.id, versionId: to ?? null, expected: expected ?? null, content: null })
    const since = Date.now() - 60_000
    for (const [to, from] of [
      [first, null],
      [second, first],
      [null, second],
    ])
      expect(await move(to, from)).toMatchObject({ kind: 'published' })
    const log = await listPublishLog(owner, registry.a.id, 10)
    const steps = log.map(({ skill, from, to, by }) => ({ skill, from, to, by }))
    // Within one millisecond their order is not told.
    expect(steps).toHaveLength(3)
    expect(steps).toEqual(
      expect.arrayContaining([
        { skill: 'logged', from: null, to: 1, by: 'Ben' },
        { skill: 'logged', from: 1, to: 2, by: 'Ben' },
        { skill: 'logged', from: 2, to: null, by: 'Ben' },
      ]),
    )
    expect(log.every(entry => entry.at > since)).toBe(true)
    expect(await listPublishLog(owner, registry.a.id, 1)).toHaveLength(1)
    expect(await listPublishLog(owner, registry.b.id, 10)).toEqual([])
    // A member reads it too, and B's reads nothing of it.
    const rows = async (client: pg.Client) => (await client.query('SELECT FROM whetstone.publish_log')).rowCount
    expect(await rows(await db.as(registry.a.reader))).toBe(3)
    expect(await rows(await db.as(registry.b.admin))).toBe(0)

    await setApproval(owner, registry.a.id, true)
    expect([await readApproval(owner, registry.a.id), await readApproval(owner, registry.b.id)]).toEqual([true, false])
    expect(await move(first, null)).toMatchObject({ kind: 'needs_approval' })
    expect(await listPublishLog(owner, registry.a.id, 10)).toHaveLength(3)
    // The rule is the database's: not even the owner's own hand gets past it.
    await expect(
      owner.query('UPDATE whetstone.skills SET published_version_id = $1 WHERE id = $2', [first, skill.id]),
    ).rejects.toMatchObject({ code: 'WS412' })
  })
})
