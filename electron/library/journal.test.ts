import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Manifest } from '../../shared/domain/manifest.ts'
import { temporaryFolder } from '../../test/support/backend.ts'
import {
  addRating,
  addSkill,
  addSpaces,
  addVersion,
  openOrThrow,
  PERSONAL,
  TEAM,
} from '../../test/support/library-to-break.ts'
import { putBlob, sha256 } from './blobs.ts'
import { OutboxJournal, readJournal, readKeptSpaces } from './journal.ts'
import type { Library } from './library.ts'
import type { VersionRecord } from './schema.ts'
import { insertVersion, putManifest } from './versions.ts'

let dataDir: string
let library: Library
let log: string[]
beforeEach(() => {
  dataDir = temporaryFolder()
  library = openOrThrow(dataDir)
  addSpaces(library)
  log = []
})
afterEach(() => {
  library.close()
  fs.rmSync(dataDir, { recursive: true, force: true })
})

const open = (of = library) => new OutboxJournal(of, dataDir, line => log.push(line))
const file = () => path.join(dataDir, 'outbox-journal.jsonl')
const seqs = () => readJournal(dataDir).ops.map(({ op }) => op.seq)
const queued = () => library.all<{ seq: number }>('SELECT seq FROM outbox ORDER BY seq').map(row => row.seq)

test('holds what is queued, with its rows and its content, and nothing of a personal skill', async () => {
  const journal = open()
  const personal = addSkill(library, PERSONAL, 1)
  const { skillId, ids } = addSkill(library, TEAM, 2)
  addRating(library, TEAM, skillId, ids[0] ?? '')
  await journal.settled()
  expect(seqs()).toEqual(queued())
  const blobs = new Map<string, number>()
  const { ops } = readJournal(dataDir, (name, bytes) => blobs.set(name, bytes.length))
  const tables = ops.map(({ op, rows }) => [op.entity, rows.map(row => row.table)])
  expect(tables).toEqual([
    ['skill', ['skills']],
    ['version', ['skills', 'skill_versions']],
    ['version', ['skills', 'skill_versions']],
    ['rating', ['skills', 'ratings']],
  ])
  const needed = library.all<{ sha256: string }>(
    `SELECT DISTINCT f.value ->> 'sha256' AS sha256 FROM skill_versions v JOIN blobs m ON m.sha256 = v.content_hash,
       json_each(CAST(m.bytes AS TEXT)) f WHERE v.skill_id = ? UNION SELECT content_hash FROM skill_versions WHERE skill_id = ?`,
    skillId,
    skillId,
  )
  expect(new Set(blobs.keys())).toEqual(new Set(needed.map(row => row.sha256)))
  expect(fs.readFileSync(file(), 'utf8')).not.toContain(personal.skillId)
})

test('is emptied once everything was acknowledged', async () => {
  const journal = open()
  addSkill(library, TEAM, 3)
  await journal.settled()
  expect(fs.statSync(file()).size).toBeGreaterThan(1000)
  library.write(() => library.run('DELETE FROM outbox WHERE seq <= 2'))
  await journal.settled()
  expect(seqs()).toEqual(queued())
  library.write(() => library.run('DELETE FROM outbox'))
  await journal.settled()
  expect(fs.statSync(file()).size).toBe(0)
  expect(log).toEqual([])
})

test('a torn last line costs only itself, and what comes after it is written whole', async () => {
  const first = open()
  const { skillId, ids } = addSkill(library, TEAM, 1)
  await first.settled()
  await first.stop()
  const before = seqs()
  fs.truncateSync(file(), fs.statSync(file()).size - 10)
  expect(readJournal(dataDir)).toMatchObject({ damagedLines: 1 })
  expect(seqs()).toEqual(before.slice(0, -1))
  // The next start writes again what was torn, and goes on.
  const next = open()
  addVersion(library, TEAM, skillId, ids[0] ?? null)
  await next.settled()
  expect(seqs()).toEqual(queued())
})

test('a flipped bit costs only its line', async () => {
  const journal = open()
  addSkill(library, TEAM, 2)
  await journal.settled()
  await journal.stop()
  const bytes = fs.readFileSync(file())
  bytes[30] = (bytes[30] ?? 0) ^ 1
  fs.writeFileSync(file(), bytes)
  const read = readJournal(dataDir)
  expect(read.damagedLines).toBe(1)
  expect(read.ops.map(({ op }) => op.seq)).toEqual(queued().slice(1))
})

