import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import type pg from 'pg'
import { v7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BlobStore, sha256 } from '../../electron/registry/blobs.ts'
import { examine } from '../../electron/registry/doctor.ts'
import { examineStorage } from '../../electron/registry/doctor-storage.ts'
import { exportTenant } from '../../electron/registry/export.ts'
import { openFolderBlobs } from '../../electron/registry/folder-blobs.ts'
import { initFolderBlobs } from '../../electron/registry/folder-mark.ts'
import { addMember } from '../../electron/registry/members.ts'
import { publish, pushRows, pushSkills, pushVersions, removeRows } from '../../electron/registry/postgres.ts'
import { pull } from '../../electron/registry/pull.ts'
import { startR2Simulator } from '../../electron/registry/r2-simulator.ts'
import { restoreTenant } from '../../electron/registry/restore.ts'
import { encodeManifest } from '../../shared/domain/bundle.ts'
import { temporaryFolder } from '../support/backend.ts'
import { noPostgres, startTestPostgres, withClient } from '../support/postgres.ts'
import {
  migrations,
  newCase,
  newFeedback,
  newMeasurement,
  newRating,
  newResult,
  newRun,
  newSkill,
  newUsageEvent,
  newVersion,
  startTestRegistry,
  type TestDatabase,
  type TestRegistry,
} from './registry.ts'

