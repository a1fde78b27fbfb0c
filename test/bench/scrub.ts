import { randomBytes } from 'node:crypto'
import { rmSync, statSync } from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import { sha256 } from '../../electron/library/blobs.ts'
import { openLibrary } from '../../electron/library/open.ts'
import { scrubInWorker } from '../../electron/library/scrub-worker.ts'
import { insertSkill } from '../../electron/library/skills.ts'
import { insertSpace } from '../../electron/library/spaces.ts'
import { insertVersion } from '../../electron/library/versions.ts'
import { encodeManifest } from '../../shared/domain/bundle.ts'
import { resources, temporaryFolder } from '../support/backend.ts'
import { ms, percentile, timeOf } from './figures.ts'

const SKILLS = 1_000
const VERSIONS = 100

/**
 * Hashing a library of 100,000 versions of 8 KB again, in its own thread, against only reading the same bytes; and what the
 * thread that serves the page notices of it.
 */
export async function benchScrub(print: (line: string) => void): Promise<void> {
  const dataDir = temporaryFolder()
  const file = path.join(dataDir, 'library.db')
  fill(dataDir)
  const seconds: number[] = []
  const ratios: number[] = []
  let late = 0
  let bytes = 0
  for (let n = 0; n < 3; n++) {
    const reading = timeOf(() => readAll(file))
    const start = performance.now()
    const lag = watchLag()
    const found = await scrubInWorker(file, () => undefined)
    late = Math.max(late, lag())
    const took = performance.now() - start
    if (found.damaged.length > 0 || found.missing.length > 0) throw new Error('the library was sound')
    bytes = found.bytes
    seconds.push(took / 1000)
    ratios.push(took / reading)
  }
  print(
    `scrub ${(SKILLS * VERSIONS).toLocaleString('en')} versions of 8 KB (${(bytes / 1e6).toFixed(0)} MB of content, file ${(statSync(file).size / 1e6).toFixed(0)} MB)`,
  )
  print(
    `  all of it           ${percentile(seconds, 50).toFixed(2)} s (goal ≤ 5 s)   ${percentile(ratios, 50).toFixed(2)}× reading alone`,
  )
  print(`  the page's thread   waits at most ${ms(late)} meanwhile`)
  rmSync(dataDir, { recursive: true, force: true })
}

function fill(dataDir: string): void {
  const opened = openLibrary({ dataDir, migrations: path.join(resources.migrations, 'sqlite'), now: Date.now })
  if ('problem' in opened) throw new Error(opened.problem.happened)
  const { library } = opened
  library.db.pragma('synchronous = OFF')
  const user = { id: 'u', name: 'U', email: null }
  library.write(() =>
    insertSpace(library, { tenantId: 't', name: 'T', slug: 't', kind: 'personal', user, note: null, now: 1 }),
  )
  for (let skill = 0; skill < SKILLS; skill++)
    library.write(() => {
      const skillId = `s${skill}`
      insertSkill(library, {
        id: skillId,
        tenantId: 't',
        slug: skillId,
        name: skillId,
        description: '',
        category: null,
        tags: [],
        authorId: 'u',
        now: 1,
      })
      for (let n = 0; n < VERSIONS; n++) {
        const bytes = randomBytes(8_192)
        const name = sha256(bytes)
        const manifest = encodeManifest([{ path: 'SKILL.md', sha256: name, size: bytes.length, executable: false }])
        const contentHash = sha256(manifest)
        library.run('INSERT INTO blobs (sha256, size, bytes) VALUES (?, ?, ?)', name, bytes.length, bytes)
        library.run(
          'INSERT INTO blobs (sha256, size, bytes) VALUES (?, ?, ?)',
          contentHash,
          manifest.length,
          Buffer.from(manifest),
        )
        insertVersion(library, {
          id: `${skillId}-${n}`,
          tenantId: 't',
          skillId,
          parentId: n === 0 ? null : `${skillId}-${n - 1}`,
          mergedId: null,
          number: n + 1,
          contentHash,
          name: skillId,
          description: '',
          message: '',
          metadata: {},
          createdBy: 'u',
          createdAt: 1,
          now: 1,
        })
      }
    })
  library.close()
}

function readAll(file: string): void {
  const db = new Database(file, { readonly: true })
  db.pragma('mmap_size = 1073741824')
  let bytes = 0
  for (const row of db.prepare<[], { bytes: Buffer }>('SELECT bytes FROM blobs').iterate()) bytes += row.bytes.length
  db.close()
  if (bytes === 0) throw new Error('nothing was read')
}

/** The longest that this thread did not get its turn. */
function watchLag(): () => number {
  let worst = 0
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    worst = Math.max(worst, now - last - 5)
    last = now
  }, 5)
  return () => {
    clearInterval(timer)
    return Math.max(0, worst)
  }
}

if (import.meta.filename === process.argv[1]) await benchScrub(console.log)
