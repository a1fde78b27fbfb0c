import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { putBlob, sha256 } from '../../electron/library/blobs.ts'
import type { Library } from '../../electron/library/library.ts'
import { openLibrary } from '../../electron/library/open.ts'
import { enqueue } from '../../electron/library/outbox.ts'
import { upsertRating } from '../../electron/library/ratings.ts'
import { writeSetting } from '../../electron/library/settings.ts'
import { insertSkill, setNewest } from '../../electron/library/skills.ts'
import { insertSpace } from '../../electron/library/spaces.ts'
import { insertVersion } from '../../electron/library/versions.ts'
import { insertWorkingCopy, putWorkingFile } from '../../electron/library/working-copies.ts'
import { encodeManifest } from '../../shared/domain/bundle.ts'
import { resources } from './backend.ts'

export const migrations = path.join(resources.migrations, 'sqlite')
export const at = Date.UTC(2026, 0, 2, 3, 4, 5)
export const PERSONAL = 'tenant-personal'
export const TEAM = 'tenant-team'

export function openOrThrow(dataDir: string, asItIs = false): Library {
  const opened = openLibrary({ dataDir, migrations, now: () => at, asItIs })
  if ('problem' in opened) throw new Error(`${opened.problem.code}: ${opened.problem.happened}`)
  return opened.library
}

let lastId = 0
const id = (kind: string): string => `${kind}-${String(++lastId).padStart(8, '0')}`

/** A personal space and a team's, as the app makes them. */
export function addSpaces(library: Library): void {
  library.write(() => {
    for (const [tenantId, kind] of [
      [PERSONAL, 'personal'],
      [TEAM, 'team'],
    ] as const) {
      const user = { id: `user-${kind}`, name: `Author of ${kind}`, email: null }
      insertSpace(library, { tenantId, name: `Space ${kind}`, slug: kind, kind, user, note: null, now: at })
    }
    library.run(
      "INSERT INTO sync_states (tenant_id, host, since, epoch, role, paused, created_at) VALUES (?, 'host', 7, 'e', 'author', 0, 1)",
      TEAM,
    )
  })
}

/** A skill with `versions` versions of two files; every third one has a file that overflows its page. Answers their ids. */
export function addSkill(library: Library, tenantId: string, versions: number): { skillId: string; ids: string[] } {
  const skillId = id('skill')
  const ids: string[] = []
  const kind = tenantId === TEAM ? 'team' : 'personal'
  library.write(() => {
    const name = `name of ${skillId}`
    insertSkill(library, {
      id: skillId,
      tenantId,
      slug: skillId,
      name,
      description: '',
      category: null,
      tags: ['a'],
      authorId: `user-${kind}`,
      now: at,
    })
    enqueue(library, { tenantId, skillId, entity: 'skill', entityId: skillId, operation: 'insert', now: at })
  })
  for (let n = 0; n < versions; n++) ids.push(addVersion(library, tenantId, skillId, ids.at(-1) ?? null, n % 3 === 2))
  return { skillId, ids }
}

export function addVersion(
  library: Library,
  tenantId: string,
  skillId: string,
  parentId: string | null,
  large = false,
): string {
  const versionId = id('version')
  library.write(() => {
    const texts: [string, Buffer][] = [
      ['SKILL.md', Buffer.from(`---\nname: ${skillId}\ndescription: of ${versionId}\n---\n${'words '.repeat(60)}`)],
      ['a.bin', randomBytes(large ? 15_000 : 100)],
    ]
    for (const [, bytes] of texts) putBlob(library, sha256(bytes), bytes)
    const manifest = encodeManifest(
      texts.map(([file, bytes]) => ({ path: file, sha256: sha256(bytes), size: bytes.length, executable: false })),
    )
    const contentHash = sha256(manifest)
    putBlob(library, contentHash, Buffer.from(manifest))
    insertVersion(library, {
      id: versionId,
      tenantId,
      skillId,
      parentId,
      mergedId: null,
      contentHash,
      name: skillId,
      description: `of ${versionId}`,
      message: `saved ${versionId}`,
      metadata: {},
      createdBy: `user-${tenantId === TEAM ? 'team' : 'personal'}`,
      createdAt: at,
      now: at,
    })
    setNewest(library, skillId, { id: versionId, name: skillId, description: `of ${versionId}` }, at)
  })
  return versionId
}

export function addRating(library: Library, tenantId: string, skillId: string, versionId: string): void {
  const ratingId = id('rating')
  library.write(() => {
    upsertRating(library, {
      id: ratingId,
      tenant_id: tenantId,
      skill_id: skillId,
      skill_version_id: versionId,
      user_id: `user-${tenantId === TEAM ? 'team' : 'personal'}`,
      rating: 4,
      comment: 'good',
      hours_saved_estimate: 0,
      created_at: at,
      updated_at: at,
    })
    enqueue(library, { tenantId, skillId, entity: 'rating', entityId: ratingId, operation: 'insert', now: at })
  })
}

export function addWorkingCopy(library: Library, skillId: string, baseId: string): void {
  const bytes = Buffer.from(`typed and not saved, ${skillId}`)
  library.write(() => {
    const copy = { skill_id: skillId, base_version_id: baseId, changed: 1, name: 'n', description: 'd', saved_at: at }
    insertWorkingCopy(library, copy, [])
    putWorkingFile(
      library,
      skillId,
      { path: 'SKILL.md', sha256: sha256(bytes), size: bytes.length, executable: false },
      bytes,
    )
  })
}

/** A library with something of everything in it. */
export function fillLibrary(library: Library, skills = 12): void {
  addSpaces(library)
  for (let n = 0; n < skills; n++)
    for (const tenantId of [PERSONAL, TEAM]) {
      const { skillId, ids } = addSkill(library, tenantId, 4)
      const newest = ids.at(-1) ?? ''
      if (n % 2 === 0) addRating(library, tenantId, skillId, newest)
      if (n % 3 === 0) addWorkingCopy(library, skillId, newest)
      library.run(
        'INSERT INTO import_origins (tenant_id, origin, skill_id, imported_at) VALUES (?, ?, ?, 1)',
        tenantId,
        `/somewhere/${skillId}`,
        skillId,
      )
    }
  library.write(() => {
    for (let n = 0; n < 20; n++) writeSetting(library, `key${n}`, { value: n, text: 'x'.repeat(300) })
  })
}
