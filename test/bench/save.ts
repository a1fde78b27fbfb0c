import { hash } from 'node:crypto'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { createRouterClient, EventPublisher } from '@orpc/server'
import type Database from 'better-sqlite3'
import { v7 } from 'uuid'
import type { Library } from '../../electron/library/library.ts'
import { openLibrary } from '../../electron/library/open.ts'
import { insertSpace } from '../../electron/library/spaces.ts'
import type { Context } from '../../electron/services/context.ts'
import { Folders } from '../../electron/services/folders.ts'
import { Indexer } from '../../electron/services/indexing.ts'
import { noTeams } from '../../electron/services/no-teams.ts'
import { skillsService } from '../../electron/services/skills.ts'
import { versionsService } from '../../electron/services/versions.ts'
import { workingCopiesService } from '../../electron/services/working-copies.ts'
import { notReached, resources, temporaryFolder } from '../support/backend.ts'
import { ms, percentile } from './figures.ts'

const SAVES = 1_500

/**
 * Saving a version through the service, against what SQLite itself needs at the least: a bare transaction that stores the
 * file, the manifest, the version row and the outbox row, as durable (FULL). Both on one connection, turn by turn, each after
 * the same autosave and indexing, so that caches and disk are alike.
 */
export async function benchSave(print: (line: string) => void): Promise<void> {
  const dataDir = temporaryFolder()
  const opened = openLibrary({ dataDir, migrations: path.join(resources.migrations, 'sqlite'), now: Date.now })
  if ('problem' in opened) throw new Error(opened.problem.happened)
  const { library } = opened
  const { api, indexer } = services(library)
  const tenantId = 'team'
  // A team's space, so that saving queues for the registry as well.
  const user = { id: v7(), name: 'U', email: null }
  library.write(() => insertSpace(library, { tenantId, name: 'T', slug: 't', kind: 'team', user, note: null, now: 1 }))
  const { id: skillId } = await api.skills.create({ tenantId, slug: 'bench' })
  const bare = bareTransaction(library.db, tenantId)
  const body = 'A line of prose that a person may have written, as long as such lines are.\n'.repeat(100)
  let expected = (await api.workingCopies.get({ skillId })).files[0]?.sha256 ?? null
  const type = async (text: string) => {
    const content = { kind: 'text', text } as const
    expected = (await api.workingCopies.write({ skillId, path: 'SKILL.md', content, expected })).sha256
    await indexer.settled()
  }
  const saves: number[] = []
  const bares: number[] = []
  for (let n = 0; n < SAVES; n++) {
    const text = (kind: string) => `---\nname: bench\ndescription: ${kind} ${n}\n---\n${body}`
    await type(text('to be saved'))
    const start = performance.now()
    await api.versions.save({ skillId, message: `Number ${n}` })
    saves.push(performance.now() - start)
    await indexer.settled()
    await type(text('to be left'))
    const from = performance.now()
    bare(text('bare'), n)
    bares.push(performance.now() - from)
  }
  indexer.stop()
  library.close()
  rmSync(dataDir, { recursive: true, force: true })
  const kept = (values: number[]) => values.slice(SAVES / 10)
  const rate = (values: number[]) => 1_000 / percentile(values, 50)
  print('save a version (7.6 kB changed), synchronous=FULL')
  print(`  bare transaction   p50 ${ms(percentile(kept(bares), 50))}   p99 ${ms(percentile(kept(bares), 99))}`)
  print(
    `  versions.save      p50 ${ms(percentile(kept(saves), 50))}   p99 ${ms(percentile(kept(saves), 99))} (goal p99 ≤ 5 ms)   ` +
      `${(rate(kept(saves)) / rate(kept(bares))).toFixed(2)}× as many a second as bare (goal ≥ 0.85)`,
  )
}

/** The real services on a library of which the bench holds the connection, too. */
function services(library: Library) {
  const context: Context = {
    library,
    clock: Date.now,
    newId: v7,
    home: '',
    platform: process.platform,
    sample: '',
    folders: new Folders(''),
    ...notReached,
    changes: new EventPublisher(),
    log: () => {},
  }
  const indexer = new Indexer(context)
  const api = createRouterClient({
    skills: skillsService(context, indexer),
    workingCopies: workingCopiesService(context),
    versions: versionsService(context, indexer, noTeams),
  })
  return { api, indexer }
}

function bareTransaction(db: Database.Database, tenantId: string): (text: string, n: number) => void {
  const user = db.prepare<[], { user_id: string }>('SELECT user_id FROM spaces').get()?.user_id
  db.prepare(
    "INSERT INTO skills (id, tenant_id, slug, name, author_id, created_at, updated_at) VALUES ('bare', ?, 'bare', 'bare', ?, 1, 1)",
  ).run(tenantId, user)
  const blob = db.prepare('INSERT INTO blobs (sha256, size, bytes) VALUES (?, ?, ?)')
  const version = db.prepare(
    `INSERT INTO skill_versions (id, tenant_id, skill_id, version, content_url, content_hash, content_type, name, description,
       message, created_by, created_at) VALUES (?, ?, 'bare', ?, '', ?, '', 'bare', '', '', ?, 1)`,
  )
  const outbox = db.prepare(
    "INSERT INTO outbox (tenant_id, skill_id, entity, entity_id, operation, due_at, created_at) VALUES (?, 'bare', 'version', ?, 'insert', 1, 1)",
  )
  const stale = db.prepare('DELETE FROM stale_skills')
  return (text, n) => {
    const bytes = Buffer.from(text)
    const name = hash('sha256', bytes, 'hex')
    const manifest = JSON.stringify([{ path: 'SKILL.md', sha256: name, size: bytes.byteLength, executable: false }])
    const contentHash = hash('sha256', manifest, 'hex')
    db.exec('BEGIN IMMEDIATE')
    blob.run(name, bytes.byteLength, bytes)
    blob.run(contentHash, manifest.length, Buffer.from(manifest))
    version.run(`bare-${n}`, tenantId, n + 1, contentHash, user)
    outbox.run(tenantId, `bare-${n}`)
    stale.run()
    db.exec('COMMIT')
  }
}

if (import.meta.filename === process.argv[1]) await benchSave(console.log)