describe.skipIf(noPostgres !== undefined)(`export and restore${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let registry: TestRegistry
  let db: TestDatabase
  let owner: pg.Client
  const root = temporaryFolder()
  const folder = (name: string) => path.join(root, name)
  beforeAll(async () => {
    registry = await startTestRegistry()
    db = await registry.database()
    owner = await db.owner()
  })
  afterAll(async () => {
    await db.close()
    await registry.stop()
    fs.rmSync(root, { recursive: true })
  })

  async function store(name: string): Promise<BlobStore> {
    fs.mkdirSync(folder(name), { recursive: true })
    await initFolderBlobs(folder(name), v7)
    const opened = await openFolderBlobs(folder(name))
    if (opened.kind !== 'open') throw new Error(opened.message)
    return opened.store
  }

  /** Every kind of row, with what a line of text may trip over, more versions than a page, and references across pages. */
  async function populate(blobs: BlobStore) {
    const author = await db.as(registry.a.author)
    const reader = await db.as(registry.a.reader)
    const stranger = await db.as(registry.b.author)
    await pushSkills(stranger, [newSkill()])
    const text = 'line\u2028break\u2029 "quoted" \\ \n\t ünï 𝕏'
    const file = Buffer.from('---\nname: x\n---\n')
    const manifest = encodeManifest([{ path: 'SKILL.md', sha256: sha256(file), size: file.length, executable: false }])
    const contentHash = sha256(Buffer.from(manifest))
    await blobs.put(sha256(file), file)
    const ofCase = Buffer.from('a,b\n1,2\n')
    await blobs.put(sha256(ofCase), ofCase)
    await blobs.put(contentHash, Buffer.from(manifest))
    const skills = [newSkill({ description: text }), newSkill()]
    const [first, second] = skills
    if (!first || !second) throw new Error('no skills')
    await pushSkills(author, skills)
    // The newest is the parent of the oldest of another skill: a page of versions refers to a later page.
    const versions = Array.from({ length: 1_300 }, (_, n) =>
      newVersion(n % 2 ? first.id : second.id, {
        content_hash: contentHash,
        message: text,
        metadata: JSON.stringify({ origin: text }),
      }),
    )
    versions.forEach((version, n) => {
      version.parent_version_id = versions[n - 1]?.id ?? null
    })
    expect(await pushVersions(author, versions)).toMatchObject({ kind: 'answered' })
    await pushSkills(author, [newSkill({ forked_from_id: first.id, forked_at_version_id: versions[1]?.id ?? null })])
    const versionId = versions[1]?.id ?? ''
    const content = { skillMd: file.toString(), manifest }
    await publish(author, { skillId: first.id, versionId, expected: null, content })
    const rating = newRating(first.id, versionId, { hours_saved_estimate: 0.1, comment: text })
    await pushRows(reader, 'ratings', [rating])
    await pushRows(author, 'ratings', [newRating(first.id, versionId, { hours_saved_estimate: 0.2, rating: 1 })])
    await removeRows(reader, 'ratings', [rating.id])
    const feedback = newFeedback(first.id, versionId, { comment: text })
    await pushRows(reader, 'feedback', [feedback])
    const one = newCase(first.id, {
      prompt: text,
      files: JSON.stringify([{ path: 'in.csv', sha256: sha256(ofCase), size: ofCase.length }]),
      weight: 0.1,
      source_feedback_id: feedback.id,
    })
    const run = newRun(first.id, versionId)
    await pushRows(author, 'benchmark_cases', [one])
    await pushRows(author, 'benchmark_runs', [run])
    await pushRows(author, 'benchmark_results', [newResult(run.id, one.id, { quality_score: 33.3 })])
    await pushRows(author, 'measurements', [
      newMeasurement(first.id, versionId, { estimated_cost_microcents: 9_007_199_254_740_991 }),
    ])
    await pushRows(author, 'usage_events', [newUsageEvent(first.id, versionId)])
    return { contentHash, file: sha256(file) }
  }

  test('what was exported and restored is equal, in a new epoch; its users are invited anew', async () => {
    const source = await store('source')
    const content = await populate(source)
    const exported = await exportTenant(owner, {
      tenantId: registry.a.id,
      folder: folder('one'),
      store: source,
      now: 5,
    })
    if (exported.kind !== 'exported') throw new Error(exported.reason)
    expect(exported.archive.blobs).toEqual({ stored: 3, missing: [] })
    expect(exported.archive.tables.skill_versions?.rows).toBe(1_300)
    // Nothing of the other tenant, and no login.
    const everything = fs
      .readdirSync(folder('one/tables'))
      .map(name => fs.readFileSync(path.join(folder('one/tables'), name), 'utf8'))
      .join('')
    expect(everything).not.toContain(registry.b.id)
    expect(everything).not.toContain('whm_')

    const elsewhere = await startTestPostgres()
    try {
      const target = await store('target')
      const { url } = await elsewhere.createDatabase()
      await withClient(url, async client => {
        const restored = await restoreTenant(client, { folder: folder('one'), store: target, migrations, now: 6 })
        if (restored.kind !== 'restored') throw new Error(JSON.stringify(restored))
        expect(restored.users).toHaveLength(4)
        expect((await target.has([content.contentHash, content.file])).kind).toBe('answer')
        const again = await exportTenant(client, {
          tenantId: registry.a.id,
          folder: folder('two'),
          store: target,
          now: 5,
        })
        if (again.kind !== 'exported') throw new Error(again.reason)
        const { tenant_heads: headBefore, ...before } = exported.archive.tables
        const { tenant_heads: headAfter, ...after } = again.archive.tables
        expect(after).toEqual(before)
        expect(again.archive.blobs).toEqual(exported.archive.blobs)
        expect(headAfter?.sha256).not.toBe(headBefore?.sha256)
        expect((await examine(client, 'owner', { migrations })).filter(finding => finding.state === 'fail')).toEqual([])

        const [user] = restored.users
        const login = await addMember(client, {
          tenantId: registry.a.id,
          userId: user?.id ?? '',
          name: '',
          email: null,
          role: 'admin',
          now: 1,
          expiresAt: Date.now() + 60_000,
        })
        await withClient(url.replace(/\/\/[^@]*@/, `//${login.user}:${login.password}@`), async member => {
          const page = await pull(member, { since: 0, mark: null }, 2_000)
          expect(page).toMatchObject({ kind: 'page', epoch: restored.epoch })
          const { rows } = await owner.query('SELECT epoch FROM whetstone.tenant_heads WHERE tenant_id = $1', [
            registry.a.id,
          ])
          expect(rows[0].epoch).not.toBe(restored.epoch)
        })
        // Not empty any more.
        expect(await restoreTenant(client, { folder: folder('one'), store: null, migrations, now: 6 })).toMatchObject({
          kind: 'refused',
        })
      })
    } finally {
      await elsewhere.stop()
    }
  })

  test('missing content is named; a folder in use, a cut file, a foreign folder and a newer export are refused', async () => {
    const empty = await store('empty')
    const { rows } = await owner.query(
      'SELECT DISTINCT content_hash FROM whetstone.skill_versions WHERE tenant_id = $1',
      [registry.a.id],
    )
    const exported = await exportTenant(owner, {
      tenantId: registry.a.id,
      folder: folder('three'),
      store: empty,
      now: 5,
    })
    expect(exported).toMatchObject({
      kind: 'exported',
      archive: {
        blobs: { stored: 0, missing: [sha256(Buffer.from('a,b\n1,2\n')), ...rows.map(row => row.content_hash)].sort() },
      },
    })
    expect(
      await exportTenant(owner, { tenantId: registry.a.id, folder: folder('three'), store: null, now: 5 }),
    ).toMatchObject({ kind: 'refused' })
    expect(
      await exportTenant(owner, { tenantId: 'nobody', folder: folder('four'), store: null, now: 5 }),
    ).toMatchObject({ kind: 'refused' })
    const restore = (name: string) => restoreTenant(owner, { folder: folder(name), store: null, migrations, now: 6 })
    expect(await restore('nowhere')).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('registry.json is missing'),
    })
    fs.truncateSync(path.join(folder('three'), 'tables', 'skills.jsonl'), 100)
    expect(await restore('three')).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('skills.jsonl is damaged'),
    })
    const file = path.join(folder('one'), 'registry.json')
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(/"schemaVersion": \d+/, '"schemaVersion": 9990'))
    expect(await restore('one')).toMatchObject({ kind: 'refused', reason: expect.stringContaining('newer registry') })
  })

  test('a bucket that anybody writes to or reads from, or that checks no signature, is found', async () => {
    const things = new Map<string, Buffer>()
    const open = http.createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', chunk => chunks.push(chunk))
      request.on('end', () => {
        const key = request.url?.split('?')[0] ?? ''
        const there = things.get(key)
        if (request.method === 'PUT' && there && request.headers['if-none-match'] === '*') response.statusCode = 412
        else if (request.method === 'PUT') things.set(key, Buffer.concat(chunks))
        else if (!there) response.statusCode = 404
        response.setHeader('etag', '"x"')
        if (request.method === 'HEAD' && there) response.setHeader('content-length', there.length)
        response.end(request.method === 'GET' ? there : undefined)
      })
    })
    await new Promise<void>(resolve => open.listen(0, '127.0.0.1', resolve))
    const address = open.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const findings = await examineStorage({
      kind: 'r2',
      endpoint: `http://127.0.0.1:${port}`,
      bucket: 'team',
      accessKeyId: 'key',
      secretAccessKey: 'secret',
    })
    expect(findings.map(finding => [finding.id, finding.state])).toEqual([
      ['storage', 'pass'],
      ['storage-write', 'fail'],
      ['storage-read', 'fail'],
      ['storage-secret', 'fail'],
      ['storage-lock', 'advice'],
    ])
    open.closeAllConnections()
    open.close()
  })

  test('the simulator’s bucket and a folder pass; a wrong key and a missing folder fail', async () => {
    const bucket = { bucket: 'doctor', accessKeyId: 'a'.repeat(32), secretAccessKey: 'b'.repeat(64) }
    const started = await startR2Simulator({ folder: folder('r2'), buckets: [bucket] })
    if (started.kind !== 'started') throw new Error(started.reason)
    const settings = { kind: 'r2' as const, ...started.simulator.settingsOf(bucket) }
    try {
      expect((await examineStorage(settings)).filter(finding => finding.state === 'fail')).toEqual([])
      expect(await examineStorage({ ...settings, secretAccessKey: 'c'.repeat(64) })).toMatchObject([
        { id: 'storage', state: 'fail' },
      ])
    } finally {
      await started.simulator.stop()
    }
    expect(await examineStorage({ kind: 'folder', path: folder('source') })).toMatchObject([{ state: 'pass' }])
    expect(await examineStorage({ kind: 'folder', path: folder('nowhere') })).toMatchObject([{ state: 'fail' }])
  })
})
