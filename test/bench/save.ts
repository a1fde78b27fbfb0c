import { hash } from 'node:crypto'
import Database from 'better-sqlite3'
import { configure } from '../../electron/library/open.ts'
import { testBackend } from '../support/backend.ts'
import { ms, percentile } from './figures.ts'

const SAVES = 1_500

/**
 * Saving a version through the service, against what SQLite itself needs at the least: a bare transaction that stores the
 * file, the manifest, the version row and the outbox row, as durable (FULL). Both on the same file, turn by turn.
 */
export async function benchSave(print: (line: string) => void): Promise<void> {
  await using t = await testBackend()
  const { id: skillId } = await t.api.skills.create({ tenantId: t.tenantId, slug: 'bench' })
  const db = new Database(`${t.dataDir}/library.db`)
  configure(db)
  // A team's space, so that saving queues for the registry as well.
  db.exec("UPDATE spaces SET kind = 'team'")
  const bare = bareTransaction(db, t.tenantId)
  const body = 'A line of prose that a person may have written, as long as such lines are.\n'.repeat(100)
  const saves: number[] = []
  const bares: number[] = []
  let expected = (await t.api.workingCopies.get({ skillId })).files[0]?.sha256 ?? null
  for (let n = 0; n < SAVES; n++) {
    const text = `---\nname: bench\ndescription: Number ${n}\n---\n${body}`
    const written = await t.api.workingCopies.write({
      skillId,
      path: 'SKILL.md',
      content: { kind: 'text', text },
      expected,
    })
    expected = written.sha256
    await t.backend.settled()
    const start = performance.now()
    await t.api.versions.save({ skillId, message: `Number ${n}` })
    saves.push(performance.now() - start)
    await t.backend.settled()
    const from = performance.now()
    bare(`bare ${n}\n${text}`, n)
    bares.push(performance.now() - from)
  }
  db.close()
  const kept = (values: number[]) => values.slice(SAVES / 10)
  const rate = (values: number[]) => 1_000 / percentile(values, 50)
  print('save a version (7.6 kB changed), synchronous=FULL')
  print(`  bare transaction   p50 ${ms(percentile(kept(bares), 50))}   p99 ${ms(percentile(kept(bares), 99))}`)
  print(
    `  versions.save      p50 ${ms(percentile(kept(saves), 50))}   p99 ${ms(percentile(kept(saves), 99))} (goal p99 ≤ 5 ms)   ` +
      `${(rate(kept(saves)) / rate(kept(bares))).toFixed(2)}× as many a second as bare (goal ≥ 0.85)`,
  )
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