test('content that a numbered parent has is in the registry, and not written again', async () => {
  const { skillId, ids } = addSkill(library, TEAM, 1)
  library.write(() => {
    library.run('UPDATE skill_versions SET version = 1 WHERE id = ?', ids[0] ?? '')
    library.run('DELETE FROM outbox')
    // The same content once more, as restoring an old version does.
    library.run(
      `INSERT INTO skill_versions (id, tenant_id, skill_id, parent_version_id, content_url, content_hash, content_type, name,
         description, message, created_by, created_at)
       SELECT 'again', tenant_id, skill_id, id, content_url, content_hash, content_type, name, description, 'again', created_by, 2
       FROM skill_versions WHERE id = ?`,
      ids[0] ?? '',
    )
    library.run(
      "INSERT INTO outbox (tenant_id, skill_id, entity, entity_id, operation, due_at, created_at) VALUES (?, ?, 'version', 'again', 'insert', 1, 1)",
      TEAM,
      skillId,
    )
  })
  const journal = open()
  await journal.settled()
  const { ops, blobs } = readJournal(dataDir)
  expect(ops).toHaveLength(1)
  // Its manifest alone.
  expect(blobs.size).toBe(1)
})

test('large content goes in parts, and what waits is not written again with each acknowledgement', async () => {
  const journal = open()
  const [large, ...more] = [9, 2, 2, 2].map(files => addLarge(files))
  await journal.settled()
  const blobs = new Map<string, number>()
  const read = readJournal(dataDir, (name, bytes) => blobs.set(name, bytes.length))
  expect(read.ops.map(({ op }) => op.seq)).toEqual(queued())
  expect([...blobs.values()].filter(bytes => bytes === MB)).toHaveLength(15)

  const was = fs.statSync(file())
  library.write(() => library.run('DELETE FROM outbox WHERE entity_id = ?', more[0] ?? ''))
  await journal.settled()
  expect(fs.statSync(file()).ino).toBe(was.ino)
  expect(seqs()).toEqual(queued())

  library.write(() => library.run('DELETE FROM outbox WHERE entity_id = ?', large ?? ''))
  await journal.settled()
  expect(fs.statSync(file()).size).toBeLessThan(was.size / 2)
  expect(seqs()).toEqual(queued())
  expect(log).toEqual([])
})

const MB = 1024 * 1024
/** A queued version of so many files of a megabyte. */
function addLarge(count: number): string {
  const { ids } = addSkill(library, TEAM, 1)
  const id = ids[0] ?? ''
  library.write(() => {
    const files: Manifest = Array.from({ length: count }, (_, n) => {
      const bytes = randomBytes(MB)
      putBlob(library, sha256(bytes), bytes)
      return { path: `assets/${n}.bin`, sha256: sha256(bytes), size: MB, executable: false }
    })
    const version = library.get<VersionRecord>('SELECT * FROM skill_versions WHERE id = ?', id)
    const { skill_id: skillId, tenant_id: tenantId, created_by: createdBy } = version
    const said = {
      name: 'large',
      description: 'Large.',
      message: 'Large',
      metadata: {},
      createdBy,
      createdAt: 1,
      now: 1,
    }
    const contentHash = putManifest(library, files)
    insertVersion(library, { id: `${id}-large`, tenantId, skillId, parentId: id, mergedId: null, contentHash, ...said })
  })
  return `${id}-large`
}

test('two processes on one library may both write it', async () => {
  const other = openOrThrow(dataDir)
  const [mine, theirs] = [open(), open(other)]
  addSkill(library, TEAM, 1)
  await mine.settled()
  addSkill(other, TEAM, 1)
  await theirs.settled()
  await mine.settled()
  expect(seqs()).toEqual(queued())
  library.write(() => library.run('DELETE FROM outbox'))
  await Promise.all([mine.settled(), theirs.settled()])
  expect(seqs()).toEqual([])
  addSkill(other, TEAM, 1)
  await theirs.settled()
  expect(seqs()).toEqual(queued())
  other.close()
})

test('whose library it is stands beside it, without how far a registry was read and without anything secret', async () => {
  const journal = open()
  library.write(() => library.run('UPDATE sync_states SET settings = \'{"host":"h"}\', since = 99'))
  await journal.settled()
  const kept = readKeptSpaces(dataDir)
  expect(kept.map(({ table, row }) => [table, row.id ?? row.tenant_id])).toEqual([
    ['tenants', PERSONAL],
    ['tenants', TEAM],
    ['users', 'user-personal'],
    ['users', 'user-team'],
    ['spaces', PERSONAL],
    ['spaces', TEAM],
    ['sync_states', TEAM],
  ])
  expect(Object.keys(kept.at(-1)?.row ?? {})).not.toContain('since')
})
