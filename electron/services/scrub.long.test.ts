import fs from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { temporaryFolder } from '../../test/support/backend.ts'
import { addSkill, fillLibrary, openOrThrow, PERSONAL, TEAM } from '../../test/support/library-to-break.ts'
import { findBlob, putBlob } from '../library/blobs.ts'
import type { Library } from '../library/library.ts'
import { listMissingContent } from '../library/missing-content.ts'
import { enqueue, lastQueued, park } from '../library/outbox.ts'
import { listStale } from '../library/search.ts'
import { listWrongTotals } from '../library/totals.ts'
import type { SyncControl } from '../sync/control.ts'
import { PARKED } from '../sync/problems.ts'
import { noTeams } from './no-teams.ts'
import { type Scrubbed, scrub } from './scrub.ts'

let dataDir: string
let library: Library
let log: string[]
beforeEach(() => {
  dataDir = temporaryFolder()
  library = openOrThrow(dataDir)
  fillLibrary(library, 3)
  library.db.pragma('wal_checkpoint(TRUNCATE)')
  log = []
})
afterEach(() => {
  library.close()
  fs.rmSync(dataDir, { recursive: true, force: true })
})

async function run(control: SyncControl = noTeams, signal?: AbortSignal): Promise<Scrubbed & { seen: number[] }> {
  const seen: number[] = []
  const scrubbing = scrub({ library, log: line => log.push(line) }, control, signal)
  for (;;) {
    const step = await scrubbing.next()
    if (step.done === true) return { ...step.value, seen }
    seen.push(step.value.done)
  }
}

/** Flips one bit of a blob in the file itself, past every trigger, as a disk does. */
function damage(name: string): Buffer {
  const found = findBlob(library, name)
  if (found.kind !== 'found') throw new Error('it is damaged already')
  library.db.pragma('wal_checkpoint(TRUNCATE)')
  library.close()
  const file = path.join(dataDir, 'library.db')
  const bytes = fs.readFileSync(file)
  const start = bytes.indexOf(found.bytes.subarray(0, 60))
  if (start === -1 || bytes.indexOf(found.bytes.subarray(0, 60), start + 1) !== -1) throw new Error('not found once')
  bytes[start + 30] = (bytes[start + 30] ?? 0) ^ 1
  fs.writeFileSync(file, bytes)
  library = openOrThrow(dataDir)
  expect(findBlob(library, name).kind).toBe('damaged')
  return found.bytes
}

const filesOf = (versionId: string): { path: string; sha256: string }[] =>
  library.all(
    `SELECT f.value ->> 'path' AS path, f.value ->> 'sha256' AS sha256 FROM skill_versions v
     JOIN blobs m ON m.sha256 = v.content_hash, json_each(CAST(m.bytes AS TEXT)) f WHERE v.id = ?`,
    versionId,
  )
const fileOf = (versionId: string): string => filesOf(versionId).find(file => file.path === 'a.bin')?.sha256 ?? ''
const manifestOf = (versionId: string): string =>
  library.get<{ content_hash: string }>('SELECT content_hash FROM skill_versions WHERE id = ?', versionId).content_hash

test('a sound library is left as it is', async () => {
  const { n } = library.get<{ n: number }>('SELECT count(*) AS n FROM blobs')
  const scrubbed = await run()
  expect(scrubbed).toMatchObject({ checked: n, damaged: 0, repaired: 0, lost: [] })
  expect(scrubbed.seen.at(-1)).toBe(n)
  expect(log).toEqual([])
})

test('a damaged file is found, set apart, and named where nobody has it', async () => {
  const { skillId, ids } = addSkill(library, PERSONAL, 2)
  const name = fileOf(ids[0] ?? '')
  damage(name)
  const scrubbed = await run()
  expect(scrubbed).toMatchObject({ damaged: 1, repaired: 0, lost: [{ sha256: name, of: `${skillId} v1: a.bin` }] })
  expect(findBlob(library, name).kind).toBe('missing')
  expect(fs.readdirSync(path.join(dataDir, 'quarantine'))).toEqual([`${name}.bin`])
})

test('a damaged file is mended from a backup', async () => {
  const { ids } = addSkill(library, PERSONAL, 1)
  const name = fileOf(ids[0] ?? '')
  fs.mkdirSync(path.join(dataDir, 'backups'))
  library.db.prepare('VACUUM INTO ?').run(path.join(dataDir, 'backups', 'library-1.db'))
  const bytes = damage(name)
  expect(await run()).toMatchObject({ damaged: 1, repaired: 1, lost: [] })
  expect(findBlob(library, name)).toEqual({ kind: 'found', bytes })
})

test('what a team was not sent for want of the file goes again once that is mended', async () => {
  const { skillId, ids } = addSkill(library, TEAM, 1)
  const [id = ''] = ids
  enqueue(library, { tenantId: TEAM, skillId, entity: 'version', entityId: id, operation: 'insert', now: 1 })
  const seq = lastQueued(library, TEAM)
  park(library, 'version', id, 'put', seq, PARKED.damaged)
  fs.mkdirSync(path.join(dataDir, 'backups'))
  library.db.prepare('VACUUM INTO ?').run(path.join(dataDir, 'backups', 'library-1.db'))
  damage(fileOf(id))
  const stateOf = () => library.get('SELECT parked_code FROM outbox WHERE seq = ?', seq)
  expect(stateOf()).toEqual({ parked_code: 'damaged' })
  expect(await run()).toMatchObject({ damaged: 1, repaired: 1, lost: [] })
  expect(stateOf()).toEqual({ parked_code: null })
})

test('a damaged manifest and a damaged file of it are both fetched from the registry', async () => {
  const { ids } = addSkill(library, TEAM, 1)
  const [manifest, file] = [manifestOf(ids[0] ?? ''), fileOf(ids[0] ?? '')]
  const there = new Map<string, Buffer>()
  there.set(file, damage(file))
  there.set(manifest, damage(manifest))
  const asked: string[][] = []
  const control: SyncControl = {
    ...noTeams,
    fetch: async (_tenantId, hashes) => {
      asked.push([...hashes])
      for (const hash of hashes) {
        const bytes = there.get(hash)
        if (bytes) library.write(() => putBlob(library, hash, bytes))
      }
      return { kind: 'here' }
    },
  }
  expect(await run(control)).toMatchObject({ damaged: 2, repaired: 2, lost: [] })
  expect(asked.flat().sort()).toEqual([file, manifest].sort())
  expect([...listMissingContent(library)]).toEqual([])
})

test('a registry that brings other bytes mends nothing', async () => {
  const { ids } = addSkill(library, TEAM, 1)
  const name = fileOf(ids[0] ?? '')
  damage(name)
  const control: SyncControl = {
    ...noTeams,
    fetch: async (_tenantId, hashes) => {
      library.write(() => putBlob(library, hashes[0] ?? '', Buffer.from('something else')))
      return { kind: 'here' }
    },
  }
  expect(await run(control)).toMatchObject({ damaged: 1, repaired: 0, lost: [{ sha256: name }] })
  expect(findBlob(library, name).kind).not.toBe('found')
})

test('a name that was damaged is found by its bytes, and content hidden by its index comes back', async () => {
  const { ids } = addSkill(library, PERSONAL, 1)
  const name = fileOf(ids[0] ?? '')
  library.db.pragma('wal_checkpoint(TRUNCATE)')
  library.close()
  const file = path.join(dataDir, 'library.db')
  const bytes = fs.readFileSync(file)
  // The name stands in the row, before its bytes, and once more in the index.
  const places: number[] = []
  for (let at = bytes.indexOf(name); at !== -1; at = bytes.indexOf(name, at + 1)) places.push(at)
  const inIndex = places.find(
    at =>
      !bytes.subarray(at - 8, at + 72).includes('executable') && bytes[at + 64] !== undefined && isIndexPage(bytes, at),
  )
  if (inIndex === undefined) throw new Error('the index does not have the name')
  bytes[inIndex + 3] = (bytes[inIndex + 3] ?? 0) ^ 1
  fs.writeFileSync(file, bytes)
  // The app's own check at the start would see it in a small file; a large one opens.
  const db = new Database(file)
  db.pragma('journal_mode = WAL')
  library.open(db)
  expect(findBlob(library, name).kind).toBe('missing')
  const scrubbed = await run()
  expect(scrubbed.lost).toEqual([])
  expect(findBlob(library, name).kind).toBe('found')
  expect(log.join()).toContain('the index of content')
})

const isIndexPage = (bytes: Buffer, at: number): boolean => [2, 10].includes(bytes[Math.floor(at / 4096) * 4096] ?? 0)

test('totals and search that do not agree with their rows are made again', async () => {
  library.run('UPDATE skill_totals SET ratings = ratings + 7')
  library.run('DELETE FROM stale_skills')
  expect(listWrongTotals(library).length).toBeGreaterThan(0)
  expect(await run()).toMatchObject({ damaged: 0, lost: [] })
  expect(listWrongTotals(library)).toEqual([])
  expect(listStale(library, 100)).toHaveLength(6)
  expect(log.join()).toContain('the search index')
})

test('it can be stopped', async () => {
  const stop = new AbortController()
  stop.abort(new Error('enough'))
  await expect(run(noTeams, stop.signal)).rejects.toThrow('enough')
})

test('what a team has not sent yet, or keeps for us, is not lost', async () => {
  library.run("UPDATE sync_states SET content = 'newest'")
  const { ids } = addSkill(library, TEAM, 1)
  library.run('DELETE FROM blobs WHERE sha256 = ?', fileOf(ids[0] ?? ''))
  expect(await run()).toMatchObject({ damaged: 0, lost: [] })
  library.run("UPDATE sync_states SET content = 'all'")
  expect((await run()).lost).toHaveLength(1)
})
